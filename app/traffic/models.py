"""Counts of requests by the hour, and refused requests, folded by their cause."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utcnow
from app.database import Base, new_id

#: Stands for the client of requests that name none we know.
NO_CLIENT = uuid.UUID(int=0)


def begin_of_hour(moment: datetime) -> datetime:
    """Return the beginning of the hour that `moment` is in."""
    return moment.replace(minute=0, second=0, microsecond=0)


class HourlyCount(Base):
    """How much a client asked for in one hour; rows are added to, never per request."""

    __tablename__ = "hourly_counts"
    # All apps' counts of a day are summed up without opening a row.
    __table_args__ = (
        Index("ix_hourly_counts_hour", "hour", "tokens", "calls", "refusals"),
    )

    #: No foreign key: it may be NO_CLIENT, and counts must never fail.
    client_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: The beginning of the hour.
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    #: Answers of the token endpoint that brought a token.
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    #: Calls that passed the bearer check.
    calls: Mapped[int] = mapped_column(BigInteger, default=0)
    #: Requests of any kind that were refused.
    refusals: Mapped[int] = mapped_column(BigInteger, default=0)


class RefusedRequest(Base):
    """Refused requests with one cause: what came, what was expected, how often.

    It holds no secret, code or token, and no part of one.
    """

    __tablename__ = "refused_requests"
    __table_args__ = (
        Index("ix_refused_requests_client_id", "client_id", "last_seen_at"),
        Index("ix_refused_requests_last_seen_at", "last_seen_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: The same for all refusals that fold into this row. Reference ids of their answers
    #: begin with it, masked, so that each of them finds the row and no two look alike.
    fold_key: Mapped[str] = mapped_column(String(16), unique=True)
    #: Which endpoint refused: `authorize`, `token`, `api` and so on.
    endpoint: Mapped[str] = mapped_column(String(16))
    #: Why, as a word that the page turns into sentences.
    reason: Mapped[str] = mapped_column(String(48))
    #: Null where the request named no client that we know.
    client_id: Mapped[uuid.UUID | None]
    #: What came and what was expected, by name.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: What was found out afterwards, such as which secret it was, the latest first, as
    #: `Finding.kept` writes it.
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    count: Mapped[int] = mapped_column(BigInteger, default=1)
    first_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_reference_id: Mapped[str | None] = mapped_column(String(36))
    last_ip_address: Mapped[str | None] = mapped_column(String(45))
    #: Put aside by somebody; the same cause seen later shows it again.
    dismissed_at: Mapped[datetime | None]
