"""The bearer check: the only place where the API learns who calls (RFC 6750)."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g, request

from app.access.scopes import join_scope
from app.api.problems import (
    INSUFFICIENT_SCOPE,
    INVALID_REQUEST,
    INVALID_TOKEN,
    MISSING_TOKEN,
    ProblemError,
)
from app.audit.actor import Actor
from app.extensions import settings
from app.tokens.bearer import ActiveToken, find_active
from app.tokens.errors import InvalidTokenError
from app.web import reference_id

P = ParamSpec("P")
R = TypeVar("R")

REALM = "Gatepass API"
# RFC 6750 §2.1: credentials = "Bearer" 1*SP b64token; RFC 9110 §11.1: any case.
_CREDENTIALS = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"


def requires_permission(*names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be called only with an active token that may do all of `names` now.

    Without names any active token for this API will do.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        needed = frozenset(names)

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            token = authenticate()
            if not needed <= token.permissions:
                raise _insufficient(needed, token)
            g.active_token = token
            return view(*args, **kwargs)

        # What the convention test reads: every route is guarded or public.
        guarded.guard = names  # type: ignore[attr-defined]
        return guarded

    return decorate


def current_token() -> ActiveToken:
    """Return the token of this request; only in views that are guarded."""
    return cast("ActiveToken", g.active_token)


def current_powers() -> frozenset[str]:
    """Return what this request may do, which bounds whom and what it may change.

    It is not all that the actor holds: an app that was lent one permission must not
    change people by another.
    """
    return current_token().permissions


def current_actor() -> Actor:
    """Return the user that the token acts for, or its client, for the audit log."""
    token = current_token()
    label = token.client_name
    if token.user_id is not None:
        label = f"{token.user_name or token.user_email} (by {token.client_name})"
    return Actor(
        kind="client" if token.user_id is None else "user",
        id=token.actor_id,
        label=label,
        ip_address=request.remote_addr,
        reference_id=reference_id(),
    )


def authenticate() -> ActiveToken:
    """Return the active token that this request carries; raises ProblemError."""
    credentials = _read_credentials()
    match = _CREDENTIALS.fullmatch(credentials)
    if match is None:
        raise _malformed(
            "Write the Authorization header as: Bearer, one blank, the access token."
        )
    try:
        return find_active(match[1], audience=settings.audiences[0])
    except InvalidTokenError as error:
        raise ProblemError(
            401,
            error.message,
            kind=INVALID_TOKEN,
            headers=_challenge("invalid_token", error.message),
        ) from None


def _read_credentials() -> str:
    credentials = request.headers.get("Authorization", "").strip()
    is_bearer = credentials[:7].rstrip().lower() == "bearer"
    elsewhere = _is_sent_elsewhere()
    if is_bearer and elsewhere:
        # RFC 6750 §2: no more than one way of sending the token in each request.
        raise _malformed("Send the access token once, in the Authorization header.")
    if not is_bearer:
        # RFC 6750 §3.1: no error code for a request without any token, or with one in
        # a way that we do not take: addresses and forms end up in logs.
        where = "not in the address or a form" if elsewhere else "as a bearer token"
        raise ProblemError(
            401,
            f"Send an access token in the Authorization header, {where}.",
            kind=MISSING_TOKEN,
            headers=_challenge(),
        )
    return credentials


def _is_sent_elsewhere() -> bool:
    if request.query_string and "access_token" in request.args:
        return True
    if request.mimetype != _FORM:
        return False
    # Read before it is parsed, so that it is still there for whoever comes after.
    request.get_data(cache=True)
    return "access_token" in request.form


def _malformed(detail: str) -> ProblemError:
    return ProblemError(
        400,
        detail,
        kind=INVALID_REQUEST,
        headers=_challenge("invalid_request", detail),
    )


def _insufficient(needed: frozenset[str], token: ActiveToken) -> ProblemError:
    lacking = ", ".join(sorted(needed - token.permissions))
    if needed <= token.scope:
        whose = "the app" if token.user_id is None else "the user or the app"
        detail = f"The token asked for {lacking}, but {whose} does not hold it now."
    else:
        detail = f"This needs a token whose scope holds {lacking}."
    scope = join_scope(needed)
    return ProblemError(
        403,
        detail,
        kind=INSUFFICIENT_SCOPE,
        headers=_challenge("insufficient_scope", detail, scope=scope),
    )


def _challenge(
    error: str | None = None, description: str = "", *, scope: str | None = None
) -> dict[str, str]:
    """Return the challenge of RFC 6750 §3; the texts are ours and hold no quotes."""
    fields = {"realm": REALM}
    if error is not None:
        fields |= {"error": error, "error_description": description}
    if scope is not None:
        fields["scope"] = scope
    listed = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    return {"WWW-Authenticate": f"Bearer {listed}"}
