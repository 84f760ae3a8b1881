"""How much was asked for, hour by hour."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.traffic.models import HourlyCount, begin_of_hour

HOUR = timedelta(hours=1)
#: As far as pages look back, the present hour among them.
HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What happened in the hour that began `at`."""

    at: datetime
    tokens: int = 0
    calls: int = 0
    refusals: int = 0

    @property
    def requests(self) -> int:
        """Everything that was asked for and granted."""
        return self.tokens + self.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How much of a client was granted and refused in a day."""

    requests: int = 0
    refusals: int = 0


def by_hour(client_id: uuid.UUID | None = None) -> Sequence[Hour]:
    """Return the last HOURS hours, oldest first, the present one last.

    Without a client all are summed up, those that named none among them. One query.
    """
    first = _first_hour()
    query = (
        select(
            HourlyCount.hour,
            func.sum(HourlyCount.tokens).label("tokens"),
            func.sum(HourlyCount.calls).label("calls"),
            func.sum(HourlyCount.refusals).label("refusals"),
        )
        .where(HourlyCount.hour >= first)
        .group_by(HourlyCount.hour)
    )
    if client_id is not None:
        query = query.where(HourlyCount.client_id == client_id)
    found = {row.hour: row for row in db.session.execute(query)}
    moments = [first + number * HOUR for number in range(HOURS)]
    return [
        Hour(
            at=at,
            tokens=int(found[at].tokens),
            calls=int(found[at].calls),
            refusals=int(found[at].refusals),
        )
        if at in found
        else Hour(at=at)
        for at in moments
    ]


def of_last_day(client_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Day]:
    """Return what each client was granted and refused in the hours that `by_hour` has.

    One query, however many clients.
    """
    rows = db.session.execute(
        select(
            HourlyCount.client_id,
            func.sum(HourlyCount.tokens + HourlyCount.calls).label("requests"),
            func.sum(HourlyCount.refusals).label("refusals"),
        )
        .where(HourlyCount.client_id.in_(client_ids), HourlyCount.hour >= _first_hour())
        .group_by(HourlyCount.client_id)
    )
    # PostgreSQL sums up to a number of another kind.
    found = {
        row.client_id: Day(requests=int(row.requests), refusals=int(row.refusals))
        for row in rows
    }
    return {client_id: found.get(client_id, Day()) for client_id in client_ids}


def _first_hour() -> datetime:
    return begin_of_hour(utcnow()) - (HOURS - 1) * HOUR
