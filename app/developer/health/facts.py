"""What must be known to say how apps are: a few queries, however many apps."""

import uuid
from collections.abc import Collection, Iterable

from sqlalchemy import exists, or_, select, union

from app.access.models import (
    Permission,
    PermissionGrant,
    RoleAssignment,
    RolePermission,
)
from app.clients.models import Client
from app.clients.secret_lists import secrets_in_use
from app.consents.cases import cases_about
from app.developer.health.rules import Facts
from app.extensions import db
from app.traffic.counts import of_last_day


def facts_of_all(clients: Iterable[Client]) -> dict[uuid.UUID, Facts]:
    """Return the facts of each client; whether anybody holds anything is not asked."""
    listed = list(clients)
    if not listed:
        return {}
    ids = [client.id for client in listed]
    secrets, holders, traffic = secrets_in_use(ids), _holders(ids), of_last_day(ids)
    cases = cases_about(ids)
    delegable = frozenset(
        db.session.scalars(select(Permission.name).where(Permission.is_delegable))
    )
    return {
        client.id: Facts(
            secrets=secrets[client.id],
            holds_any=client.id in holders,
            may_ask_for=(
                delegable
                if client.scopes is None
                else delegable.intersection(client.scopes)
            ),
            requests=traffic[client.id].requests,
            refusals=traffic[client.id].refusals,
            cases=cases.get(client.id, ()),
        )
        for client in listed
    }


def does_anybody_hold(names: Collection[str]) -> bool:
    """Tell whether a person holds one of these permissions, directly or by a role."""
    directly = exists().where(
        PermissionGrant.permission_id == Permission.id,
        PermissionGrant.user_id.is_not(None),
    )
    by_role = exists().where(
        RolePermission.permission_id == Permission.id,
        RoleAssignment.role_id == RolePermission.role_id,
        RoleAssignment.user_id.is_not(None),
    )
    found = db.session.scalar(
        select(Permission.id)
        .where(Permission.name.in_(names), or_(directly, by_role))
        .limit(1)
    )
    return found is not None


def _holders(ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return which of these clients hold any permission."""
    directly = select(PermissionGrant.holder_id).where(
        PermissionGrant.holder_id.in_(ids)
    )
    by_role = (
        select(RoleAssignment.holder_id)
        .join(RolePermission, RolePermission.role_id == RoleAssignment.role_id)
        .where(RoleAssignment.holder_id.in_(ids))
    )
    return frozenset(db.session.scalars(union(directly, by_role)))
