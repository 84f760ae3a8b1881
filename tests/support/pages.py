"""What a page says and asks for, read as a browser without scripts reads it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

Values = list[tuple[str, str]]


@dataclass
class Form:
    """A form with the values that its fields have when the page arrives."""

    action: str
    method: str
    fields: Values = field(default_factory=list)

    def filled_in(self, values: dict[str, str | list[str] | None]) -> Values:
        """Return what is sent when `values` are entered; null leaves a field out."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        for name, value in values.items():
            several = value if isinstance(value, list) else [value]
            kept += [(name, one) for one in several if one is not None]
        return kept


def forms_in(page: str) -> list[Form]:
    """Return the forms of a page in order."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def form_in(page: str, action: str) -> Form:
    """Return the first form of a page whose action matches the pattern `action`."""
    forms = forms_in(page)
    for form in forms:
        if re.search(action, form.action):
            return form
    raise AssertionError(f"no form {action!r} in {[form.action for form in forms]}")


class _Forms(HTMLParser):
    """Collects forms; buttons are left out, since none or one of them is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._is_open = False
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                Form(values.get("action", ""), values.get("method", "get"))
            )
            self._is_open = True
        elif self._is_open and "disabled" not in values:
            self._handle_field(tag, values)

    def _handle_field(self, tag: str, values: dict[str, str]) -> None:
        name = values.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in values:
            self._add(self._select, values.get("value", ""))
        elif tag == "textarea":
            self._textarea = name
            self._add(name, "")
        elif tag == "input" and _is_sent(values):
            self._add(name, values.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            name, value = self.forms[-1].fields[-1]
            # HTML drops the newline that follows the opening tag.
            text = value + data if value else data.removeprefix("\n")
            self.forms[-1].fields[-1] = (name, text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def _add(self, name: str, value: str) -> None:
        if name:
            self.forms[-1].fields.append((name, value))


def _is_sent(values: dict[str, str]) -> bool:
    kind = values.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return "checked" in values
    return kind not in {"submit", "button", "reset", "image", "file"}
