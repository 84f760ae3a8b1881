"""What the server knows that mends a refusal, looked up once for a whole list."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import aliased

from app.access.models import (
    Permission,
    PermissionGrant,
    Role,
    RoleAssignment,
    RolePermission,
)
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import secrets_in_use
from app.extensions import db
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A permission that exists, and the roles that would give it."""

    is_delegable: bool
    roles: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Permissions by name, who holds which of them now, and apps' working secrets."""

    permissions: Mapping[str, Found]
    held: AbstractSet[tuple[uuid.UUID, str]]
    secrets: Mapping[uuid.UUID, Sequence[ClientSecret]]


def look_up(pairs: Iterable[tuple[RefusedRequest, Client | None]]) -> Known:
    """Return what is known about some rows, in three statements at most."""
    rows = [(row, client.id) for row, client in pairs if client is not None]
    names = {name for row, _ in rows for name in row.facts.get("missing", ())}
    lacking = {client_id for row, client_id in rows if row.facts.get("missing")}
    is_wrong = RefusalReason.SECRET_WRONG
    return Known(
        permissions=_permissions(names),
        held=_held(lacking, names),
        secrets=secrets_in_use({id_ for row, id_ in rows if row.reason == is_wrong}),
    )


def _permissions(names: Collection[str]) -> dict[str, Found]:
    if not names:
        return {}
    holds = aliased(RolePermission)
    rows = db.session.execute(
        select(Permission.name, Permission.is_delegable, Role.name.label("role"))
        .outerjoin(holds, holds.permission_id == Permission.id)
        .outerjoin(Role, Role.id == holds.role_id)
        .where(Permission.name.in_(names))
        .order_by(Permission.name, Role.name)
    )
    roles: dict[tuple[str, bool], list[str]] = {}
    for name, is_delegable, role in rows:
        roles.setdefault((name, is_delegable), []).extend([role] if role else [])
    return {
        name: Found(is_delegable=is_delegable, roles=given)
        for (name, is_delegable), given in roles.items()
    }


def _held(
    client_ids: Collection[uuid.UUID], names: Collection[str]
) -> set[tuple[uuid.UUID, str]]:
    """Return which of the permissions each client holds now."""
    if not client_ids or not names:
        return set()
    directly = (
        select(PermissionGrant.holder_id, Permission.name)
        .join(Permission, Permission.id == PermissionGrant.permission_id)
        .where(PermissionGrant.holder_id.in_(client_ids), Permission.name.in_(names))
    )
    by_role = (
        select(RoleAssignment.holder_id, Permission.name)
        .join(RolePermission, RolePermission.role_id == RoleAssignment.role_id)
        .join(Permission, Permission.id == RolePermission.permission_id)
        .where(RoleAssignment.holder_id.in_(client_ids), Permission.name.in_(names))
    )
    rows = db.session.execute(union(directly, by_role))
    return {(holder_id, name) for holder_id, name in rows}
