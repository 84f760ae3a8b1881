"""Who may change whom, so that nobody climbs by it and somebody remains in charge.

Nobody changes a holder of permissions that they lack themselves, nor grants what they
do not hold, unless they hold `manage_system`; the last administrator stays one.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TypeAlias

from sqlalchemy import exists, select

from app.access.effective import holders_of, permission_names
from app.access.models import Permission
from app.accounts.models import User
from app.builtin import MANAGE_SYSTEM
from app.errors import ConflictError, NotAllowedError
from app.extensions import db


class Unlimited(Enum):
    """The power of whoever runs commands on the server."""

    UNLIMITED = "unlimited"


UNLIMITED = Unlimited.UNLIMITED

#: What the one who acts may do themselves: names of permissions, or everything.
Powers: TypeAlias = frozenset[str] | Unlimited


def check_may_change(*, actor_permissions: Powers, holder_id: uuid.UUID) -> None:
    """Raise NotAllowedError if the user or client can do things that the actor cannot.

    It guards every change of a holder: of roles, password, address, secrets, state.
    """
    reason = why_not_change(actor_permissions, holder_id)
    if reason:
        raise NotAllowedError(reason)


def why_not_change(powers: Powers, holder_id: uuid.UUID) -> str:
    """Return the sentence that keeps the actor from changing a holder, or nothing."""
    if _is_unlimited(powers):
        return ""
    missing = permission_names(holder_id) - _names(powers)
    if not missing:
        return ""
    return (
        f"You cannot change this account: it holds {_listed(missing)}, "
        "which you do not hold yourself."
    )


def check_may_grant(*, actor_permissions: Powers, names: Iterable[str]) -> None:
    """Raise NotAllowedError if the actor would give away what they do not hold."""
    reason = why_not_grant(actor_permissions, names)
    if reason:
        raise NotAllowedError(reason, field="permissions")


def why_not_grant(powers: Powers, names: Iterable[str]) -> str:
    """Return the sentence that keeps the actor from giving these, or nothing."""
    if _is_unlimited(powers):
        return ""
    missing = frozenset(names) - _names(powers)
    if not missing:
        return ""
    return f"You cannot give {_listed(missing)}, which you do not hold yourself."


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Undo what is done inside, and raise ConflictError, if it leaves no administrator.

    An administrator is an active person who can sign in and holds `manage_system`.
    Two such changes at once wait for each other, so that they do not each count on the
    other's administrator.
    """
    db.session.execute(
        select(Permission.id)
        .where(Permission.name == MANAGE_SYSTEM)
        .with_for_update(key_share=True)
    )
    had_one = is_there_an_administrator()
    with db.session.begin_nested():
        yield
        db.session.flush()
        if had_one and not is_there_an_administrator():
            raise ConflictError(
                "This would leave nobody to manage the system. "
                "Make somebody else an administrator first."
            )


def is_there_an_administrator() -> bool:
    """Tell whether an active person who can sign in holds `manage_system`."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    User.deactivated_at.is_(None),
                    User.password_hash != "",
                    User.id.in_(holders_of(MANAGE_SYSTEM)),
                )
            )
        )
    )


def _is_unlimited(powers: Powers) -> bool:
    return isinstance(powers, Unlimited) or MANAGE_SYSTEM in powers


def _names(powers: Powers) -> frozenset[str]:
    return frozenset() if isinstance(powers, Unlimited) else powers


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
