"""Failed sign-ins are counted per address in the database, for all workers together."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, select

from app import digests
from app.accounts.emails import email_key
from app.accounts.models import SignInThrottle
from app.clock import utcnow
from app.database import insert_into
from app.extensions import db
from app.purging import purge_rows

MAX_FAILURES = 10
WINDOW = timedelta(minutes=15)


def count_attempt(email: str) -> tuple[int, datetime]:
    """Count a try for `email` as failed; return the failures and their window's start.

    One statement adds and tells, so that tries at the same moment, at whatever worker,
    each get a number of their own. The caller commits before it checks the password,
    and calls `forget_failures` when it was right.
    """
    now = utcnow()
    table = SignInThrottle.__table__
    is_over = table.c.window_started_at <= now - WINDOW
    statement = (
        insert_into(db.engine, SignInThrottle)
        .values(email_digest=_digest(email), failures=1, window_started_at=now)
        .on_conflict_do_update(
            index_elements=[table.c.email_digest],
            set_={
                "failures": case((is_over, 1), else_=table.c.failures + 1),
                "window_started_at": case(
                    (is_over, now), else_=table.c.window_started_at
                ),
            },
        )
        .returning(SignInThrottle.failures, SignInThrottle.window_started_at)
    )
    failures, window_started_at = db.session.execute(statement).one()
    return failures, window_started_at


def locked_until(email: str) -> datetime | None:
    """Return until when signing in as `email` is refused; null if it is not."""
    started_at = db.session.scalar(
        select(SignInThrottle.window_started_at).where(
            SignInThrottle.email_digest == _digest(email),
            SignInThrottle.failures >= MAX_FAILURES,
            SignInThrottle.window_started_at > utcnow() - WINDOW,
        )
    )
    return started_at + WINDOW if started_at else None


def seconds_to_wait(window_started_at: datetime) -> int:
    """Return how many seconds the window still lasts, at least one."""
    left = window_started_at + WINDOW - utcnow()
    return max(1, -int(-left.total_seconds() // 1))


def forget_failures(email: str) -> None:
    """Start anew for an address whose owner has signed in or has been let in."""
    db.session.execute(
        delete(SignInThrottle).where(SignInThrottle.email_digest == _digest(email))
    )


def purge(*, older_than: timedelta = timedelta(0), is_dry_run: bool = False) -> int:
    """Delete counts whose window ended at least `older_than` ago; return how many.

    Commits after each batch. With `is_dry_run` they are counted only.
    """
    is_over = SignInThrottle.window_started_at <= utcnow() - WINDOW - older_than
    return purge_rows(SignInThrottle, is_over, is_dry_run=is_dry_run)


def _digest(email: str) -> bytes:
    return digests.digest(email_key(email))
