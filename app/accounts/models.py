"""People who sign in, the browsers they are signed in at, and failed tries."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utcnow
from app.database import Base, new_id


class User(Base):
    """A person: an administrator or a customer (the resource owner of RFC 6749)."""

    __tablename__ = "users"
    __table_args__ = (
        # The few who may not sign in are listed among very many.
        Index(
            "ix_users_deactivated",
            "email_key",
            "id",
            sqlite_where=text("deactivated_at IS NOT NULL"),
            postgresql_where=text("deactivated_at IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: As it was typed; `email_key` is what look-ups and uniqueness go by.
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    last_signed_in_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]
    #: Copied into codes and tokens; raising it ends everything older at once.
    token_generation: Mapped[int] = mapped_column(default=0)

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in and apps may act for them."""
        return self.deactivated_at is None

    @property
    def label(self) -> str:
        """What other people read: the name, or the address where there is none."""
        return self.name or self.email


class UserSession(Base):
    """A browser that a person is signed in at; its cookie holds the secret."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user_id", "user_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    #: When the password was last given here (`auth_time` of OpenID Connect).
    authenticated_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(255), default="")


class SignInThrottle(Base):
    """How often signing in failed for an address, known or not, in a window of time."""

    __tablename__ = "sign_in_throttles"

    #: SHA-256 of the address's key, so that the table is no list of addresses.
    email_digest: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    window_started_at: Mapped[datetime] = mapped_column(index=True)
