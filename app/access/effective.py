"""What a user or a client may do now, and where each permission comes from."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, select

from app.access.holdings import holdings
from app.access.models import Permission, PermissionGrant, Role, RoleAssignment
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
    held = holdings(
        "permission_id", "role_id", where=lambda way: way.holder_id == holder_id
    ).subquery()
    rows = db.session.execute(
        select(Permission, Role.name)
        .join(held, held.c.permission_id == Permission.id)
        .outerjoin(Role, Role.id == held.c.role_id)
        .order_by(Permission.name, Role.name)
    )
    sources: dict[Permission, list[str | None]] = {}
    for permission, source in rows:
        sources.setdefault(permission, []).append(source)
    return [_effective(*item) for item in sources.items()]


def permission_names(holder_id: uuid.UUID) -> frozenset[str]:
    """Return the names of what a user or client may do now."""
    held = holdings("permission_id", where=lambda way: way.holder_id == holder_id)
    return frozenset(
        db.session.scalars(select(Permission.name).where(Permission.id.in_(held)))
    )


def held_among(
    holder_ids: Collection[uuid.UUID], names: Collection[str]
) -> frozenset[tuple[uuid.UUID, str]]:
    """Return which of these permissions each holder has now, as id and name."""
    if not holder_ids or not names:
        return frozenset()
    held = holdings(
        "holder_id", "permission_id", where=lambda way: way.holder_id.in_(holder_ids)
    ).subquery()
    rows = db.session.execute(
        select(held.c.holder_id, Permission.name)
        .join(held, held.c.permission_id == Permission.id)
        .where(Permission.name.in_(names))
    )
    return frozenset((holder_id, name) for holder_id, name in rows)


def holders_among(holder_ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return which of these users or clients hold any permission."""
    held = holdings("holder_id", where=lambda way: way.holder_id.in_(holder_ids))
    return frozenset(db.session.scalars(held))


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
    named = select(Permission.id).where(Permission.name == name).scalar_subquery()
    return holdings("user_id", where=lambda way: way.permission_id == named)


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
