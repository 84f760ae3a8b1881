"""Roles and permissions, and who holds them: a user or a client (as Spatie does)."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import utcnow
from app.database import Base, new_id

_ONE_HOLDER = "(user_id IS NULL) <> (client_id IS NULL)"


def _by_holder(table: str, held: str) -> list[Index]:
    """Return the indexes by which a thing's few apps are found among many people."""
    return [
        Index(
            f"ix_{table}_{held}_{holder}",
            held,
            holder,
            sqlite_where=text(f"{holder} IS NOT NULL"),
            postgresql_where=text(f"{holder} IS NOT NULL"),
        )
        for holder in ("user_id", "client_id")
    ]


class Permission(Base):
    """A thing that may be done; its name is also a scope (RFC 6749 §3.3)."""

    __tablename__ = "permissions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    #: A sentence for people, as the consent screen says it.
    description: Mapped[str] = mapped_column(Text, default="")
    group: Mapped[str] = mapped_column("group_name", String(64), default="")
    #: Whether apps may ask users for it.
    is_delegable: Mapped[bool] = mapped_column(default=False)
    is_built_in: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class RolePermission(Base):
    """That a role holds a permission."""

    __tablename__ = "role_permissions"

    role_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True
    )
    permission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("permissions.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Role(Base):
    """A named set of permissions."""

    __tablename__ = "roles"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    is_built_in: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    permissions: Mapped[list[Permission]] = relationship(
        secondary="role_permissions", order_by=Permission.name, lazy="select"
    )


class _Held:
    """The columns of what a user or a client (exactly one) holds."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE")
    )
    client_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("clients.id", ondelete="CASCADE")
    )
    #: Whichever of the two is set: one look-up serves users and clients alike.
    holder_id: Mapped[uuid.UUID] = mapped_column(
        Computed(text("coalesce(user_id, client_id)"), persisted=True)
    )


class RoleAssignment(_Held, Base):
    """That a user or a client holds a role."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        CheckConstraint(_ONE_HOLDER, name="one_holder"),
        UniqueConstraint("holder_id", "role_id"),
        *_by_holder("role_assignments", "role_id"),
    )

    role_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("roles.id", ondelete="CASCADE"), index=True
    )
    assigned_at: Mapped[datetime] = mapped_column(default=utcnow)
    role: Mapped[Role] = relationship(lazy="joined", innerjoin=True)


class PermissionGrant(_Held, Base):
    """That a user or a client holds a permission directly."""

    __tablename__ = "permission_grants"
    __table_args__ = (
        CheckConstraint(_ONE_HOLDER, name="one_holder"),
        UniqueConstraint("holder_id", "permission_id"),
        *_by_holder("permission_grants", "permission_id"),
    )

    permission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("permissions.id", ondelete="CASCADE"), index=True
    )
    granted_at: Mapped[datetime] = mapped_column(default=utcnow)
    permission: Mapped[Permission] = relationship(lazy="joined", innerjoin=True)
