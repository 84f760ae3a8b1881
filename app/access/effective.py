"""What a user or a client may do now, and where each permission comes from."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    cast,
    null,
    select,
    union,
    union_all,
)

from app.access.models import (
    Permission,
    PermissionGrant,
    Role,
    RoleAssignment,
    RolePermission,
)
from app.extensions import db


@dataclass(frozen=True)
class EffectivePermission:
    """A permission that a holder has: through roles (`via`), directly, or both."""

    name: str
    description: str
    group: str
    is_delegable: bool
    via: tuple[str, ...]
    is_direct: bool


def effective_permissions(holder_id: uuid.UUID) -> list[EffectivePermission]:
    """Return what a user or client holds with its sources, by name, in one query."""
    held = union_all(
        _direct(holder_id, with_source=True),
        _through_roles(holder_id, with_source=True),
    ).subquery()
    rows = db.session.execute(
        select(Permission, held.c.source)
        .join(held, held.c.permission_id == Permission.id)
        .order_by(Permission.name, held.c.source)
    )
    sources: dict[Permission, list[str | None]] = {}
    for permission, source in rows:
        sources.setdefault(permission, []).append(source)
    return [_effective(*item) for item in sources.items()]


def permission_names(holder_id: uuid.UUID) -> frozenset[str]:
    """Return the names of what a user or client may do now."""
    held = union(_direct(holder_id), _through_roles(holder_id)).subquery()
    return frozenset(
        db.session.scalars(
            select(Permission.name).join(held, held.c.permission_id == Permission.id)
        )
    )


def held_roles(holder_id: uuid.UUID) -> Sequence[Role]:
    """Return the roles of a user or client, by name."""
    return db.session.scalars(
        select(Role)
        .join(RoleAssignment, RoleAssignment.role_id == Role.id)
        .where(RoleAssignment.holder_id == holder_id)
        .order_by(Role.name)
    ).all()


def direct_permissions(holder_id: uuid.UUID) -> Sequence[Permission]:
    """Return what a user or client holds without any role, by name."""
    return db.session.scalars(
        select(Permission)
        .join(PermissionGrant, PermissionGrant.permission_id == Permission.id)
        .where(PermissionGrant.holder_id == holder_id)
        .order_by(Permission.name)
    ).all()


def holders_of(name: str) -> CompoundSelect[Any]:
    """Return the select of the people who hold a permission, by roles or directly."""
    by_role = (
        select(RoleAssignment.user_id)
        .join(RolePermission, RolePermission.role_id == RoleAssignment.role_id)
        .join(Permission, Permission.id == RolePermission.permission_id)
        .where(Permission.name == name)
    )
    directly = (
        select(PermissionGrant.user_id)
        .join(Permission, Permission.id == PermissionGrant.permission_id)
        .where(Permission.name == name)
    )
    return union_all(by_role, directly)


def _direct(
    holder_id: uuid.UUID, *, with_source: bool = False
) -> Select[*tuple[Any, ...]]:
    source = [cast(null(), String(64)).label("source")] if with_source else []
    return select(PermissionGrant.permission_id, *source).where(
        PermissionGrant.holder_id == holder_id
    )


def _through_roles(
    holder_id: uuid.UUID, *, with_source: bool = False
) -> Select[*tuple[Any, ...]]:
    source = [Role.name.label("source")] if with_source else []
    return (
        select(RolePermission.permission_id, *source)
        .join(RoleAssignment, RoleAssignment.role_id == RolePermission.role_id)
        .join(Role, Role.id == RolePermission.role_id)
        .where(RoleAssignment.holder_id == holder_id)
    )


def _effective(
    permission: Permission, sources: list[str | None]
) -> EffectivePermission:
    return EffectivePermission(
        name=permission.name,
        description=permission.description,
        group=permission.group,
        is_delegable=permission.is_delegable,
        via=tuple(source for source in sources if source is not None),
        is_direct=None in sources,
    )
