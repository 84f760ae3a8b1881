"""What people choose before a trial: the scopes to ask for."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from app.access.scopes import MAXIMUM_LENGTH, fits_a_token, join_scope, parse_scope
from app.errors import DomainError
from app.traffic.redaction import without_secrets
from app.web.forms import PLAIN_INPUT, Checkboxes

#: More boxes than that are no choice but a search.
MAXIMUM_BOXES = 24


class TrialForm(FlaskForm):
    """Which scopes to ask for; none of them is all of them."""

    offered: frozenset[str] = frozenset()
    chosen = Checkboxes("Scopes to request")
    others = StringField(
        "Other scopes",
        description="Separate names with spaces. Try a wrong one to see it refused.",
        render_kw={
            **PLAIN_INPUT,
            "class": "mono",
            "maxlength": MAXIMUM_LENGTH,
        },
    )

    @classmethod
    def of(
        cls, prefix: str, scopes: Iterable[str], *, is_sent: bool = False
    ) -> "TrialForm":
        """Return the form as this request sends it, or empty, offering `scopes`."""
        form = cls(prefix=prefix) if is_sent else cls(formdata=None, prefix=prefix)
        names = list(scopes)
        form.offered = frozenset(names)
        form.chosen.choices = [SelectChoice(name) for name in names[:MAXIMUM_BOXES]]
        return form

    def validate_others(self, field: StringField) -> None:
        """Refuse what no request can spell, and what looks like a secret.

        The names are kept with the trial, and a page tells them.
        """
        try:
            wanted = parse_scope(" ".join((field.data or "").split()))
        except DomainError as error:
            raise ValidationError(error.message) from None
        if any(without_secrets(name) != name for name in wanted - self.offered):
            field.data = ""
            raise ValidationError("That looked like a secret or a token, not a scope.")
        if not fits_a_token(wanted | set(self.chosen.data or ())):
            raise ValidationError("These are too many scopes for one request.")

    @property
    def scope(self) -> str:
        """The scopes as a `scope` parameter; empty where none was named."""
        others = parse_scope(" ".join((self.others.data or "").split()))
        return join_scope(others | set(self.chosen.data or ()))
