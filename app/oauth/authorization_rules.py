"""What an authorization request must fulfil, rule by rule, in this order.

The first two rules fail to a page: nobody is redirected before client and redirect URI
are known to belong together (RFC 6749 §3.1.2.4, §4.1.2.1). The others are answered to
the client by redirect.
"""

from collections.abc import Callable
from dataclasses import dataclass

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)

from app.access.scopes import OPENID_SCOPES, fits_a_token, parse_scope
from app.clients.models import AUTHORIZATION_CODE
from app.clients.redirect_uris import find_match
from app.clients.statements import ClientRecord
from app.errors import DomainError
from app.oauth.parameters import Parameters
from app.oauth.resources import named_resources
from app.tokens import pkce

MAXIMUM_STATE_LENGTH = 4096


class UnknownClientError(OAuth2Error):
    """No enabled client has this `client_id`; told on a page, never by redirect."""

    error = "invalid_client"


class UnknownRedirectUriError(OAuth2Error):
    """The redirect URI is not the client's; told on a page, never by redirect."""

    error = "invalid_request"


class UnsupportedResponseTypeError(OAuth2Error):
    """Only `code` is offered (RFC 9700 §2.1.2)."""

    error = "unsupported_response_type"


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request under judgement."""

    client: ClientRecord
    parameters: Parameters


def resolve_redirect_uri(client: ClientRecord, parameters: Parameters) -> str:
    """Return where answers go: the named URI if it is registered, or the only one.

    Raises UnknownRedirectUriError.
    """
    named = parameters.get("redirect_uri")
    if named is not None:
        if not find_match(client.redirect_uris, named):
            raise UnknownRedirectUriError(
                "The redirect_uri is not registered for this client."
            )
        return named
    if len(client.redirect_uris) != 1:
        raise UnknownRedirectUriError("Name the redirect_uri.")
    return client.redirect_uris[0]


def _state_is_bounded(asked: Asked) -> None:
    if len(asked.parameters.get("state", "")) > MAXIMUM_STATE_LENGTH:
        raise InvalidRequestError("The state is too long.")


def _response_type_is_code(asked: Asked) -> None:
    response_type = asked.parameters.get("response_type")
    if response_type is None:
        raise InvalidRequestError("The response_type is missing; send code.")
    if response_type != "code":
        raise UnsupportedResponseTypeError("Only the response_type code is offered.")


def _client_uses_codes(asked: Asked) -> None:
    if AUTHORIZATION_CODE not in asked.client.grant_types:
        raise UnauthorizedClientError(
            "This client is not registered for the authorization code grant."
        )


def _challenge_is_s256(asked: Asked) -> None:
    """RFC 7636 §4.4.1 and RFC 9700 §2.1.1; S256 only, `plain` protects nothing."""
    challenge = asked.parameters.get("code_challenge")
    method = asked.parameters.get("code_challenge_method")
    if challenge is None:
        if method is not None or asked.client.is_pkce_required:
            raise InvalidRequestError(
                "Send a code_challenge with code_challenge_method S256."
            )
        return
    # An absent method means `plain` (RFC 7636 §4.3).
    if method != pkce.METHOD:
        raise InvalidRequestError("The code_challenge_method must be S256.")
    if not pkce.is_challenge(challenge):
        raise InvalidRequestError("The code_challenge is not an S256 challenge.")


def _scope_may_be_asked(asked: Asked) -> None:
    requested_scopes(asked.client, asked.parameters)


def _resource_is_ours(asked: Asked) -> None:
    named_resources(asked.parameters)


RULES: tuple[Callable[[Asked], None], ...] = (
    _state_is_bounded,
    _response_type_is_code,
    _client_uses_codes,
    _challenge_is_s256,
    _scope_may_be_asked,
    _resource_is_ours,
)


def requested_scopes(client: ClientRecord, parameters: Parameters) -> frozenset[str]:
    """Return what the client asks users for; nothing named means all that it may.

    Raises InvalidScopeError for a name that does not exist or that it may not ask for.
    """
    try:
        asked = parse_scope(parameters.get("scope"))
    except DomainError as error:
        raise InvalidScopeError(error.message) from None
    if not asked <= client.delegable | OPENID_SCOPES:
        raise InvalidScopeError("The client may not ask users for one of these scopes.")
    return asked or all_of(client.delegable)


def all_of(scopes: frozenset[str]) -> frozenset[str]:
    """Return the scopes of a request that names none.

    Raises InvalidScopeError if they are too many for one token (RFC 6749 §3.3: without
    a scope there is a default, or the request fails).
    """
    if not fits_a_token(scopes):
        raise InvalidScopeError(
            "Name the scopes: all of them are too many for a token."
        )
    return scopes


def judge(client: ClientRecord, parameters: Parameters) -> str:
    """Return the redirect URI of a request that fulfils every rule.

    Raises OAuth2Error; it carries `redirect_uri` where the client is to be told.
    """
    redirect_uri = resolve_redirect_uri(client, parameters)
    asked = Asked(client, parameters)
    try:
        for rule in RULES:
            rule(asked)
    except OAuth2Error as error:
        error.redirect_uri = redirect_uri
        error.state = parameters.get("state")
        raise
    return redirect_uri
