"""Telling of refused protocol requests: why, in finer words than the answer's.

Whoever refuses gives the error its refusal by `because`; what is refused in Authlib's
own words gets one by its error code. The edges note it, in one place each.
"""

import uuid
from dataclasses import replace
from typing import Any, TypeVar

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import g, request

from app.clients.recognising import sent_by
from app.traffic.reasons import Endpoint, Refusal, RefusalReason, refused
from app.traffic.redaction import kept_text
from app.traffic.request_recorder import note

E = TypeVar("E", bound=OAuth2Error)

#: What an error means that was given no refusal of its own.
_BY_CODE = {
    "unsupported_grant_type": RefusalReason.GRANT_UNSUPPORTED,
    "invalid_client": RefusalReason.CREDENTIALS_UNREADABLE,
    "unauthorized_client": RefusalReason.GRANT_NOT_REGISTERED,
    "invalid_scope": RefusalReason.SCOPE_MALFORMED,
    "invalid_target": RefusalReason.RESOURCE_UNKNOWN,
    "login_required": RefusalReason.SIGN_IN_NEEDED,
    "consent_required": RefusalReason.CONSENT_NEEDED,
}
_ENDPOINTS = {
    "oauth_tokens.token_endpoint": Endpoint.TOKEN,
    "oauth_tokens.revocation_endpoint": Endpoint.REVOKE,
    "oauth_tokens.introspection_endpoint": Endpoint.INTROSPECT,
    "oauth_userinfo.userinfo_endpoint": Endpoint.USERINFO,
    "oauth_gateways.verification_endpoint": Endpoint.GATEWAY,
}


def because(error: E, reason: RefusalReason, **facts: Any) -> E:
    """Return `error` with why it is raised, unless it says so already.

    `facts` may hold a `client_id` and a `question`, as in `refused`.
    """
    if getattr(error, "refusal", None) is None:
        error.refusal = refused(reason, **facts)
    return error


def for_reason(error: E, refusal: Refusal) -> E:
    """Return `error` with the refusal that a domain gave."""
    error.refusal = refusal
    return error


def refusal_of(error: OAuth2Error) -> Refusal:
    """Return why an error was raised."""
    given: Refusal | None = getattr(error, "refusal", None)
    if given is not None:
        return given
    reason = _BY_CODE.get(error.error)
    if reason is not None:
        return refused(reason)
    # In our own words, which name parameters and never their values.
    said = kept_text(error.description or "", 160)
    return refused(RefusalReason.REQUEST_UNREADABLE, said=said)


def authenticated_as(client_id: uuid.UUID) -> None:
    """Remember which client this request is known to be about."""
    g.protocol_client_id = client_id


def note_error(error: OAuth2Error, *, claimed: str | None = None) -> Refusal:
    """Note the refusal of this request with the client that it came from, if known.

    Else it is shown with the one whose id the request brought, `claimed`.
    """
    client_id = getattr(error, "client_id", None)
    if client_id is not None:
        authenticated_as(client_id)
    refusal = refusal_of(error)
    is_known = refusal.client_id or g.get("protocol_client_id") or refusal.question
    return note_refusal(refusal if is_known else sent_by(refusal, claimed))


def note_refusal(refusal: Refusal) -> Refusal:
    """Note `refusal` for the endpoint that this request came to."""
    endpoint = _ENDPOINTS.get(request.endpoint or "", Endpoint.AUTHORIZE)
    client_id = refusal.client_id or g.get("protocol_client_id")
    whole = replace(refusal, client_id=client_id)
    note(endpoint, whole)
    return whole
