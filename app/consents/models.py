"""What a resource owner allowed a client."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clients.models import Client
from app.clock import utcnow
from app.database import Base, new_id


class Consent(Base):
    """A user's permission for a client to act for them within some scopes.

    Withdrawn is for ever: allowing again makes a new row, so that no token given under
    the old one comes back to life.
    """

    __tablename__ = "consents"
    __table_args__ = (
        # At most one standing consent of a user for a client.
        Index(
            "uq_consents_standing",
            "user_id",
            "client_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consents_client_id", "client_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    granted_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: When scopes were last added.
    widened_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    #: When it ends by itself, and with it every token given under it; null is never.
    expires_at: Mapped[datetime | None]
    #: Whether the app may be answered again without asking.
    is_remembered: Mapped[bool] = mapped_column(default=True)

    client: Mapped[Client] = relationship(lazy="select")
