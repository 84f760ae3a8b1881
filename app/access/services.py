"""Giving roles and permissions to users and clients, and taking them away."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.catalogue import list_permissions, list_roles
from app.access.effective import direct_permissions, held_roles
from app.access.escalation import (
    Powers,
    check_may_change,
    check_may_grant,
    keeping_an_administrator,
)
from app.access.holders import Holder, lock_holder
from app.access.models import Permission, PermissionGrant, Role, RoleAssignment
from app.audit.actor import Actor
from app.audit.services import record
from app.errors import ChangedMeanwhileError, NotFoundError
from app.extensions import db


def assign_role(*, actor: Actor, powers: Powers, holder: Holder, role: Role) -> bool:
    """Give a holder a role; return whether that changed anything."""
    _lock(holder, powers)
    check_may_grant(actor_permissions=powers, names=[p.name for p in role.permissions])
    if _find_assignment(holder, role):
        return False
    _add(RoleAssignment(**_column(holder), role_id=role.id))
    _record(actor, "role.assigned", holder, {"role": role.name})
    return True


def remove_role(*, actor: Actor, powers: Powers, holder: Holder, role: Role) -> bool:
    """Take a role from a holder; return whether they held it."""
    _lock(holder, powers)
    assignment = _find_assignment(holder, role)
    if assignment is None:
        return False
    with keeping_an_administrator():
        db.session.delete(assignment)
    _record(actor, "role.removed", holder, {"role": role.name})
    return True


def give_permission(
    *, actor: Actor, powers: Powers, holder: Holder, permission: Permission
) -> bool:
    """Give a holder a permission directly; return whether that changed anything."""
    _lock(holder, powers)
    check_may_grant(actor_permissions=powers, names=[permission.name])
    if _find_grant(holder, permission):
        return False
    _add(PermissionGrant(**_column(holder), permission_id=permission.id))
    _record(actor, "permission.given", holder, {"permission": permission.name})
    return True


def revoke_permission(
    *, actor: Actor, powers: Powers, holder: Holder, permission: Permission
) -> bool:
    """Take a directly held permission away; return whether it was held so.

    What a role brings stays: that is taken away with the role.
    """
    _lock(holder, powers)
    grant = _find_grant(holder, permission)
    if grant is None:
        return False
    with keeping_an_administrator():
        db.session.delete(grant)
    _record(actor, "permission.revoked", holder, {"permission": permission.name})
    return True


def set_roles_and_permissions(
    *,
    actor: Actor,
    powers: Powers,
    holder: Holder,
    role_ids: Collection[uuid.UUID],
    permission_ids: Collection[uuid.UUID],
) -> None:
    """Make a holder hold exactly these roles and these direct permissions.

    Two at once wait for each other: what is held in the end is what one of them wanted.
    """
    _lock(holder, powers)
    wanted_roles = _all_found(list_roles(), role_ids, "role")
    wanted_permissions = _all_found(list_permissions(), permission_ids, "permission")
    roles, permissions = held_roles(holder.id), direct_permissions(holder.id)
    with keeping_an_administrator():
        # Giving comes first, so that whoever swaps one source of `manage_system` for
        # another is an administrator all the while.
        for role in _only_in(wanted_roles, roles):
            assign_role(actor=actor, powers=powers, holder=holder, role=role)
        for permission in _only_in(wanted_permissions, permissions):
            give_permission(
                actor=actor, powers=powers, holder=holder, permission=permission
            )
        for role in _only_in(roles, wanted_roles):
            remove_role(actor=actor, powers=powers, holder=holder, role=role)
        for permission in _only_in(permissions, wanted_permissions):
            revoke_permission(
                actor=actor, powers=powers, holder=holder, permission=permission
            )


def _lock(holder: Holder, powers: Powers) -> None:
    """Keep others from giving and taking, and see that the actor may do it."""
    lock_holder(holder)
    check_may_change(actor_permissions=powers, holder_id=holder.id)


def _find_assignment(holder: Holder, role: Role) -> RoleAssignment | None:
    return db.session.scalar(
        select(RoleAssignment).where(
            RoleAssignment.holder_id == holder.id, RoleAssignment.role_id == role.id
        )
    )


def _find_grant(holder: Holder, permission: Permission) -> PermissionGrant | None:
    return db.session.scalar(
        select(PermissionGrant).where(
            PermissionGrant.holder_id == holder.id,
            PermissionGrant.permission_id == permission.id,
        )
    )


def _column(holder: Holder) -> dict[str, uuid.UUID]:
    return {f"{holder.kind}_id": holder.id}


def _add(holding: RoleAssignment | PermissionGrant) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(holding)
    except IntegrityError:
        # Given, or its role or holder deleted, between our look and our write.
        raise ChangedMeanwhileError(
            "This has changed. Reload the page and try again."
        ) from None


_Thing = TypeVar("_Thing", Role, Permission)


def _all_found(
    existing: Sequence[_Thing], ids: Collection[uuid.UUID], kind: str
) -> list[_Thing]:
    found = [thing for thing in existing if thing.id in ids]
    if len(found) != len(set(ids)):
        raise NotFoundError(f"This {kind} no longer exists.", field=f"{kind}s")
    return found


def _only_in(these: Sequence[_Thing], others: Sequence[_Thing]) -> list[_Thing]:
    return [thing for thing in these if thing not in others]


def _record(actor: Actor, action: str, holder: Holder, details: dict[str, Any]) -> None:
    record(
        actor=actor,
        action=action,
        subject_kind=holder.kind,
        subject_id=holder.id,
        subject_label=holder.label,
        details=details,
    )
