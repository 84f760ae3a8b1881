"""Authorization requests that wait for an answer, bound to the browser they came by."""

import uuid
from datetime import timedelta

from sqlalchemy import select, update

from app import digests
from app.clock import utcnow
from app.extensions import db
from app.oauth.models import AuthorizationRequest
from app.oauth.parameters import Parameters
from app.purging import purge_rows

LIFETIME = timedelta(minutes=30)
BROWSER_SECRET = "gpb"


def new_browser_secret() -> str:
    """Return a secret by which a browser proves that it brought a request."""
    return digests.generate(BROWSER_SECRET)


def is_browser_secret(value: str) -> bool:
    """Tell whether a cookie's value can be such a secret."""
    return digests.is_well_formed(value, BROWSER_SECRET)


def keep(
    *,
    parameters: Parameters,
    browser_secret: str,
    user_id: uuid.UUID | None = None,
    offered_scope: str | None = None,
) -> AuthorizationRequest:
    """Store a request for half an hour. Flushes.

    With `user_id` that user is asked to allow `offered_scope`.
    """
    now = utcnow()
    pending = AuthorizationRequest(
        browser_digest=digests.digest(browser_secret),
        parameters=parameters,
        user_id=user_id,
        offered_scope=offered_scope,
        received_at=now,
        expires_at=now + LIFETIME,
    )
    db.session.add(pending)
    db.session.flush()
    return pending


def find(
    *, request_id: str, browser_secret: str, user_id: uuid.UUID
) -> AuthorizationRequest | None:
    """Return an open request of this browser on which `user_id` is asked."""
    kept = find_of_browser(request_id=request_id, browser_secret=browser_secret)
    return kept if kept is not None and kept.user_id == user_id else None


def find_of_browser(
    *, request_id: str, browser_secret: str
) -> AuthorizationRequest | None:
    """Return an open request that this browser brought."""
    try:
        key = uuid.UUID(request_id)
    except ValueError:
        return None
    return db.session.scalar(
        select(AuthorizationRequest).where(
            AuthorizationRequest.id == key,
            AuthorizationRequest.browser_digest == digests.digest(browser_secret),
            AuthorizationRequest.expires_at > utcnow(),
            AuthorizationRequest.decided_at.is_(None),
        )
    )


def decide(pending: AuthorizationRequest) -> bool:
    """Take the one answer that a request may have; tell whether it was still open."""
    decided = db.session.execute(
        update(AuthorizationRequest)
        .where(
            AuthorizationRequest.id == pending.id,
            AuthorizationRequest.decided_at.is_(None),
        )
        .values(decided_at=utcnow())
        .execution_options(synchronize_session=False)
        .returning(AuthorizationRequest.id)
    )
    return decided.first() is not None


def purge(*, older_than: timedelta = timedelta(0), is_dry_run: bool = False) -> int:
    """Delete requests that ended at least `older_than` ago; return how many.

    Commits after each batch. With `is_dry_run` they are counted only.
    """
    is_over = AuthorizationRequest.expires_at <= utcnow() - older_than
    return purge_rows(AuthorizationRequest, is_over, is_dry_run=is_dry_run)
