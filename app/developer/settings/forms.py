"""The shape of what is registered of an app; the rules are in `clients`."""

from dataclasses import replace
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from app.clients.details import ClientDetails, details_of
from app.clients.lifetimes import TTL_FIELDS
from app.clients.models import (
    AUTHORIZATION_CODE,
    BASIC,
    CLIENT_CREDENTIALS,
    POST,
    Client,
)
from app.clients.redirect_uris import parse_lines
from app.developer.fields import SecondsField, version_in
from app.developer.forms import AppForm
from app.web.forms import PLAIN_INPUT, Checkboxes

GRANT_EXPLANATIONS = {
    AUTHORIZATION_CODE: "A person allows the app, and it acts for them.",
    CLIENT_CREDENTIALS: "The app acts as itself, with its own permissions.",
}
EITHER_METHOD = "either"
AUTH_METHOD_LABELS = {
    EITHER_METHOD: "Either way",
    BASIC: "In the Authorization header (client_secret_basic)",
    POST: "In the request body (client_secret_post)",
}
_KEPT = ("name", "description", "grant_types", "is_pkce_required", "version")


class SettingsForm(AppForm):
    """What is registered of an app, and the state it was read from."""

    grant_types = Checkboxes(
        "How it gets tokens",
        choices=[SelectChoice(grant) for grant in GRANT_EXPLANATIONS],
    )
    token_endpoint_auth_method = SelectField(
        "How it sends its secret",
        choices=[SelectChoice(*item) for item in AUTH_METHOD_LABELS.items()],
        description="Pick one to reject the other.",
    )
    post_logout_redirect_uris = TextAreaField(
        "Post-logout redirect URIs",
        description=(
            "Where people may be sent after signing out, one address per line."
        ),
        render_kw={**PLAIN_INPUT, "rows": 2},
    )
    is_pkce_required = BooleanField(
        "Require PKCE",
        description=(
            "Ties each code to the browser that requested it. Without PKCE, anyone "
            "who intercepts a code can use it: turn it off only for an app that "
            "cannot use PKCE."
        ),
    )
    access_token_ttl = SecondsField("Access token for people")
    client_credentials_token_ttl = SecondsField("Access token as itself")
    refresh_token_idle_ttl = SecondsField("Refresh token, when unused")
    refresh_token_max_ttl = SecondsField("Refresh token, in total")
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
