"""Taking a bearer token from a request, and what is told when it does not suffice.

The protected API and the check for gateways ask here, so that both judge and challenge
alike (RFC 6750 §2.1, §3).
"""

import re
from collections.abc import Collection
from enum import StrEnum
from urllib.parse import quote

from app.access.scopes import join_scope
from app.extensions import settings
from app.tokens.bearer import ActiveToken, find_active
from app.tokens.errors import InvalidTokenError
from app.traffic.reasons import Refusal, RefusalReason, refused
from app.traffic.redaction import kept_names

REALM = "Gatepass API"
WELL_KNOWN = "/.well-known/oauth-protected-resource"
# RFC 6750 §2.1: credentials = "Bearer" 1*SP b64token; RFC 9110 §11.1: any case.
_CREDENTIALS = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)
# RFC 3986 §3.3, and what is percent-encoded already.
_OF_PATHS = "/:@!$&'()*+,;=%"


class Reason(StrEnum):
    """Why a bearer was refused; the values are the error codes of RFC 6750 §3.1."""

    MISSING = ""
    MALFORMED = "invalid_request"
    INVALID = "invalid_token"
    INSUFFICIENT = "insufficient_scope"


_STATUS = {
    Reason.MISSING: 401,
    Reason.MALFORMED: 400,
    Reason.INVALID: 401,
    Reason.INSUFFICIENT: 403,
}


class BearerRefusedError(Exception):
    """A request is refused for its token; `challenge` is for WWW-Authenticate.

    `refusal` says why, for those who run the server.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        refusal: Refusal,
        scope: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.refusal = refusal
        self.reason = reason
        self.detail = detail
        self.status = _STATUS[reason]
        self.challenge = _challenge(reason, detail, scope)


def resource_metadata_address() -> str:
    """Return where our API describes itself (RFC 9728 §3.1).

    A path in the API's identifier goes behind the well-known one.
    """
    issuer = settings.issuer
    identifier = settings.audiences[0].rstrip("/")
    is_below = identifier.startswith(f"{issuer}/") and "?" not in identifier
    path = identifier.removeprefix(issuer) if is_below else ""
    return f"{issuer}{WELL_KNOWN}{quote(path, safe=_OF_PATHS)}"


def authenticate_bearer(
    authorization: str, *, audiences: Collection[str], is_sent_elsewhere: bool
) -> ActiveToken:
    """Return the active token of a request by its Authorization header.

    It must be meant for all `audiences` (RFC 9068 §4). `is_sent_elsewhere` says that
    the address or a form holds a token too. Raises BearerRefusedError.
    """
    credentials = authorization.strip()
    is_bearer = credentials[:7].rstrip().lower() == "bearer"
    if is_bearer and is_sent_elsewhere:
        # RFC 6750 §2: no more than one way of sending the token in each request.
        raise malformed("Send the access token once, in the Authorization header.")
    if not is_bearer:
        # RFC 6750 §3.1: no error code for a request without any token, or with one in
        # a way that we do not take: addresses and forms end up in logs.
        where = "as a bearer token"
        if is_sent_elsewhere:
            where = "not in the address or a form"
        raise BearerRefusedError(
            Reason.MISSING,
            f"Send an access token in the Authorization header, {where}.",
            refusal=refused(
                RefusalReason.TOKEN_MISSING,
                sent_elsewhere=is_sent_elsewhere or None,
                scheme="another" if credentials else None,
            ),
        )
    match = _CREDENTIALS.fullmatch(credentials)
    if match is None:
        raise malformed(
            "Write the Authorization header as: Bearer, one blank, the access token."
        )
    try:
        return find_active(match[1], audiences=audiences)
    except InvalidTokenError as error:
        raise BearerRefusedError(
            Reason.INVALID, error.message, refusal=error.refusal
        ) from None


def require_permissions(token: ActiveToken, needed: frozenset[str]) -> None:
    """Raise BearerRefusedError unless the request may do all of `needed` now."""
    if needed <= token.permissions:
        return
    lacking = ", ".join(sorted(needed - token.permissions))
    if needed <= token.scope:
        whose = "the app" if token.user_id is None else "the user or the app"
        detail = f"The token asked for {lacking}, but {whose} does not hold it now."
    else:
        detail = f"This needs a token whose scope holds {lacking}."
    refusal = refused(
        RefusalReason.PERMISSION_MISSING,
        client_id=token.client_id,
        missing=kept_names(needed - token.permissions),
        is_asked_for=needed <= token.scope,
        is_for_user=token.user_id is not None,
    )
    raise BearerRefusedError(
        Reason.INSUFFICIENT, detail, refusal=refusal, scope=join_scope(needed)
    )


def malformed(detail: str) -> BearerRefusedError:
    """Return the refusal of a request that cannot be understood."""
    return BearerRefusedError(
        Reason.MALFORMED,
        detail,
        refusal=refused(RefusalReason.TOKEN_MALFORMED, said=detail),
    )


def _challenge(reason: Reason, detail: str, scope: str | None) -> str:
    """Return the challenge of RFC 6750 §3; the texts are ours and hold no quotes."""
    fields = {"realm": REALM}
    if reason is not Reason.MISSING:
        fields |= {"error": reason.value, "error_description": detail}
    if scope is not None:
        fields["scope"] = scope
    # RFC 9728 §5.1: from there a client learns whom to ask for a token.
    fields["resource_metadata"] = resource_metadata_address()
    listed = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    return f"Bearer {listed}"
