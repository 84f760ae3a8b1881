"""The shape of what administrators say about the end of secrets."""

from datetime import datetime, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from app.clients.models import ClientSecret
from app.clock import utcnow
from app.developer.fields import MomentField

NOW = "now"
SPANS = {
    NOW: timedelta(),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
AT = "at"
LONGEST = timedelta(days=3653)
_LATER = (
    SelectChoice("1d", "In 24 hours"),
    SelectChoice("7d", "In 7 days"),
    SelectChoice("30d", "In 30 days"),
    SelectChoice(AT, "At a date and time"),
)


class EndForm(FlaskForm):
    """When something ends: after a span, at a moment, or not by itself."""

    ends: SelectField
    ends_at = MomentField("Date and time (UTC)")

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at shapes, and whether the moment is one that can be kept."""
        is_valid = bool(super().validate(extra_validators))
        if self.ends.data == AT and not self.ends_at.errors:
            self.ends_at.errors = [*self.ends_at.errors, *self._problems()]
        return is_valid and not self.ends_at.errors

    def moment(self, now: datetime) -> datetime | None:
        """Return when it ends, null if not by itself."""
        if self.ends.data == AT:
            return self.ends_at.moment
        span = SPANS.get(self.ends.data or "")
        return None if span is None else now + span

    def _problems(self) -> list[str]:
        moment, now = self.ends_at.moment, utcnow()
        if moment is None:
            return ["Enter the date and time when it expires."]
        if moment <= now:
            return ["Enter a time in the future."]
        if moment - now > LONGEST:
            return ["Enter a time within ten years."]
        return []


class NewSecretForm(EndForm):
    """What becomes of the other secrets when a new one is made."""

    ends = SelectField(
        "When should the current secrets expire?",
        choices=[
            SelectChoice("keep", "Keep them for now"),
            SelectChoice(NOW, "Now"),
            *_LATER,
        ],
        default="keep",
    )
    newest = HiddenField()


class ReplaceForm(FlaskForm):
    """The answer to the question whether all other secrets end now.

    `newest` names the secrets that the question was about.
    """

    newest = HiddenField()


class SecretEndForm(EndForm):
    """When one secret ends."""

    ends = SelectField(
        "When should it expire?",
        choices=[SelectChoice("keep", "Never"), *_LATER],
        default="7d",
    )

    @classmethod
    def of(cls, secret: ClientSecret) -> "SecretEndForm":
        """Return the form as `secret` stands."""
        form = cls(formdata=None)
        if secret.expires_at is not None:
            form.ends.data = AT
            form.ends_at.data = secret.expires_at.strftime("%Y-%m-%dT%H:%M")
        return form
