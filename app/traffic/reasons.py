"""Why a request was refused: the words that rows keep and pages turn into sentences."""

import uuid
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.traffic.findings import Finding


class Endpoint(StrEnum):
    """Where a request came in."""

    AUTHORIZE = "authorize"
    TOKEN = "token"
    REVOKE = "revoke"
    INTROSPECT = "introspect"
    USERINFO = "userinfo"
    GATEWAY = "gateway"
    API = "api"


class RefusalReason(StrEnum):
    """What was wrong, as finely as whoever mends it needs to know."""

    # Who the client is.
    CLIENT_MISSING = "client_missing"
    CLIENT_UNKNOWN = "client_unknown"
    CREDENTIALS_UNREADABLE = "credentials_unreadable"
    CREDENTIALS_TWICE = "credentials_twice"
    SECRET_MISSING = "secret_missing"
    SECRET_WRONG = "secret_wrong"
    SECRET_UNEXPECTED = "secret_unexpected"
    METHOD_WRONG = "method_wrong"
    CLIENT_PUBLIC = "client_public"
    GRANT_NOT_REGISTERED = "grant_not_registered"
    GRANT_UNSUPPORTED = "grant_unsupported"
    # Where the person is sent back to.
    REDIRECT_URI_UNKNOWN = "redirect_uri_unknown"
    REDIRECT_URI_MISSING = "redirect_uri_missing"
    # Codes and refresh tokens.
    CODE_UNKNOWN = "code_unknown"
    CODE_OF_ANOTHER = "code_of_another"
    CODE_EXPIRED = "code_expired"
    CODE_REPLAYED = "code_replayed"
    CODE_REDIRECT_URI = "code_redirect_uri"
    CODE_VERIFIER = "code_verifier"
    CODE_ENDED = "code_ended"
    REFRESH_UNKNOWN = "refresh_unknown"
    REFRESH_OF_ANOTHER = "refresh_of_another"
    REFRESH_REUSED = "refresh_reused"
    REFRESH_ENDED = "refresh_ended"
    # What was asked for.
    SCOPE_MALFORMED = "scope_malformed"
    SCOPE_NOT_HELD = "scope_not_held"
    SCOPE_NOT_ALLOWED = "scope_not_allowed"
    SCOPE_EXCEEDED = "scope_exceeded"
    SCOPE_TOO_LONG = "scope_too_long"
    RESOURCE_UNKNOWN = "resource_unknown"
    PERMISSION_MISSING = "permission_missing"
    # How the request was written.
    REQUEST_UNREADABLE = "request_unreadable"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_WRONG = "parameter_wrong"
    PARAMETER_NOT_OFFERED = "parameter_not_offered"
    RESPONSE_TYPE_WRONG = "response_type_wrong"
    CHALLENGE_MISSING = "challenge_missing"
    SIGN_IN_NEEDED = "sign_in_needed"
    CONSENT_NEEDED = "consent_needed"
    # Access tokens.
    TOKEN_MISSING = "token_missing"
    TOKEN_MALFORMED = "token_malformed"
    TOKEN_FOREIGN = "token_foreign"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_ENDED = "token_ended"
    TOKEN_AUDIENCE = "token_audience"


class Share(StrEnum):
    """Which part of an app's rows a refusal takes, so that no kind fills them all."""

    USUAL = "usual"
    #: Redirect URIs on hosts that the app has not registered: anybody can send many.
    FOREIGN = "foreign"
    #: Secrets that could be ours, each of them told apart.
    SECRETS = "secrets"


class Question(NamedTuple):
    """What is asked of the database later, off the request's path.

    `about` may be secret: it lives in memory for a moment and is never written.
    """

    ask: Callable[[Connection, Any], Finding | None]
    about: Hashable


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refusal: why, whose request, and the facts that set it apart.

    `facts` are cleaned already (`app.traffic.redaction`). `apart` sets it apart too; it
    is only ever digested.
    """

    reason: RefusalReason
    client_id: uuid.UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    question: Question | None = None
    share: Share = Share.USUAL
    apart: str = ""


def refused(
    reason: RefusalReason,
    *,
    client_id: uuid.UUID | None = None,
    question: Question | None = None,
    share: Share = Share.USUAL,
    apart: str = "",
    **facts: Any,
) -> Refusal:
    """Return the refusal for `reason`; facts that are null are left out."""
    known = {name: value for name, value in facts.items() if value is not None}
    return Refusal(
        reason=reason,
        client_id=client_id,
        facts=known,
        question=question,
        share=share,
        apart=apart,
    )
