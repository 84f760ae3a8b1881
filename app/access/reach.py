"""How far roles and permissions reach: how many hold them, and who they are.

Counting ends at a thousand, so that a role which everybody holds costs no more than
one which a thousand hold.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
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
from app.access.holdings import BY_ROLE, DIRECTLY, Way, is_held
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Givers:
    """The roles that bring a permission, by name, and whether apps may ask for it."""

    is_delegable: bool
    roles: Sequence[str]


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
    return _permission_reach(permission_ids, DIRECTLY)


def permission_reach(permission_id: uuid.UUID) -> Reach:
    """Return how many hold a permission at all, by whatever role or directly."""
    return _permission_reach([permission_id], DIRECTLY, BY_ROLE)[permission_id]


def does_anybody_hold(names: Collection[str]) -> bool:
    """Tell whether a person holds one of these permissions, directly or by a role."""
    by_a_person = is_held(
        lambda way: (way.permission_id == Permission.id) & way.user_id.is_not(None)
    )
    query = select(Permission.id).where(Permission.name.in_(names), by_a_person)
    return db.session.scalar(query.limit(1)) is not None


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


def some_permission_names(most: int) -> Sequence[str]:
    """Return the names of permissions in order, `most` of them at most."""
    names = select(Permission.name).order_by(Permission.name).limit(most)
    return db.session.scalars(names).all()


def givers_of(names: Collection[str]) -> dict[str, Givers]:
    """Return of each of these names that is a permission which roles hold it."""
    if not names:
        return {}
    rows = db.session.execute(
        select(Permission.name, Permission.is_delegable, Role.name)
        .outerjoin(RolePermission, RolePermission.permission_id == Permission.id)
        .outerjoin(Role, Role.id == RolePermission.role_id)
        .where(Permission.name.in_(names))
        .order_by(Permission.name, Role.name)
    )
    return {
        name: Givers(
            is_delegable=is_delegable, roles=[role for *_, role in found if role]
        )
        for (name, is_delegable), found in groupby(rows, lambda row: row[:2])
    }


def _permission_reach(ids: Collection[uuid.UUID], *ways: Way) -> dict[uuid.UUID, Reach]:
    contained = select(func.count()).where(
        RolePermission.permission_id == Permission.id
    )
    return _reach(
        select(
            Permission.id,
            _capped(*(_holding(way, "user_id") for way in ways)),
            _capped(*(_holding(way, "client_id") for way in ways)),
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


def _holding(way: Way, column: str) -> Holding:
    """Return the select of those who hold the enclosing permission in one way."""
    holder = getattr(way, column)
    query = way.select(column).where(way.permission_id == Permission.id)
    # By two roles the same one may hold it twice.
    query = query.distinct() if way is BY_ROLE else query
    return query.where(holder.is_not(None)).correlate(Permission)


def _capped(*holdings: Holding) -> ScalarSelect[Any]:
    """Return how many are in any of the selects, each once, as far as is counted."""
    if len(holdings) == 1:
        return counting(holdings[0])
    parts = [part.limit(ENOUGH + 1).subquery() for part in holdings]
    several = union(*(select(part.c[0].label("holder")) for part in parts)).subquery()
    return counting(select(several.c.holder))


def _of_kind(
    model: type[RoleAssignment | PermissionGrant], kind: HolderKind
) -> ColumnElement[Any]:
    column: ColumnElement[Any] = getattr(model, f"{kind}_id")
    return column
