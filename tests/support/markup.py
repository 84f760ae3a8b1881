"""Reads HTML as a tree of plain facts, so that tests ask for elements and not text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})


@dataclass
class Element:
    """An element; `text` is what it and its children say, blanks joined."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the words inside, children's included."""
        return " ".join("".join(self.pieces).split())

    def __getitem__(self, name: str) -> str:
        """Return an attribute's value; an attribute without one is ''."""
        return self.attributes[name]

    def __contains__(self, name: str) -> bool:
        """Return whether the element carries the attribute."""
        return name in self.attributes

    def walk(self) -> Iterator["Element"]:
        """Yield the element and all inside it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, tag: str | None = None, **attributes: str) -> list["Element"]:
        """Return the elements of this tag with these attributes."""
        wanted = {
            name.strip("_").replace("_", "-"): value
            for name, value in attributes.items()
        }
        return [
            element
            for element in self.walk()
            if (tag is None or element.tag == tag)
            and all(element.attributes.get(name) == v for name, v in wanted.items())
        ]

    def one(self, tag: str | None = None, **attributes: str) -> "Element":
        """Return the only element of this tag with these attributes."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.pieces.append(data)


def parse(html: str) -> Element:
    """Return the tree of a page or a fragment; crooked markup is an error."""
    tree = _Tree()
    tree.feed(html)
    tree.close()
    assert len(tree.open) == 1, f"<{tree.open[-1].tag}> is never closed"
    return tree.open[0]
