"""Signing in: one message and one duration, whatever was wrong."""

import time
from dataclasses import dataclass
from typing import NoReturn, TypedDict

from sqlalchemy import select

from app.accounts import sessions, throttle
from app.accounts.emails import email_key
from app.accounts.events import record_on_user
from app.accounts.models import User, UserSession
from app.accounts.passwords import verify_and_update
from app.audit.actor import Actor
from app.clock import utcnow
from app.errors import DomainError
from app.extensions import db, settings
from app.locking import lock
from app.text import is_storable

#: A failed try takes this long, hashing included. Checking an Argon2id or a bcrypt
#: hash takes less, so that not even the kind of hash shows.
FAILURE_SECONDS = 0.4


class _Origin(TypedDict):
    ip_address: str | None
    reference_id: str | None


@dataclass(frozen=True)
class _Checked:
    """A right password: the hash that it fits, and the one to store from now on."""

    stored_hash: str
    hash_to_store: str


class SignInRefused(DomainError):  # noqa: N818 - it is an answer, not a fault
    """The address and the password do not open an account; it is not said why."""

    def __init__(self) -> None:
        super().__init__("Wrong e-mail address or password.")


class TooManyFailures(DomainError):  # noqa: N818 - the same
    """Signing in failed too often for this address; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            f"Too many failed sign-ins for this account. Try again in {minutes} {unit}."
        )
        self.retry_after = retry_after


def sign_in(
    *,
    email: str,
    password: str,
    ip_address: str | None,
    user_agent: str,
    reference_id: str | None = None,
) -> tuple[UserSession, str]:
    """Start a session for whoever proves to be `email`; return it and its secret.

    Raises SignInRefused or TooManyFailures. It commits on its way: the try is counted,
    and no lock is held, before the password is hashed. The caller commits the session.
    """
    started = time.monotonic()
    _count(email)
    origin = _Origin(ip_address=ip_address, reference_id=reference_id)
    checked = _check_password(email, password)
    user = _find_active(email) if checked else None
    if not (user and checked and user.password_hash == checked.stored_hash):
        # It was wrong, or the password or the person's state has changed meanwhile.
        _refuse(origin, email, started)
    user.password_hash = checked.hash_to_store
    user.last_signed_in_at = utcnow()
    throttle.forget_failures(email)
    started_session = sessions.start_session(
        user=user, ip_address=ip_address, user_agent=user_agent
    )
    actor = Actor(kind="user", id=user.id, label=user.label, **origin)
    record_on_user(actor, "user.signed_in", user)
    return started_session


def password_is_right(*, actor: Actor, user: User, password: str) -> bool:
    """Tell whether a signed-in person knows their password; a wrong one is an event.

    Raises TooManyFailures: tries here count like those at the sign-in page. Whatever
    the transaction held is let go; tell the caller's work only afterwards. Until that
    is committed nobody else changes the password which has been proved.
    """
    email = user.email
    _count(email)
    checked = _check_password(email, password)
    if checked is None or lock(user).password_hash != checked.stored_hash:
        # It was wrong, or another has been set while it was looked at.
        record_on_user(actor, "user.password_refused", user)
        db.session.commit()
        return False
    throttle.forget_failures(email)
    return True


def _count(email: str) -> None:
    if not settings.ratelimit_enabled:
        return
    failures, window_started_at = throttle.count_attempt(email)
    # Committed now: the count outlives the refusal, and holds before the hash is made.
    db.session.commit()
    if failures > throttle.MAX_FAILURES:
        raise TooManyFailures(throttle.seconds_to_wait(window_started_at))


def _check_password(email: str, password: str) -> _Checked | None:
    user = _find_active(email)
    stored_hash = user.password_hash if user else ""
    # Nothing stays locked while the hash is computed.
    db.session.rollback()
    is_right, new_hash = verify_and_update(password, stored_hash)
    return _Checked(stored_hash, new_hash or stored_hash) if is_right else None


def _find_active(email: str) -> User | None:
    key = email_key(email)
    if not is_storable(key):
        return None
    return db.session.scalar(
        select(User).where(User.email_key == key, User.deactivated_at.is_(None))
    )


def _refuse(origin: _Origin, email: str, started: float) -> NoReturn:
    user = _find_active(email)
    if user:
        # Nobody has proved to be this person: the server itself tells of the try.
        record_on_user(Actor.server(**origin), "user.sign_in_refused", user)
    # The event outlives the refusal, and no lock is held while waiting.
    db.session.commit()
    time.sleep(max(0.0, started + FAILURE_SECONDS - time.monotonic()))
    raise SignInRefused
