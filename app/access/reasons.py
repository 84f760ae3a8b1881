"""Why a holder may do something, or what would let them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from app.access.holdings import holdings
from app.access.models import Permission, Role, RoleAssignment
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
    held = holdings(
        "role_id",
        "since",
        where=lambda way: (
            (way.holder_id == holder_id) & (way.permission_id == permission.id)
        ),
    ).subquery()
    rows = db.session.execute(
        select(Role, held.c.since)
        .select_from(held)
        .outerjoin(Role, Role.id == held.c.role_id)
        .order_by(Role.name)
    ).all()
    has_role = exists().where(
        RoleAssignment.role_id == Role.id, RoleAssignment.holder_id == holder_id
    )
    others = roles_with(permission.id).where(~has_role).limit(MOST_SUGGESTIONS)
    return Reasons(
        permission=permission,
        direct_since=next((since for role, since in rows if role is None), None),
        sources=[Source(role=role, since=since) for role, since in rows if role],
        suggestions=db.session.scalars(others).all(),
    )
