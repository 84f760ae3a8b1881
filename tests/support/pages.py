"""What a page asks for, read as a browser without scripts reads it."""

import re
from dataclasses import dataclass

from tests.support.markup import Element, parse

Fields = list[tuple[str, str]]
#: What is entered in place of a field's own value; null leaves the field out.
Values = dict[str, str | list[str] | None]


@dataclass(frozen=True)
class Form:
    """A form with the values that its fields have when the page arrives."""

    action: str
    fields: Fields

    def filled_in(self, values: Values) -> Fields:
        """Return what is sent when `values` are entered."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        for name, value in values.items():
            several = value if isinstance(value, list) else [value]
            kept += [(name, one) for one in several if one is not None]
        return kept


def form_in(page: str, action: str) -> Form:
    """Return the first form of a page whose action matches the pattern `action`."""
    actions = []
    for element in parse(page).all("form"):
        actions.append(element.attributes.get("action", ""))
        if re.search(action, actions[-1]):
            return Form(actions[-1], list(_fields(element)))
    raise AssertionError(f"no form {action!r} in {actions}")


def choice_in(page: str, label: str, *, section: str) -> str:
    """Return the value of the box with this label in the section with this id."""
    part = parse(page).one(id=section)
    labels = [found for found in part.all("label") if found.text == label]
    assert len(labels) == 1, f"{len(labels)} boxes are labelled {label!r}"
    return part.one("input", id=labels[0]["for"])["value"]


def _fields(form: Element) -> Fields:
    """Return what the form sends as it stands; no button is pressed."""
    fields: Fields = []
    for element in form.walk():
        name = element.attributes.get("name")
        if not name or "disabled" in element:
            continue
        if element.tag == "input" and _is_sent(element):
            fields.append((name, element.attributes.get("value", "on")))
        elif element.tag == "textarea":
            # HTML drops the newline that follows the opening tag.
            text = "".join(element.pieces).removeprefix("\r\n").removeprefix("\n")
            fields.append((name, text))
        elif element.tag == "select":
            fields += [(name, option["value"]) for option in _selected(element)]
    return fields


def _is_sent(element: Element) -> bool:
    kind = element.attributes.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return "checked" in element
    return kind not in {"submit", "button", "reset", "image", "file"}


def _selected(select: Element) -> list[Element]:
    options = select.all("option")
    chosen = [option for option in options if "selected" in option]
    if chosen or "multiple" in select:
        return chosen
    return options[:1]
