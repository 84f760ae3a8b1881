"""Kinds of fields that forms about apps are made of."""

from collections.abc import Sequence
from datetime import UTC, datetime

from wtforms import IntegerField, StringField
from wtforms.widgets import DateTimeLocalInput

from app.web.parsing import number_in


class SecondsField(IntegerField):
    """A number of seconds, or nothing for the default."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
            return
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            self.data = None
            raise ValueError("Enter a whole number of seconds, such as 3600.")
        self.data = int(text)


def version_in(text: str | None) -> int:
    """Return the version that a hidden field names; 0, which none has, for anything."""
    return number_in(text, 0)


class MomentField(StringField):
    """A day and a time of day, in UTC."""

    widget = DateTimeLocalInput()
    moment: datetime | None = None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = valuelist[0].strip()[:40] if valuelist else ""
        self.moment = None
        if not self.data:
            return
        try:
            moment = datetime.fromisoformat(self.data)
            moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(
                "Enter a date and time, such as 2030-01-31T09:00."
            ) from error
        self.moment = moment
