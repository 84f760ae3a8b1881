"""How far roles and permissions reach: how many hold them, and who they are.

Counting ends at a thousand, so that a role which everybody holds costs no more than
one which a thousand hold.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    func,
    select,
    union,
)

from app.access.holders import HolderKind
from app.access.models import (
    Permission,
    PermissionGrant,
    Role,
    RoleAssignment,
    RolePermission,
)
from app.extensions import db
from app.web.counting import ENOUGH, Count, count_of, counting

Holding: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many people and apps hold a thing.

    Of a role, `contains` is how many permissions it holds; of a permission, how many
    roles hold it.
    """

    people: Count
    apps: Count
    contains: int

    def as_facts(self) -> dict[str, Any]:
        """Return it as details of an audit event."""
        return {"people": str(self.people), "apps": str(self.apps)}


def role_reach(role_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Reach]:
    """Return how far each of these roles reaches, in one query."""
    contained = select(func.count()).where(RolePermission.role_id == Role.id)
    return _reach(
        select(
            Role.id,
            _capped(_assigned(RoleAssignment.__table__.c.user_id)),
            _capped(_assigned(RoleAssignment.__table__.c.client_id)),
            contained.correlate(Role).scalar_subquery(),
        ).where(Role.id.in_(role_ids))
    )


def direct_reach(permission_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Reach]:
    """Return how many hold each of these permissions without a role, in one query."""
    grants = PermissionGrant.__table__
    return _permission_reach(
        permission_ids, [_granted(grants.c.user_id)], [_granted(grants.c.client_id)]
    )


def permission_reach(permission_id: uuid.UUID) -> Reach:
    """Return how many hold a permission at all, by whatever role or directly."""
    grants, assignments = PermissionGrant.__table__, RoleAssignment.__table__
    return _permission_reach(
        [permission_id],
        [_granted(grants.c.user_id), _brought(assignments.c.user_id)],
        [_granted(grants.c.client_id), _brought(assignments.c.client_id)],
    )[permission_id]


def role_holders(role_id: uuid.UUID, kind: HolderKind) -> Select[uuid.UUID]:
    """Return the select of the ids of people, or apps, that hold a role."""
    column = _of_kind(RoleAssignment, kind)
    return (
        select(column)
        .where(RoleAssignment.role_id == role_id, column.is_not(None))
        .order_by(RoleAssignment.id)
    )


def direct_holders(permission_id: uuid.UUID, kind: HolderKind) -> Select[uuid.UUID]:
    """Return the select of the ids of people, or apps, that hold it without a role."""
    column = _of_kind(PermissionGrant, kind)
    return (
        select(column)
        .where(PermissionGrant.permission_id == permission_id, column.is_not(None))
        .order_by(PermissionGrant.id)
    )


def roles_with(permission_id: uuid.UUID) -> Select[Role]:
    """Return the select of the roles that hold a permission, by name."""
    return (
        select(Role)
        .join(RolePermission, RolePermission.role_id == Role.id)
        .where(RolePermission.permission_id == permission_id)
        .order_by(Role.name)
    )


def _permission_reach(
    ids: Collection[uuid.UUID], people: Sequence[Holding], apps: Sequence[Holding]
) -> dict[uuid.UUID, Reach]:
    contained = select(func.count()).where(
        RolePermission.permission_id == Permission.id
    )
    return _reach(
        select(
            Permission.id,
            _capped(*people),
            _capped(*apps),
            contained.correlate(Permission).scalar_subquery(),
        ).where(Permission.id.in_(ids))
    )


def _reach(query: Select[*tuple[Any, ...]]) -> dict[uuid.UUID, Reach]:
    return {
        row[0]: Reach(people=count_of(row[1]), apps=count_of(row[2]), contains=row[3])
        for row in db.session.execute(query)
    }


def _assigned(column: ColumnElement[Any]) -> Holding:
    """Return the select of those who hold the enclosing statement's role."""
    return (
        select(column.label("holder"))
        .where(RoleAssignment.role_id == Role.id, column.is_not(None))
        .correlate(Role)
    )


def _granted(column: ColumnElement[Any]) -> Holding:
    """Return the select of those who hold the enclosing permission directly."""
    return (
        select(column.label("holder"))
        .where(PermissionGrant.permission_id == Permission.id, column.is_not(None))
        .correlate(Permission)
    )


def _brought(column: ColumnElement[Any]) -> Holding:
    """Return the select of those whose roles hold the enclosing permission."""
    return (
        select(column.label("holder"))
        .join(RolePermission, RolePermission.role_id == RoleAssignment.role_id)
        .where(RolePermission.permission_id == Permission.id, column.is_not(None))
        .distinct()
        .correlate(Permission)
    )


def _capped(*holdings: Holding) -> ScalarSelect[Any]:
    """Return how many are in any of the selects, each once, as far as is counted."""
    if len(holdings) == 1:
        return counting(holdings[0])
    parts = [part.limit(ENOUGH + 1).subquery() for part in holdings]
    several = union(*(select(part.c.holder) for part in parts)).subquery()
    return counting(select(several.c.holder))


def _of_kind(
    model: type[RoleAssignment | PermissionGrant], kind: HolderKind
) -> ColumnElement[Any]:
    column: ColumnElement[Any] = getattr(model, f"{kind}_id")
    return column
