"""The shape of what administrators say about an app; the rules are in `clients`."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.access.models import Permission
from app.clients.details import (
    DESCRIPTION_LENGTH,
    MAXIMUM_REDIRECT_URIS,
    NAME_LENGTH,
    ClientDetails,
    details_of,
)
from app.clients.lifetimes import TTL_FIELDS
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client
from app.clients.redirect_uris import explain_problem, parse_lines
from app.developer.fields import SecondsField, version_in
from app.developer.registration.presets import (
    AUTH_METHOD_LABELS,
    EITHER_METHOD,
    PRESETS,
    Preset,
)
from app.errors import DomainError
from app.web.forms import PLAIN_INPUT, Checkboxes

GRANT_LABELS = (
    SelectChoice(AUTHORIZATION_CODE),
    SelectChoice(CLIENT_CREDENTIALS),
)
_KEPT = ("name", "description", "grant_types", "is_pkce_required", "version")


class WhoForm(FlaskForm):
    """The question that comes first; declared first, so are its errors."""

    who = RadioField(
        "Who acts?",
        choices=[SelectChoice(preset.key, preset.label) for preset in PRESETS.values()],
        validators=[InputRequired("Say who acts: the rest follows from it.")],
    )


class AppForm(FlaskForm):
    """What every app says about itself."""

    name = StringField(
        "Name",
        description="People read it when they are asked to allow the app.",
        validators=[InputRequired("Give the app a name that people recognise.")],
        render_kw={"autocomplete": "off", "maxlength": NAME_LENGTH},
    )
    description = TextAreaField(
        "Description",
        description="What it is for, in a sentence.",
        render_kw={"rows": 2, "maxlength": DESCRIPTION_LENGTH, "class": "words"},
    )
    redirect_uris = TextAreaField(
        "Redirect URIs",
        description=(
            "Where people return to after they allowed the app, one address per line. "
            "Addresses are compared character by character."
        ),
        render_kw={
            **PLAIN_INPUT,
            "rows": 3,
            "placeholder": "https://app.example.com/signed-in",
        },
    )

    def read_redirect_uris(self, *, is_confidential: bool) -> tuple[str, ...]:
        """Return the addresses typed; note how many are wrong.

        What is wrong with each, and what mends it, is said once: where they are judged.
        """
        uris = parse_lines(self.redirect_uris.data or "")
        wrong = sum(
            explain_problem(uri, is_confidential=is_confidential) is not None
            for uri in uris[:MAXIMUM_REDIRECT_URIS]
        )
        if wrong:
            error = f"{wrong} of {len(uris)} cannot be used: see each below."
            if len(uris) == 1:
                error = "This address cannot be used: see why below."
            self.redirect_uris.errors = [*self.redirect_uris.errors, error]
        return tuple(uris)


class NewAppForm(WhoForm, AppForm):
    """A new app, and the proof that it is not the same form sent again."""

    permissions = Checkboxes("What it may do as itself")
    ask_for = RadioField(
        "What it may ask people for",
        choices=[
            SelectChoice("all", "Everything that apps may ask for, now and later"),
            SelectChoice("some", "Only these"),
        ],
        default="all",
    )
    scopes = Checkboxes("Only these")
    idempotency_key = HiddenField()

    def offer(self, permissions: Iterable[Permission]) -> None:
        """Let people choose among `permissions`."""
        every = list(permissions)
        # Where it is not needed, it is not shown.
        self.redirect_uris.flags.required = True
        self.permissions.choices = [SelectChoice(p.name) for p in every]
        self.scopes.choices = [SelectChoice(p.name) for p in every if p.is_delegable]

    def begin_another(self, *, registered: str) -> DomainError:
        """Make what is typed the form of another app; return what is to be said."""
        self.new_key()
        return DomainError(
            f"This form has registered {registered} already; nothing was registered "
            "now. Send it again to register another app, with what stands here."
        )

    def new_key(self) -> None:
        """Mark this form as one that was never sent."""
        self.idempotency_key.data = uuid.uuid4().hex

    @property
    def is_answered(self) -> bool:
        """Whether the first question has an answer."""
        return self.who.data in PRESETS

    @property
    def preset(self) -> Preset:
        """The answer to the first question."""
        return PRESETS[self.who.data]

    @property
    def is_confidential(self) -> bool:
        """Whether it would keep a secret; who has not said so yet is judged mildly."""
        return self.is_answered and self.preset.is_confidential

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at shapes, and at the addresses of apps that people return to."""
        is_valid = bool(super().validate(extra_validators))
        if not self.is_answered:
            # The rest is not shown before the answer, so nothing is said of it.
            self.name.errors = []
        elif self.preset.acts_for_people:
            self.read_redirect_uris(is_confidential=self.preset.is_confidential)
        return is_valid and not self.redirect_uris.errors

    def details(self, *, owner_id: uuid.UUID) -> ClientDetails:
        """Return what was said, for the service."""
        preset = self.preset
        lines = self.redirect_uris.data or ""
        return ClientDetails(
            name=self.name.data,
            description=self.description.data or "",
            grant_types=preset.grant_types,
            is_confidential=preset.is_confidential,
            # A service on its own is nowhere to return to: the field was not shown.
            redirect_uris=tuple(parse_lines(lines)) if preset.acts_for_people else (),
            scopes=self._chosen_scopes() if preset.acts_for_people else None,
            owner_id=owner_id,
        )

    def _chosen_scopes(self) -> tuple[str, ...] | None:
        """Return what it may ask people for, null for all that apps may ask for."""
        if self.ask_for.data == "all":
            return None
        return tuple(sorted(self.scopes.data or ()))


