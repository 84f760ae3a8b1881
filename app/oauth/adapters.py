"""Our rows in the dress that Authlib expects."""

import uuid
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from app.clients.models import AUTHORIZATION_CODE
from app.clients.redirect_uris import matches_any
from app.clients.statements import ClientRecord
from app.oauth.client_authentication import may_authenticate_by
from app.oauth.noting import because
from app.oauth.parameters import Parameters
from app.traffic.reasons import RefusalReason


class ProtocolPayload(OAuth2Payload):
    """The parameters of a request, each of them once."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    @property
    def data(self) -> Parameters:
        """Name to value."""
        return self._parameters

    @property
    def datalist(self) -> dict[str, list[str]]:
        """Name to values; the door has refused repetitions already."""
        return {name: [value] for name, value in self._parameters.items()}


class ProtocolRequest(OAuth2Request):
    """A request that has come through the door of `app.oauth.parameters`."""

    def __init__(
        self,
        method: str,
        parameters: Parameters,
        *,
        authorization: str | None = None,
        user_id: uuid.UUID | None = None,
    ) -> None:
        # Authlib judges transport by this address. Ours is judged where it is known:
        # by Settings (production is https) and by the proxy in front of us.
        super().__init__(method, "https://authorization-server.invalid/")
        self.payload = ProtocolPayload(parameters)
        self.authorization = authorization
        #: Who is signed in at the browser that brought it, if anybody.
        self.user_id = user_id

    @property
    def args(self) -> Parameters:
        """Not read by our grants; the payload is the only source."""
        return {}

    @property
    def form(self) -> Parameters:
        """The parameters, for Authlib's own look-ups."""
        data: Parameters = self.payload.data
        return data

    def required(self, name: str) -> str:
        """Return a parameter that the request cannot do without."""
        value = self.payload.data.get(name)
        if value is None:
            raise because(
                InvalidRequestError(f"The parameter {name} is missing."),
                RefusalReason.PARAMETER_MISSING,
                name=name,
            )
        return str(value)


class ProtocolClient(ClientMixin):
    """A client as Authlib's grants ask about it."""

    def __init__(self, record: ClientRecord) -> None:
        self.record = record

    def get_client_id(self) -> str:
        """Return the `client_id` of the wire."""
        return str(self.record.id)

    def get_default_redirect_uri(self) -> str | None:
        """Return the only registered URI; several have no default."""
        uris = self.record.redirect_uris
        return uris[0] if len(uris) == 1 else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether it is a registered one (RFC 9700 §2.1: exact comparison)."""
        return matches_any(self.record.redirect_uris, redirect_uri)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - Authlib's signature
        """Tell whether the client may authenticate so."""
        return may_authenticate_by(self.record, method)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the client may ask for this at the authorization endpoint."""
        return response_type == "code" and self.check_grant_type(AUTHORIZATION_CODE)

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may use a grant; refreshing follows from the code."""
        wanted = AUTHORIZATION_CODE if grant_type == "refresh_token" else grant_type
        return wanted in self.record.grant_types

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)
