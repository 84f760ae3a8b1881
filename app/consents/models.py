"""What a resource owner allowed a client."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clients.models import Client
from app.clock import utcnow
from app.database import Base, new_id

_REMEMBERED = text("withdrawn_at IS NULL AND is_remembered")


def _index_on_end(column: str) -> Index:
    is_set = text(f"{column} IS NOT NULL")
    name = f"ix_consents_{column}"
    return Index(name, column, sqlite_where=is_set, postgresql_where=is_set)


def has_ended(
    withdrawn_at: datetime | None, expires_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a consent was withdrawn or is over; then it is so for ever."""
    return withdrawn_at is not None or (expires_at is not None and expires_at <= now)


def end_within(end: datetime, consent_expires_at: datetime | None) -> datetime:
    """Return `end`, or the consent's own if that is earlier: nothing outlives it."""
    return end if consent_expires_at is None else min(end, consent_expires_at)


class Consent(Base):
    """A user's permission for a client to act for them within some scopes.

    Ended is for ever: allowing again makes a new row, so that no token given under
    the old one comes back to life. One that is not remembered, given for once, is a
    row beside the one that is.
    """

    __tablename__ = "consents"
    __table_args__ = (
        # At most one of a user for a client that answers for them.
        Index(
            "uq_consents_standing",
            "user_id",
            "client_id",
            unique=True,
            sqlite_where=_REMEMBERED,
            postgresql_where=_REMEMBERED,
        ),
        Index("ix_consents_user_id_client_id", "user_id", "client_id"),
        Index("ix_consents_client_id", "client_id"),
        _index_on_end("expires_at"),
        _index_on_end("withdrawn_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"))
    #: No token given under it carries more, whatever it was issued for.
    scopes: Mapped[list[str]] = mapped_column(JSON)
    #: Optional scopes that were left out; they are not asked for again unprompted.
    declined_scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
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

    def stands(self, now: datetime) -> bool:
        """Tell whether it is neither withdrawn nor over."""
        return not has_ended(self.withdrawn_at, self.expires_at, now)
