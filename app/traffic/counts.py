"""How much was asked for, hour by hour."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.traffic.models import HourlyCount

HOUR = timedelta(hours=1)


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


def begin_of_hour(moment: datetime) -> datetime:
    """Return the beginning of the hour that `moment` is in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def by_hour(client_id: uuid.UUID | None = None, *, hours: int = 24) -> Sequence[Hour]:
    """Return the last `hours` hours, oldest first, the present one last.

    Without a client all are summed up, those that named none among them. One query.
    """
    now = begin_of_hour(utcnow())
    first = now - (hours - 1) * HOUR
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
    moments = [first + number * HOUR for number in range(hours)]
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


def requests_in_last_day(client_id: uuid.UUID) -> int:
    """Return how many requests of a client were granted in the last 24 hours."""
    return sum(hour.requests for hour in by_hour(client_id, hours=25))
