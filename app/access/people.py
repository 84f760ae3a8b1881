"""Changing people within what the actor may do themselves.

Each change of a person is a change of a holder: it takes every permission that they
hold, so that nobody takes over an account which can do more than their own.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from app.access.connected import end_connected_app, find_connected_app
from app.access.escalation import Powers, check_may_change, keeping_an_administrator
from app.access.holders import user_holder
from app.access.services import set_roles_and_permissions
from app.access.states import (
    check_state,
    holdings_state,
    user_state,
)
from app.accounts import services as accounts
from app.accounts import sessions
from app.accounts.events import record_on_user
from app.accounts.models import User
from app.accounts.passwords import make_password
from app.audit.actor import Actor
from app.errors import (
    ChangedMeanwhileError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
)
from app.locking import lock


@dataclass(frozen=True, kw_only=True)
class Creation:
    """A person who was created, or had been by the same form (`is_repeat`).

    `password` is the one that was made for them: this is the only place it stands.
    """

    user: User
    password: str | None = None
    is_repeat: bool = False


def create_user(
    *,
    actor: Actor,
    powers: Powers,
    email: str,
    name: str,
    password: str | None = None,
    user_id: uuid.UUID | None = None,
    role_ids: Collection[uuid.UUID],
) -> Creation:
    """Create a person with roles; without a password a random one is made.

    A `user_id` was drawn by the server for one form: sending it twice makes one person.
    """
    if user_id and (made := accounts.find_user(user_id)):
        return Creation(user=made, is_repeat=True)
    random = None if password else make_password()
    try:
        user = accounts.create_user(
            actor=actor,
            user_id=user_id,
            email=email,
            name=name,
            password=password or random,
        )
    except ConflictError:
        # The same form may have been sent twice at the same moment.
        if user_id and (made := accounts.find_user(user_id)):
            return Creation(user=made, is_repeat=True)
        raise
    set_roles_and_permissions(
        actor=actor,
        powers=powers,
        holder=user_holder(user),
        role_ids=role_ids,
        permission_ids=(),
    )
    return Creation(user=user, password=random)


def update_user(
    *,
    actor: Actor,
    powers: Powers,
    user: User,
    name: str | None = None,
    email: str | None = None,
    expected_state: str | None = None,
) -> bool:
    """Change a person's name or address; what is null stays. Tell whether any did.

    Raises ChangedMeanwhileError where the person is not in `expected_state`, if given.
    """
    before = user_state(_locked(user, powers))
    if expected_state is not None:
        check_state(expected_state, before)
    accounts.update_user(actor=actor, user=user, name=name, email=email)
    return user_state(user) != before


def change_holdings(
    *,
    actor: Actor,
    powers: Powers,
    user: User,
    role_ids: Collection[uuid.UUID],
    permission_ids: Collection[uuid.UUID],
    expected_state: str,
) -> None:
    """Make a person hold exactly these, unless somebody else changed it meanwhile."""
    check_state(expected_state, holdings_state(_locked(user, powers).id))
    set_roles_and_permissions(
        actor=actor,
        powers=powers,
        holder=user_holder(user),
        role_ids=role_ids,
        permission_ids=permission_ids,
    )


def deactivate_user(*, actor: Actor, powers: Powers, user: User) -> None:
    """Lock a person out, if the actor may and an administrator remains."""
    _locked(user, powers)
    with keeping_an_administrator():
        accounts.deactivate_user(actor=actor, user=user)


def activate_user(*, actor: Actor, powers: Powers, user: User) -> None:
    """Let a deactivated person sign in again; nothing old comes back to life."""
    _locked(user, powers)
    accounts.activate_user(actor=actor, user=user)


def unlock_user(*, actor: Actor, powers: Powers, user: User) -> None:
    """Let a person sign in again whom too many failed tries have locked out.

    Nobody lets themselves in: whoever sits at a browser that somebody left open would
    guess the password without end.
    """
    if actor.id == user.id:
        raise NotAllowedError(
            "This is your own account. Another administrator has to unlock it."
        )
    accounts.unlock_user(actor=actor, user=_locked(user, powers))


def reset_password(
    *, actor: Actor, powers: Powers, user: User, expected_generation: int
) -> str:
    """Give a person a random password, sign them out everywhere, and return it.

    `expected_generation` is their token generation when the question was asked: what
    was sent twice resets once. Nobody resets their own: that takes the old one.
    """
    _check_is_somebody_else(actor, user)
    if _locked(user, powers).token_generation != expected_generation:
        raise ChangedMeanwhileError
    if not user.is_active:
        raise ConflictError("This account is deactivated. Activate it first.")
    password = make_password()
    accounts.set_password(actor=actor, user=user, password=password)
    accounts.sign_out_everywhere(actor=actor, user=user)
    return password


def end_session(
    *, actor: Actor, powers: Powers, user: User, session_id: uuid.UUID
) -> None:
    """Sign a person out at one browser."""
    _check_is_somebody_else(actor, user)
    _locked(user, powers)
    found = sessions.find_own_session(user_id=user.id, session_id=session_id)
    if found is None:
        raise NotFoundError("That browser is already signed out.")
    accounts.end_session(actor=actor, user=user, user_session=found)


def sign_out_everywhere(*, actor: Actor, powers: Powers, user: User) -> None:
    """End every session of a person and every token that apps hold for them."""
    _check_is_somebody_else(actor, user)
    _locked(user, powers)
    accounts.sign_out_everywhere(actor=actor, user=user)


def end_app_access(
    *, actor: Actor, powers: Powers, user: User, client_id: uuid.UUID
) -> str:
    """Take back all that a person lets an app do; return the app's name.

    Its tokens for the person are dead at once. The log has it twice, so that it is
    found by the app and by the person.
    """
    _check_is_somebody_else(actor, user, where="Connected apps")
    _locked(user, powers)
    app = find_connected_app(user, client_id)
    if app is None or not end_connected_app(actor=actor, user=user, app=app):
        raise NotFoundError("This app no longer has access to the account.")
    record_on_user(actor, "user.app_ended", user, {"app": app.name})
    return app.name


def _locked(user: User, powers: Powers) -> User:
    """Return the person as they are now, if the actor may change them.

    Locked first: what is being given to them this moment counts, and nothing can be
    given to them before we are done.
    """
    lock(user)
    check_may_change(actor_permissions=powers, holder_id=user.id)
    return user


def _check_is_somebody_else(
    actor: Actor,
    user: User,
    where: str = "Security, where you confirm your identity",
) -> None:
    if actor.id == user.id:
        raise NotAllowedError(f"This is your own account. Do this under {where}.")
