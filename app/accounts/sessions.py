"""Where people are signed in: one row per browser, found by its cookie's secret."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, or_, select, true, update

from app import digests
from app.accounts.models import User, UserSession
from app.clock import utcnow
from app.database import reading_only
from app.extensions import db
from app.purging import purge_rows
from app.web.counting import Count, count_of, counting

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
#: A script that signs in each time has very many.
MOST_LISTED = 20


def start_session(
    *, user: User, ip_address: str | None, user_agent: str
) -> tuple[UserSession, str]:
    """Sign `user` in at a browser; the second value is the secret for its cookie."""
    secret = digests.generate(digests.SESSION)
    now = utcnow()
    session = UserSession(
        digest=digests.digest(secret),
        user_id=user.id,
        authenticated_at=now,
        last_seen_at=now,
        expires_at=now + ABSOLUTE,
        ip_address=ip_address[:45] if ip_address else None,
        user_agent=_printable(user_agent)[:255],
    )
    db.session.add(session)
    db.session.flush()
    return session, secret


def find_session(secret: str) -> tuple[UserSession, User] | None:
    """Return the session with `secret` and its person, if it is still good.

    That it was seen is written at most once a minute, in a transaction of its own.
    """
    if not digests.is_well_formed(secret, digests.SESSION):
        return None
    is_first = not db.session().in_transaction()
    found = _find(secret)
    if found and is_first and found[0].last_seen_at < utcnow() - SEEN_EVERY:
        _note_seen(found[0].id)
        found = _find(secret)
    return found


def _find(secret: str) -> tuple[UserSession, User] | None:
    now = utcnow()
    row = db.session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.digest == digests.digest(secret),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - IDLE,
            User.deactivated_at.is_(None),
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _note_seen(session_id: uuid.UUID) -> None:
    # The request's own transaction has only read so far, and on SQLite it may have
    # begun as one that cannot write: end it, write, and let the request begin anew.
    db.session.rollback()
    with reading_only(False):
        db.session.execute(
            update(UserSession)
            .where(UserSession.id == session_id)
            .values(last_seen_at=utcnow())
        )
        db.session.commit()


def live_sessions(user_id: uuid.UUID) -> Select[UserSession]:
    """Return the select of a person's good sessions, the latest seen first."""
    now = utcnow()
    return (
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - IDLE,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id)
    )


def list_sessions(
    user_id: uuid.UUID, *, but: uuid.UUID | None = None, most: int = MOST_LISTED
) -> Sequence[UserSession]:
    """Return the good sessions of a person that were seen last, all `but` one."""
    found = live_sessions(user_id).where(UserSession.id != but if but else true())
    return db.session.scalars(found.limit(most)).all()


def session_count(user_id: uuid.UUID, *, but: uuid.UUID | None = None) -> Count:
    """Return how many good sessions a person has, all `but` one, to a thousand."""
    found = live_sessions(user_id).where(UserSession.id != but if but else true())
    return count_of(db.session.scalar(select(counting(found))))


def find_own_session(
    *, user_id: uuid.UUID, session_id: uuid.UUID
) -> UserSession | None:
    """Return one of the good sessions of this person; nobody else's."""
    mine = live_sessions(user_id).where(UserSession.id == session_id)
    return db.session.scalar(mine)


def end_session(session: UserSession) -> None:
    """Make the session's cookie worthless."""
    if session.revoked_at is None:
        session.revoked_at = utcnow()
        db.session.flush()


def end_other_sessions(*, user_id: uuid.UUID, keep_id: uuid.UUID | None = None) -> int:
    """End a person's sessions, but for the one to keep; return how many ended."""
    ended = db.session.scalars(
        update(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.id != keep_id if keep_id else true(),
        )
        .values(revoked_at=utcnow())
        .returning(UserSession.id)
    )
    return len(ended.all())


def purge(*, older_than: timedelta = timedelta(0), is_dry_run: bool = False) -> int:
    """Delete sessions that ran out at least `older_than` ago; return how many.

    One that was ended goes when it would have run out. Commits after each batch; with
    `is_dry_run` they are counted only.
    """
    before = utcnow() - older_than
    is_over = or_(
        UserSession.expires_at <= before, UserSession.last_seen_at <= before - IDLE
    )
    return purge_rows(UserSession, is_over, is_dry_run=is_dry_run)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
