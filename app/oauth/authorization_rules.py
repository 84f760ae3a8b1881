"""What an authorization request must fulfil, rule by rule, in this order.

The first two rules fail to a page: nobody is redirected before client and redirect URI
are known to belong together (RFC 6749 §3.1.2.4, §4.1.2.1). The others are answered to
the client by redirect.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)

from app.access.scopes import OPENID_SCOPES, fits_a_token, parse_scope
from app.clients.models import AUTHORIZATION_CODE
from app.clients.redirect_differences import is_other_host
from app.clients.redirect_uris import matches_any
from app.clients.statements import ClientRecord, parse_client_id
from app.errors import DomainError
from app.oauth.noting import because
from app.oauth.parameters import Parameters
from app.oauth.resources import named_resources
from app.oauth.trial_requests import IS_OVER, find_trial, is_callback
from app.tokens import pkce
from app.traffic.reasons import RefusalReason, Share
from app.traffic.redaction import kept_names, kept_uri

MAXIMUM_STATE_LENGTH = 4096
MAXIMUM_NONCE_LENGTH = 1024
MAXIMUM_AGE = re.compile(r"[0-9]{1,9}", re.ASCII)
RESPONSE_MODES = ("query", "form_post")
PROMPTS = frozenset({"none", "login", "consent", "select_account"})


class UnknownClientError(OAuth2Error):
    """No enabled client has this `client_id`; told on a page, never by redirect."""

    error = "invalid_client"


class UnknownRedirectUriError(OAuth2Error):
    """The redirect URI is not the client's; told on a page, never by redirect."""

    error = "invalid_request"


class UnsupportedResponseTypeError(OAuth2Error):
    """Only `code` is offered (RFC 9700 §2.1.2)."""

    error = "unsupported_response_type"


class RequestNotSupportedError(OAuth2Error):
    """Request objects are not offered (OpenID Connect Core §6.1)."""

    error = "request_not_supported"


class RequestUriNotSupportedError(OAuth2Error):
    """Nothing is fetched from an address that a request names (§6.2)."""

    error = "request_uri_not_supported"