class SettingsForm(AppForm):
    """What is registered of an app, and the state it was read from."""

    grant_types = Checkboxes("How it gets tokens", choices=GRANT_LABELS)
    token_endpoint_auth_method = SelectField(
        "How it sends its secret",
        choices=[SelectChoice(*item) for item in AUTH_METHOD_LABELS.items()],
        description="Choose one to refuse the other.",
    )
    post_logout_redirect_uris = TextAreaField(
        "After signing out",
        description=(
            "Where an app may lead people after it signed them out here, one address "
            "per line."
        ),
        render_kw={**PLAIN_INPUT, "rows": 2},
    )
    is_pkce_required = BooleanField(
        "Require PKCE",
        description=(
            "It ties a code to the browser that asked for it. Lifted, a code that "
            "somebody intercepts is worth a token to them: only for an app that "
            "cannot be taught PKCE."
        ),
    )
    access_token_ttl = SecondsField("Access token for people")
    client_credentials_token_ttl = SecondsField("Access token of its own")
    refresh_token_idle_ttl = SecondsField("Refresh token without use")
    refresh_token_max_ttl = SecondsField("Refresh token in all")
    version = HiddenField()

    @classmethod
    def of(cls, client: Client, *, is_sent: bool = False) -> "SettingsForm":
        """Return the form as this request sends it, or as `client` stands."""
        stands = {name: getattr(client, name) for name in (*_KEPT, *TTL_FIELDS)}
        method = client.token_endpoint_auth_method
        stands["token_endpoint_auth_method"] = method or EITHER_METHOD
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            stands[name] = "\n".join(getattr(client, name))
        form = cls(data=stands) if is_sent else cls(formdata=None, data=stands)
        form.redirect_uris.flags.required = client.uses(AUTHORIZATION_CODE)
        # There is always a choice, though it may be the default.
        form.token_endpoint_auth_method.flags.required = True
        if not client.is_confidential:
            # A public app has one grant, no secret, and PKCE always.
            del form.grant_types
            del form.token_endpoint_auth_method
            del form.is_pkce_required
        return form

    def fill_in(self, details: ClientDetails) -> None:
        """Show `details` instead of what the form shows."""
        for name in ("name", "description", *TTL_FIELDS):
            self[name].data = getattr(details, name)
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            self[name].data = "\n".join(getattr(details, name))
        if "grant_types" in self:
            self.grant_types.data = list(details.grant_types)
            self.is_pkce_required.data = details.is_pkce_required
            method = details.token_endpoint_auth_method
            self.token_endpoint_auth_method.data = method or EITHER_METHOD

    @property
    def expected_version(self) -> int:
        """The state that the form was filled in from; 0 if it does not say."""
        return version_in(self.version.data)

    def details(self, client: Client) -> ClientDetails:
        """Return what `client` shall be like, for the service."""
        uris = self.read_redirect_uris(is_confidential=client.is_confidential)
        changes: dict[str, Any] = {
            field: getattr(self, field).data for field in ("name", *TTL_FIELDS)
        }
        if "grant_types" in self:
            changes["grant_types"] = tuple(self.grant_types.data or ())
            changes["is_pkce_required"] = self.is_pkce_required.data
            method = self.token_endpoint_auth_method.data
            is_either = method == EITHER_METHOD
            changes["token_endpoint_auth_method"] = None if is_either else method
        return replace(
            details_of(client),
            description=self.description.data or "",
            redirect_uris=uris,
            post_logout_redirect_uris=tuple(
                parse_lines(self.post_logout_redirect_uris.data or "")
            ),
            **changes,
        )
