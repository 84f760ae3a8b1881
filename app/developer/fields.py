"""Kinds of fields that forms about apps are made of."""

from collections.abc import Sequence

from wtforms import IntegerField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


class Checkboxes(SelectMultipleField):
    """Several choices, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SecondsField(IntegerField):
    """A number of seconds, or nothing for the default."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
            return
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            self.data = None
            raise ValueError("Write a whole number of seconds, such as 3600.")
        self.data = int(text)


def version_in(text: str | None) -> int:
    """Return the version that a hidden field names; 0, which none has, for anything."""
    text = str(text or "")
    is_number = text.isascii() and text.isdigit() and len(text) <= 9
    return int(text) if is_number else 0
