"""The shape of what administrators fill in on the other tabs of an app."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.clients.models import Client
from app.developer.app_forms import SettingsForm
from app.developer.fields import PLAIN_INPUT, Checkboxes
from app.errors import DomainError


class HoldingsForm(FlaskForm):
    """The roles and direct permissions of an app."""

    roles = Checkboxes("Roles")
    permissions = Checkboxes("Direct permissions")
    state = HiddenField()


class ScopesForm(FlaskForm):
    """What an app may ask users for."""

    ask_for = RadioField(
        "It may ask for",
        choices=[
            SelectChoice("all", "Everything that apps may ask for, now and later"),
            SelectChoice("some", "Only these"),
        ],
        validators=[InputRequired("Choose one of the two.")],
    )
    scopes = Checkboxes("Permissions")
    version = HiddenField()

    expected_version = SettingsForm.expected_version

    def chosen(self, client: Client) -> tuple[str, ...] | None:
        """Return the chosen names, or null for all that apps may ask for.

        What `client` may ask for and the form does not offer, such as openid, stays.
        """
        if self.ask_for.data == "all":
            return None
        offered = {choice.value for choice in self.scopes.choices}
        kept = set(client.scopes or ()) - offered
        return tuple(sorted(kept.union(self.scopes.data or ())))


class TransferForm(FlaskForm):
    """Who shall own the app."""

    owner = StringField(
        "E-mail address of the new owner",
        validators=[InputRequired("Type the e-mail address of the new owner.")],
        render_kw={**PLAIN_INPUT, "type": "email"},
    )


class DeleteForm(FlaskForm):
    """The app's name, typed by whoever means to delete it."""

    name = StringField(
        "Name of the app",
        validators=[InputRequired("Type the name of the app.")],
        render_kw=PLAIN_INPUT,
    )


def show_refusal(form: FlaskForm, refusal: DomainError) -> None:
    """Put a rule's refusal beside the field that it is about, or above the form."""
    if refusal.field and refusal.field in form:
        field = form[refusal.field]
        field.errors = [*field.errors, refusal.message]
    else:
        form.form_errors.append(refusal.message)
