"""Authlib's AuthorizationServer over our rows; it knows nothing of Flask."""

from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer as AuthlibServer
from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    OAuth2Error,
    UnsupportedGrantTypeError,
)

from app.clients.recognising import sent_by, unknown_client, unsupported_grant
from app.clients.statements import load_client
from app.clock import utcnow
from app.extensions import db
from app.kept_connections import kept_connection
from app.oauth.adapters import ProtocolClient, ProtocolRequest
from app.oauth.authorization_rules import UnknownClientError
from app.oauth.client_authentication import authenticate, read_credentials
from app.oauth.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from app.oauth.noting import because, for_reason
from app.traffic.reasons import RefusalReason, refused

GRANTS = (ClientCredentialsGrant, AuthorizationCodeGrant, RefreshTokenGrant)


@dataclass(frozen=True, slots=True)
class ProtocolResponse:
    """An answer before it becomes Flask's: a JSON object, or a redirect."""

    status: int
    body: dict[str, Any] | str
    headers: list[tuple[str, str]] = field(default_factory=list)
    #: The refusal that the answer tells of.
    error: OAuth2Error | None = None

    @property
    def location(self) -> str | None:
        """The redirect URI to which the answer goes."""
        return dict(self.headers).get("Location")


class AuthorizationServer(AuthlibServer):
    """The two grants and refreshing, wired to clients and tokens."""

    def __init__(self) -> None:
        super().__init__()
        for grant in GRANTS:
            self.register_grant(grant)

    def query_client(self, client_id: str) -> ProtocolClient | None:
        """Return the enabled client, or null."""
        record = load_client(
            kept_connection(db.engine), client_id=client_id, now=utcnow()
        )
        return None if record is None else ProtocolClient(record)

    def authenticate_client(
        self,
        request: ProtocolRequest,
        methods: list[str],  # noqa: ARG002 - ours are the same at every endpoint
        endpoint: str = "token",  # noqa: ARG002
    ) -> ProtocolClient:
        """Return the client that the request proves to come from."""
        credentials = read_credentials(request.authorization, request.payload.data)
        request.auth_method = credentials.method
        return ProtocolClient(authenticate(credentials))

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """Return the request as it is: it came through our own door."""
        return request

    def get_authorization_grant(
        self, request: ProtocolRequest
    ) -> AuthorizationCodeGrant:
        """Return the code grant for a known client; its rules judge the rest."""
        client = self.query_client(request.payload.client_id or "")
        if client is None:
            error = UnknownClientError("No app with this client_id is registered.")
            raise _unknown(error, request.payload.client_id)
        request.client = client
        return AuthorizationCodeGrant(request, self)

    def create_token_response(self, request: ProtocolRequest) -> ProtocolResponse:
        """Answer a token request (RFC 6749 §5)."""
        if request.payload.grant_type is None:
            error = InvalidRequestError("The grant_type is missing.")
            refusal = refused(RefusalReason.PARAMETER_MISSING, name="grant_type")
            missing = for_reason(error, sent_by(refusal, _named_client(request)))
            return self.handle_error_response(request, missing)
        response: ProtocolResponse = super().create_token_response(request)
        return response

    def handle_response(
        self, status: int, body: dict[str, Any] | str, headers: list[tuple[str, str]]
    ) -> ProtocolResponse:
        """Return the answer; a view makes it Flask's."""
        return ProtocolResponse(status, body, headers)

    def handle_error_response(
        self, request: ProtocolRequest, error: OAuth2Error
    ) -> ProtocolResponse:
        """Return the error, to the client's redirect URI where it is to go there."""
        if error.redirect_uri:
            answer = dict(error.get_body())
            return self.handle_response(302, answer, [("Location", error.redirect_uri)])
        if isinstance(error, UnsupportedGrantTypeError):
            _explain_unsupported(error, request)
        # Its words are complete only once it has been noted: the view makes them.
        return ProtocolResponse(error.status_code, "", error=error)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody: our services record what happens themselves."""


def _unknown(error: UnknownClientError, client_id: str | None) -> UnknownClientError:
    if client_id is None:
        return because(error, RefusalReason.CLIENT_MISSING)
    return for_reason(error, unknown_client(client_id))


def _explain_unsupported(
    error: UnsupportedGrantTypeError, request: ProtocolRequest
) -> None:
    """Say what came, and which client says that it sent it: it is not asked here."""
    error.description = "This server offers no such grant."
    client_id = _named_client(request)
    for_reason(error, unsupported_grant(error.grant_type, client_id))


def _named_client(request: ProtocolRequest) -> str | None:
    """Return which client says that it sent a request that was not judged further."""
    try:
        form = request.payload.data
        return read_credentials(request.authorization, form).client_id
    except OAuth2Error:
        return None


server = AuthorizationServer()
