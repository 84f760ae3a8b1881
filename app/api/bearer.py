"""The bearer check: the only place where the API learns who calls (RFC 6750)."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g, request

from app.api.problems import (
    INSUFFICIENT_SCOPE,
    INVALID_REQUEST,
    INVALID_TOKEN,
    MISSING_TOKEN,
    ProblemError,
)
from app.audit.actor import Actor
from app.audit.origin import origin
from app.extensions import settings
from app.tokens.bearer import ActiveToken
from app.tokens.challenges import (
    BearerRefusedError,
    Reason,
    authenticate_bearer,
    require_permissions,
)
from app.traffic.reasons import Endpoint
from app.traffic.request_recorder import count_call, note

P = ParamSpec("P")
R = TypeVar("R")

_KINDS = {
    Reason.MISSING: MISSING_TOKEN,
    Reason.MALFORMED: INVALID_REQUEST,
    Reason.INVALID: INVALID_TOKEN,
    Reason.INSUFFICIENT: INSUFFICIENT_SCOPE,
}
_FORM = "application/x-www-form-urlencoded"


def requires_permission(*names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be called only with an active token that may do all of `names` now.

    Without names any active token for this API will do.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        needed = frozenset(names)

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            g.active_token = authenticate(needed)
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
        via_client_id=None if token.user_id is None else token.client_id,
        **origin(),
    )


def authenticate(needed: frozenset[str]) -> ActiveToken:
    """Return the active token that this request carries, if it may do all of `needed`.

    Raises ProblemError.
    """
    try:
        token = authenticate_bearer(
            request.headers.get("Authorization", ""),
            audiences=settings.audiences[:1],
            is_sent_elsewhere=_is_sent_elsewhere(),
        )
        require_permissions(token, needed)
    except BearerRefusedError as refusal:
        note(Endpoint.API, refusal.refusal)
        raise _problem(refusal) from None
    count_call(token.client_id)
    return token


def _is_sent_elsewhere() -> bool:
    if request.query_string and "access_token" in request.args:
        return True
    if request.mimetype != _FORM:
        return False
    # Read before it is parsed, so that it is still there for whoever comes after.
    request.get_data(cache=True)
    return "access_token" in request.form


def _problem(refusal: BearerRefusedError) -> ProblemError:
    return ProblemError(
        refusal.status,
        refusal.detail,
        kind=_KINDS[refusal.reason],
        headers={"WWW-Authenticate": refusal.challenge},
    )
