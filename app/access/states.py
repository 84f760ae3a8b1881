"""States that forms are filled in from, so that two people at once do not overwrite."""

import uuid

from app import digests
from app.access.effective import direct_permissions, held_roles
from app.access.models import Permission, Role
from app.accounts.models import User
from app.errors import ChangedMeanwhileError


def user_state(user: User) -> str:
    """Return what names the present words about a person."""
    return _digest(user.name, user.email)


def role_state(role: Role) -> str:
    """Return what names the present words and permissions of a role."""
    ids = sorted(str(permission.id) for permission in role.permissions)
    return _digest(role.name, role.description, *ids)


def permission_state(permission: Permission) -> str:
    """Return what names the present words of a permission, and who may ask for it."""
    return _digest(
        permission.description, permission.group, str(permission.is_delegable)
    )


def holdings_state(holder_id: uuid.UUID) -> str:
    """Return what names the present roles and direct permissions of a holder."""
    ids = [str(role.id) for role in held_roles(holder_id)]
    ids += [str(permission.id) for permission in direct_permissions(holder_id)]
    return _digest(*sorted(ids))


def check_state(expected: str, present: str) -> None:
    """Raise ChangedMeanwhileError if a form was filled in from another state."""
    if expected != present:
        raise ChangedMeanwhileError


def _digest(*parts: str) -> str:
    return digests.digest("\n".join(parts)).hex()[:16]
