"""The shape of what the Permissions tab sends."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.access.models import Permission, Role
from app.clients.models import Client
from app.developer.fields import version_in
from app.web.forms import Checkboxes

PREVIEW = "preview"
#: Scopes that are no permissions and that people may leave out all the same.
OF_THE_PERSON = ("profile", "email")


class HoldingsForm(FlaskForm):
    """The roles and direct permissions of an app, and the state they were read from."""

    roles = Checkboxes("Roles")
    permissions = Checkboxes("Direct permissions")
    state = HiddenField()
    step = HiddenField()

    def offer(self, roles: Iterable[Role], permissions: Iterable[Permission]) -> None:
        """Let people choose among these."""
        self.roles.choices = [SelectChoice(str(role.id), role.name) for role in roles]
        self.permissions.choices = [
            SelectChoice(str(p.id), p.name) for p in permissions
        ]

    @property
    def is_preview(self) -> bool:
        """Whether the person only wants to see what saving would change."""
        return bool(self.step.data == PREVIEW)


class ScopesForm(FlaskForm):
    """What an app may ask users for, and what of it they may leave out."""

    ask_for = RadioField(
        "It may ask for",
        choices=[
            SelectChoice("all", "Every delegable permission, including future ones"),
            SelectChoice("some", "Only these"),
        ],
        validators=[InputRequired("Choose one.")],
    )
    scopes = Checkboxes("It may ask for these")
    optional_scopes = Checkboxes("Optional for people")
    version = HiddenField()

    def offer(self, permissions: Iterable[Permission]) -> None:
        """Let people choose among those of `permissions` that apps may ask for."""
        names = [p.name for p in permissions if p.is_delegable]
        self.scopes.choices = [SelectChoice(name) for name in names]
        self.optional_scopes.choices = [
            SelectChoice(name) for name in (*names, *OF_THE_PERSON)
        ]

    @property
    def expected_version(self) -> int:
        """The state that the form was filled in from; 0 if it does not say."""
        return version_in(self.version.data)

    def chosen(self, client: Client) -> tuple[str, ...] | None:
        """Return the chosen names, or null for all that apps may ask for.

        What `client` may ask for and the form does not offer, such as openid, stays.
        """
        if self.ask_for.data == "all":
            return None
        offered = {choice.value for choice in self.scopes.choices}
        kept = set(client.scopes or ()) - offered
        return tuple(sorted(kept.union(self.scopes.data or ())))

    def chosen_optional(self, client: Client) -> tuple[str, ...]:
        """Return what people may leave out; what is not asked for is not among it."""
        offered = {choice.value for choice in self.optional_scopes.choices}
        kept = set(client.optional_scopes) - offered
        wanted = kept.union(self.optional_scopes.data or ())
        scopes = self.chosen(client)
        if scopes is not None:
            wanted &= {*scopes, *OF_THE_PERSON}
        return tuple(sorted(wanted))
