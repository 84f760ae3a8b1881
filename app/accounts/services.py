"""Changing people: create, edit, deactivate, sign out everywhere."""

import uuid

from sqlalchemy import Select, false, or_, select
from sqlalchemy.exc import IntegrityError

from app.accounts import sessions, throttle
from app.accounts.emails import checked_email, email_key
from app.accounts.events import record_on_user
from app.accounts.models import User, UserSession
from app.accounts.passwords import check_password_rules, hash_password
from app.audit.actor import Actor
from app.clock import utcnow
from app.database import new_id
from app.errors import ConflictError
from app.extensions import db
from app.text import checked_line, is_storable
from app.web.searching import holds

NAME_LENGTH = 100

__all__ = [
    "activate_user",
    "create_user",
    "deactivate_user",
    "email_key",
    "end_other_sessions",
    "end_session",
    "find_user",
    "find_user_by_email",
    "list_users",
    "set_password",
    "sign_out_everywhere",
    "unlock_user",
    "update_user",
]


def find_user(user_id: uuid.UUID) -> User | None:
    """Return the person with this id, deactivated or not."""
    return db.session.get(User, user_id)


def find_user_by_email(email: str) -> User | None:
    """Return the person with this address, however it is spelled."""
    key = email_key(email)
    if not is_storable(key):
        return None
    return db.session.scalar(select(User).where(User.email_key == key))


def list_users(*, search: str = "", is_active: bool | None = None) -> Select[User]:
    """Return the query for people whose name or address contains `search`."""
    query = select(User).order_by(User.email_key, User.id)
    wanted = email_key(search)
    if wanted and is_storable(wanted):
        query = query.where(
            or_(
                User.email_key.contains(wanted, autoescape=True),
                holds(User.name, search.strip()),
            )
        )
    elif wanted:
        query = query.where(false())
    if is_active is not None:
        deactivated = User.deactivated_at
        query = query.where(
            deactivated.is_(None) if is_active else deactivated.is_not(None)
        )
    return query


def create_user(
    *,
    actor: Actor,
    email: str,
    name: str = "",
    password: str | None,
    user_id: uuid.UUID | None = None,
) -> User:
    """Create a person; without a password nobody can sign in as them yet.

    `user_id` is one that the server drew before, never one that somebody chose.
    """
    email = checked_email(email)
    name = checked_line(name, field="name", limit=NAME_LENGTH)
    if password is not None:
        check_password_rules(password, email=email)
    if find_user_by_email(email):
        raise _address_taken()
    user = User(
        id=user_id or new_id(),
        password_hash="" if password is None else hash_password(password),
    )
    _set_unique(user, {"email": email, "email_key": email_key(email), "name": name})
    record_on_user(actor, "user.created", user)
    return user


def update_user(
    *, actor: Actor, user: User, name: str | None = None, email: str | None = None
) -> User:
    """Change a person's name or address; what is null stays."""
    if name is not None:
        name = checked_line(name, field="name", limit=NAME_LENGTH)
    wanted = {
        "name": user.name if name is None else name,
        "email": user.email if email is None else checked_email(email),
    }
    holder = find_user_by_email(wanted["email"])
    if holder not in {None, user}:
        raise _address_taken()
    changes = {
        field: [getattr(user, field), value]
        for field, value in wanted.items()
        if value != getattr(user, field)
    }
    if changes:
        _set_unique(user, wanted | {"email_key": email_key(wanted["email"])})
        record_on_user(actor, "user.updated", user, changes)
    return user


def set_password(*, actor: Actor, user: User, password: str) -> None:
    """Give a person a new password, which opens the account at once.

    Failed tries of before no longer count. Ending sessions is the caller's choice.
    """
    check_password_rules(password, email=user.email)
    user.password_hash = hash_password(password)
    throttle.forget_failures(user.email)
    db.session.flush()
    record_on_user(actor, "user.password_changed", user)


def unlock_user(*, actor: Actor, user: User) -> None:
    """Let a person sign in again whom too many failed tries have locked out."""
    if throttle.locked_until(user.email):
        throttle.forget_failures(user.email)
        record_on_user(actor, "user.unlocked", user)


def deactivate_user(*, actor: Actor, user: User) -> None:
    """Lock a person out: no sign-in, sessions ended, apps' tokens for them invalid.

    Whether the actor may, and whether an administrator remains, is asked in
    `app.access` (`deactivate_user` there), which callers with powers go through.
    """
    if not user.is_active:
        return
    user.deactivated_at = utcnow()
    _end_everything(user)
    record_on_user(actor, "user.deactivated", user)


def activate_user(*, actor: Actor, user: User) -> None:
    """Let a deactivated person sign in again; nothing old comes back to life."""
    if user.is_active:
        return
    user.deactivated_at = None
    db.session.flush()
    record_on_user(actor, "user.activated", user)


def end_session(*, actor: Actor, user: User, user_session: UserSession) -> None:
    """Sign a person out at one browser; tokens that apps hold are no part of it."""
    sessions.end_session(user_session)
    record_on_user(actor, "user.session_ended", user)


def end_other_sessions(*, actor: Actor, user: User, keep: UserSession) -> int:
    """Sign a person out everywhere but here; return at how many browsers."""
    count = sessions.end_other_sessions(user_id=user.id, keep_id=keep.id)
    if count:
        record_on_user(actor, "user.other_sessions_ended", user, {"browsers": count})
    return count


def sign_out_everywhere(*, actor: Actor, user: User) -> None:
    """End every session of a person and every token that apps hold for them."""
    _end_everything(user)
    record_on_user(actor, "user.signed_out_everywhere", user)


def _end_everything(user: User) -> None:
    # Raised in the database, not from what was read: two at once still raise it.
    user.token_generation = User.token_generation + 1
    db.session.flush()
    sessions.end_other_sessions(user_id=user.id)


def _set_unique(user: User, values: dict[str, str]) -> None:
    try:
        with db.session.begin_nested():
            # Set inside: what was pending before would be written outside.
            for field, value in values.items():
                setattr(user, field, value)
            db.session.add(user)
    except IntegrityError:
        # Somebody took the address between our look and our write.
        raise _address_taken() from None


def _address_taken() -> ConflictError:
    return ConflictError("This e-mail address is already in use.", field="email")
