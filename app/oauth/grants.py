"""The grants we offer, on Authlib's classes.

Authlib dispatches, authenticates and answers. What must hold in the database whatever
races — single use, rotation, replay — is decided by `app.tokens`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidScopeError,
    UnauthorizedClientError,
)

from app.access.scopes import parse_scope
from app.audit.actor import Actor
from app.audit.origin import origin
from app.errors import DomainError
from app.oauth.adapters import ProtocolClient
from app.oauth.authorization_rules import all_of, judge, requested_scopes
from app.oauth.noting import because, for_reason
from app.oauth.resources import InvalidTargetError, named_resources, resolve_audience
from app.tokens import codes, errors, issuing, refreshing
from app.tokens.issuing import IssuedTokens
from app.traffic.reasons import RefusalReason
from app.traffic.redaction import kept_names

TokenResponse = tuple[int, dict[str, Any], list[tuple[str, str]]]
#: The parameters of an answer, and the redirect URI to which they go.
ClientResponse = tuple[int, dict[str, str], list[tuple[str, str]]]


def _answer(issued: IssuedTokens, headers: list[tuple[str, str]]) -> TokenResponse:
    """Return the successful response of RFC 6749 §5.1."""
    body: dict[str, Any] = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
    }
    if issued.refresh_token is not None:
        body["refresh_token"] = issued.refresh_token
    if issued.id_token is not None:
        body["id_token"] = issued.id_token
    return 200, body, headers


def _scopes(scope: str | None) -> frozenset[str]:
    try:
        return parse_scope(scope)
    except DomainError as error:
        raise InvalidScopeError(error.message) from None


def _server() -> Actor:
    """Return the server as it acts on this request, should a token come twice."""
    return Actor.server(**origin())


class _TokenGrant(grants.BaseGrant):
    """What our grants share at the token endpoint."""

    def authenticated_client(self) -> ProtocolClient:
        """Return the authenticated client, if it may use this grant."""
        client: ProtocolClient = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise because(
                UnauthorizedClientError(
                    f"This client is not registered for the grant {self.GRANT_TYPE}."
                ),
                RefusalReason.GRANT_NOT_REGISTERED,
                grant=self.GRANT_TYPE,
                client_id=client.record.id,
            )
        self.request.client = client
        return client


class ClientCredentialsGrant(_TokenGrant, grants.ClientCredentialsGrant):
    """RFC 6749 §4.4: the client acts as itself, with its own permissions."""

    def validate_token_request(self) -> None:
        """Authenticate the client and judge the scope against what it holds.

        Without a named scope it is all that the client holds.
        """
        client = self.authenticated_client()
        # RFC 6749 §4.4: confidential clients only.
        if not client.record.is_confidential:
            raise because(
                UnauthorizedClientError("A public client cannot act as itself."),
                RefusalReason.CLIENT_PUBLIC,
            )
        asked = _scopes(self.request.payload.scope)
        if not asked <= client.record.permissions:
            raise because(
                InvalidScopeError("The client does not hold one of these scopes."),
                RefusalReason.SCOPE_NOT_HELD,
                missing=kept_names(asked - client.record.permissions),
            )
        self.request.scope = asked or all_of(client.record.permissions)

    def create_token_response(self) -> TokenResponse:
        """Issue the token; RFC 6749 §4.4.3: there is no refresh token."""
        issued = issuing.issue_client_token(
            client=self.request.client.record,
            scopes=self.request.scope,
            audience=resolve_audience(self.request.payload.data),
        )
        return _answer(issued, self.TOKEN_RESPONSE_HEADER)


class AuthorizationCodeGrant(_TokenGrant, grants.AuthorizationCodeGrant):
    """RFC 6749 §4.1 with PKCE (RFC 7636)."""

    def validate_authorization_request(self) -> str:
        """Judge the request by `authorization_rules`; return the redirect URI."""
        parameters = self.request.payload.data
        record = self.request.client.record
        redirect_uri = judge(record, parameters, user_id=self.request.user_id)
        self.request.scope = requested_scopes(record, parameters)
        return redirect_uri

    def create_authorization_response(
        self, redirect_uri: str, grant_user: codes.CodeRequest | None
    ) -> ClientResponse:
        """Issue the code that the consent allows, to be answered to the client.

        Authlib's own way would write the redirect URI's query anew, and so change it,
        and knows no form_post.
        """
        if grant_user is None:
            raise AccessDeniedError(redirect_uri=redirect_uri)
        answer = {"code": codes.issue_code(grant_user)}
        if self.request.payload.state:
            answer["state"] = self.request.payload.state
        return 302, answer, [("Location", redirect_uri)]

    def validate_token_request(self) -> None:
        """Authenticate the client; the code itself is judged where it is spent."""
        self.authenticated_client()
        self.request.required("code")

    def create_token_response(self) -> TokenResponse:
        """Redeem the code, once."""
        data = self.request.payload.data
        with _as_protocol_errors():
            issued = codes.redeem_code(
                code=data["code"],
                client=self.request.client.record,
                redirect_uri=data.get("redirect_uri"),
                code_verifier=data.get("code_verifier"),
                resources=named_resources(data),
                actor=_server(),
            )
        return _answer(issued, self.TOKEN_RESPONSE_HEADER)


class RefreshTokenGrant(_TokenGrant, grants.RefreshTokenGrant):
    """RFC 6749 §6 with rotation (RFC 9700 §4.14.2)."""

    def validate_token_request(self) -> None:
        """Authenticate the client; the token is judged where it is rotated."""
        self.authenticated_client()
        self.request.required("refresh_token")

    def create_token_response(self) -> TokenResponse:
        """Rotate the refresh token and issue an access token."""
        data = self.request.payload.data
        with _as_protocol_errors():
            issued = refreshing.refresh(
                refresh_token=data["refresh_token"],
                client=self.request.client.record,
                scopes=_scopes(data.get("scope")),
                resources=named_resources(data),
                actor=_server(),
            )
        return _answer(issued, self.TOKEN_RESPONSE_HEADER)


@contextmanager
def _as_protocol_errors() -> Iterator[None]:
    """Turn what an exchange is refused for into the error of the RFC that names it."""
    try:
        yield
    except errors.AudienceExceededError as error:
        raise InvalidTargetError(error.message) from None
    except errors.InvalidGrantError as error:
        raise for_reason(InvalidGrantError(error.message), error.refusal) from None
    except errors.ScopeExceededError as error:
        raise because(
            InvalidScopeError(error.message), RefusalReason.SCOPE_EXCEEDED
        ) from None