class RegistrationNotSupportedError(OAuth2Error):
    """A request cannot register a client (§7.2.1)."""

    error = "registration_not_supported"


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request under judgement."""

    client: ClientRecord
    parameters: Parameters


def resolve_redirect_uri(
    client: ClientRecord, parameters: Parameters, *, user_id: uuid.UUID | None
) -> str:
    """Return where answers go: the named URI if it is registered, or the only one.

    The callback of trials is valid for the trial of this user. Raises
    UnknownRedirectUriError.
    """
    named = parameters.get("redirect_uri")
    if named is not None:
        is_known = matches_any(client.redirect_uris, named)
        if not is_known and find_trial(client, parameters, user_id=user_id) is None:
            raise _unknown(client, named)
        return named
    if len(client.redirect_uris) != 1:
        raise because(
            UnknownRedirectUriError("Name the redirect_uri."),
            RefusalReason.REDIRECT_URI_MISSING,
            client_id=client.id,
        )
    return client.redirect_uris[0]


def _unknown(client: ClientRecord, named: str) -> UnknownRedirectUriError:
    if is_callback(named):
        # Nobody is to register it, so nobody is offered to.
        error, reason = UnknownRedirectUriError(IS_OVER), RefusalReason.PARAMETER_WRONG
        return because(error, reason, client_id=client.id, said=IS_OVER)
    # What may be kept of it, and whether that is all of it.
    kept = kept_uri(named, known=client.redirect_uris)
    # Anybody can send links to a host of their own: they must not hide a mistake.
    is_foreign = is_other_host(named, client.redirect_uris)
    return because(
        UnknownRedirectUriError("The redirect_uri is not registered for this client."),
        RefusalReason.REDIRECT_URI_UNKNOWN,
        client_id=client.id,
        share=Share.FOREIGN if is_foreign else Share.USUAL,
        came=kept,
        is_whole=kept == named,
    )


def _state_is_bounded(asked: Asked) -> None:
    if len(asked.parameters.get("state", "")) > MAXIMUM_STATE_LENGTH:
        raise InvalidRequestError("The state is too long.")


def _parameters_are_offered(asked: Asked) -> None:
    if "request" in asked.parameters:
        raise RequestNotSupportedError("Send the parameters themselves.")
    if "request_uri" in asked.parameters:
        raise RequestUriNotSupportedError("Send the parameters themselves.")
    if "registration" in asked.parameters:
        raise RegistrationNotSupportedError("Register the app beforehand.")


def _response_mode_is_offered(asked: Asked) -> None:
    mode = asked.parameters.get("response_mode", "query")
    if mode not in RESPONSE_MODES:
        raise InvalidRequestError("The response_mode must be query or form_post.")


def _prompt_makes_sense(asked: Asked) -> None:
    """OpenID Connect Core §3.1.2.1: `none` stands alone."""
    prompts = prompts_of(asked.parameters)
    if not prompts <= PROMPTS:
        raise InvalidRequestError("The prompt has an unknown value.")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("The prompt none cannot be joined with others.")


def _max_age_is_a_number(asked: Asked) -> None:
    max_age = asked.parameters.get("max_age", "0")
    if MAXIMUM_AGE.fullmatch(max_age) is None:
        raise InvalidRequestError("The max_age must be a number of seconds.")


def _nonce_is_bounded(asked: Asked) -> None:
    if len(asked.parameters.get("nonce", "")) > MAXIMUM_NONCE_LENGTH:
        raise InvalidRequestError("The nonce is too long.")


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


#: In this order, each with what it means for those who run the server.
RULES: Mapping[Callable[[Asked], None], RefusalReason] = {
    _state_is_bounded: RefusalReason.PARAMETER_WRONG,
    _parameters_are_offered: RefusalReason.PARAMETER_NOT_OFFERED,
    _response_mode_is_offered: RefusalReason.PARAMETER_WRONG,
    _response_type_is_code: RefusalReason.RESPONSE_TYPE_WRONG,
    _client_uses_codes: RefusalReason.GRANT_NOT_REGISTERED,
    _challenge_is_s256: RefusalReason.CHALLENGE_MISSING,
    _scope_may_be_asked: RefusalReason.SCOPE_MALFORMED,
    _resource_is_ours: RefusalReason.RESOURCE_UNKNOWN,
    _prompt_makes_sense: RefusalReason.PARAMETER_WRONG,
    _max_age_is_a_number: RefusalReason.PARAMETER_WRONG,
    _nonce_is_bounded: RefusalReason.PARAMETER_WRONG,
}


def prompts_of(parameters: Parameters) -> frozenset[str]:
    """Return the values of `prompt`."""
    return frozenset(parameters.get("prompt", "").split())


def response_mode_of(parameters: Parameters) -> str | None:
    """Return the `response_mode` if it is one that we know."""
    mode = parameters.get("response_mode")
    return mode if mode in RESPONSE_MODES else None


def for_client(
    error: OAuth2Error, *, redirect_uri: str, parameters: Parameters
) -> OAuth2Error:
    """Return `error` with all that is needed to tell it to the client."""
    error.redirect_uri = redirect_uri
    error.state = parameters.get("state")
    error.response_mode = response_mode_of(parameters)
    # Known by now: nobody is redirected for a client that is not.
    error.client_id = parse_client_id(parameters.get("client_id", ""))
    return error


def requested_scopes(client: ClientRecord, parameters: Parameters) -> frozenset[str]:
    """Return what the client asks users for; nothing named means all that it may.

    Raises InvalidScopeError for a name that does not exist or that it may not ask for.
    """
    try:
        asked = parse_scope(parameters.get("scope"))
    except DomainError as error:
        raise InvalidScopeError(error.message) from None
    if not asked <= client.delegable | OPENID_SCOPES:
        raise because(
            InvalidScopeError("The client may not ask users for one of these scopes."),
            RefusalReason.SCOPE_NOT_ALLOWED,
            missing=kept_names(asked - client.delegable - OPENID_SCOPES),
        )
    return asked or all_of(client.delegable)


def all_of(scopes: frozenset[str]) -> frozenset[str]:
    """Return the scopes of a request that names none.

    Raises InvalidScopeError if they are too many for one token (RFC 6749 §3.3: without
    a scope there is a default, or the request fails).
    """
    if not fits_a_token(scopes):
        raise because(
            InvalidScopeError("Name the scopes: all of them are too many for a token."),
            RefusalReason.SCOPE_TOO_LONG,
        )
    return scopes


def judge(
    client: ClientRecord, parameters: Parameters, *, user_id: uuid.UUID | None = None
) -> str:
    """Return the redirect URI of a request that fulfils every rule.

    `user_id` is who is signed in. Raises OAuth2Error; it carries `redirect_uri` where
    the client is to be told.
    """
    redirect_uri = resolve_redirect_uri(client, parameters, user_id=user_id)
    asked = Asked(client, parameters)
    for rule, reason in RULES.items():
        try:
            rule(asked)
        except OAuth2Error as error:
            because(error, reason, said=error.description)
            raise for_client(
                error, redirect_uri=redirect_uri, parameters=parameters
            ) from None
    return redirect_uri
