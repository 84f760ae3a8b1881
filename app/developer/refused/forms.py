"""What is asked before a redirect URI is registered that leads to another place."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from app.errors import DomainError
from app.web.forms import PLAIN_INPUT


class AddForm(FlaskForm):
    """The version of the app that was looked at, and the place, typed."""

    version = HiddenField()
    typed = StringField(
        "Confirm the address", validators=[InputRequired()], render_kw=PLAIN_INPUT
    )

    def check_place(self, place: str) -> None:
        """Raise DomainError unless `place` was typed."""
        typed = (self.typed.data or "").strip().lower()
        if not typed:
            raise DomainError(f"Type {place} to confirm.", field="typed")
        if typed != place:
            raise DomainError(f"That is not {place}. Nothing was added.", field="typed")
