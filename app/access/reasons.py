"""Why a holder may do something, or what would let them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from app.access.models import Permission, PermissionGrant, Role, RoleAssignment
from app.access.reach import roles_with
from app.extensions import db

MOST_SUGGESTIONS = 10


@dataclass(frozen=True, kw_only=True)
class Source:
    """A role that brings a permission, and since when the holder has the role."""

    role: Role
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Where a holder has a permission from, or which roles would give it."""

    permission: Permission
    direct_since: datetime | None
    sources: Sequence[Source]
    suggestions: Sequence[Role]

    @property
    def is_held(self) -> bool:
        """Whether the holder has it at all."""
        return self.direct_since is not None or bool(self.sources)


def reasons_for(holder_id: uuid.UUID, permission: Permission) -> Reasons:
    """Return why a user or client holds `permission`, or how they could."""
    direct_since = db.session.scalar(
        select(PermissionGrant.granted_at).where(
            PermissionGrant.holder_id == holder_id,
            PermissionGrant.permission_id == permission.id,
        )
    )
    with_it = roles_with(permission.id)
    held = db.session.execute(
        with_it.add_columns(RoleAssignment.assigned_at)
        .join(RoleAssignment, RoleAssignment.role_id == Role.id)
        .where(RoleAssignment.holder_id == holder_id)
    )
    sources = [Source(role=role, since=since) for role, since in held]
    is_held = exists().where(
        RoleAssignment.role_id == Role.id, RoleAssignment.holder_id == holder_id
    )
    others = with_it.where(~is_held).limit(MOST_SUGGESTIONS)
    return Reasons(
        permission=permission,
        direct_since=direct_since,
        sources=sources,
        suggestions=db.session.scalars(others).all(),
    )
