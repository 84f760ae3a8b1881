"""Clients (what people call apps) and their secrets."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.clock import utcnow
from app.database import Base, new_id

AUTHORIZATION_CODE = "authorization_code"
CLIENT_CREDENTIALS = "client_credentials"
GRANT_TYPES = (AUTHORIZATION_CODE, CLIENT_CREDENTIALS)
#: How a client may prove who it is (RFC 7591 §2); the last is for public ones.
BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"


class Client(Base):
    """A registered client (RFC 6749 §2). Its `id` is the `client_id` on the wire."""

    __tablename__ = "clients"
    __table_args__ = (
        Index("ix_clients_deleted_at_name", "deleted_at", "name"),
        Index("ix_clients_deleted_at_last_used_at", "deleted_at", "last_used_at"),
        Index("ix_clients_disabled_at", "disabled_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    grant_types: Mapped[list[str]] = mapped_column(JSON)
    redirect_uris: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Where signing out may lead back to (OpenID Connect RP-Initiated Logout §3.1).
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_confidential: Mapped[bool] = mapped_column(default=True)
    #: `client_secret_basic` or `client_secret_post`; null means that either will do.
    #: A public client uses `none` whatever stands here.
    token_endpoint_auth_method: Mapped[str | None] = mapped_column(String(32))
    #: Lifted by an administrator for one confidential client only (RFC 9700 §2.1.1).
    is_pkce_required: Mapped[bool] = mapped_column(default=True)
    #: What it may ask users for, as names; null means every delegable permission.
    scopes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    #: Those of them that people may leave out on the consent screen, as names.
    optional_scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    owner_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("users.id"), index=True
    )
    #: Lifetimes of its own, in seconds; null means the server's default.
    access_token_ttl: Mapped[int | None]
    client_credentials_token_ttl: Mapped[int | None]
    refresh_token_idle_ttl: Mapped[int | None]
    refresh_token_max_ttl: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    last_used_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    #: Copied into codes and tokens; raising it ends everything older at once.
    token_generation: Mapped[int] = mapped_column(default=0)
    #: Counts changes, so that a form filled in from an older state is noticed.
    version: Mapped[int] = mapped_column(default=1)
    #: The form that made it: sending that form again makes no second app.
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    #: What was said with that key, where other contents are told from the same.
    idempotency_digest: Mapped[bytes | None]

    owner: Mapped[User | None] = relationship(lazy="select")
    #: Without those that trials made: they are nobody's to use.
    secrets: Mapped[list["ClientSecret"]] = relationship(
        back_populates="client",
        primaryjoin="and_(Client.id == ClientSecret.client_id, "
        "ClientSecret.is_for_trial.is_(False))",
        order_by="ClientSecret.created_at",
        lazy="select",
    )

    @property
    def auth_method(self) -> str | None:
        """How it authenticates: `none`, the one way it may, or null for either."""
        return self.token_endpoint_auth_method if self.is_confidential else NONE

    @property
    def is_enabled(self) -> bool:
        """Whether it may be used at all: neither disabled nor deleted."""
        return self.disabled_at is None and self.deleted_at is None

    def uses(self, grant_type: str) -> bool:
        """Tell whether it was registered for `grant_type`."""
        return grant_type in self.grant_types


class ClientOrigin(Base):
    """An origin of a public client's pages, from which browsers may call us (CORS)."""

    __tablename__ = "client_origins"

    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True
    )
    origin: Mapped[str] = mapped_column(String(255), primary_key=True, index=True)


class ClientSecret(Base):
    """One of a client's secrets; several may overlap while one is replaced."""

    __tablename__ = "client_secrets"
    __table_args__ = (
        Index("ix_client_secrets_client_id", "client_id"),
        Index("ix_client_secrets_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("clients.id", ondelete="CASCADE")
    )
    digest: Mapped[bytes] = mapped_column(unique=True)
    #: The last characters, by which people tell secrets apart.
    hint: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    #: When a page showed it, and when somebody said there that they had stored it;
    #: null for secrets that a command or the API made.
    shown_at: Mapped[datetime | None]
    stored_at: Mapped[datetime | None]
    #: Made for a trial: it works as the others do, but no list shows it.
    is_for_trial: Mapped[bool] = mapped_column(default=False)

    client: Mapped[Client] = relationship(back_populates="secrets", lazy="select")
    created_by: Mapped[User | None] = relationship(lazy="select")


class Trial(Base):
    """An administrator tries a client: ten minutes, with a secret made for it.

    The secret, the state and the code verifier follow from the row's id for whoever
    knows SECRET_KEY, so that none of them is kept anywhere.
    """

    __tablename__ = "trials"
    __table_args__ = (
        Index("ix_trials_client_id", "client_id"),
        Index("ix_trials_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"))
    #: Who tries it; nobody else sees what comes of it.
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    #: The secret of these ten minutes; null for a public client.
    secret_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("client_secrets.id"))
    grant_type: Mapped[str] = mapped_column(String(32))
    #: What is asked for; empty names nothing, which is all.
    scope: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    #: When it was used up or given up: nothing begins with it afterwards.
    closed_at: Mapped[datetime | None]
