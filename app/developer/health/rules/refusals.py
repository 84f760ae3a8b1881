"""Apps whose requests are refused in number."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from app.clients.models import Client
from app.clock import DAY, utcnow
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule
from app.traffic.models import RefusedRequest

#: So many refusals a day, and so large a part of all requests, are more than a slip.
MANY_REFUSALS = 20
LARGE_PART = 0.2


class RefusedOften(Rule):
    """Many of an app's requests of the last day were refused."""

    def find(self, _client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say how many of how many."""
        every = facts.requests + facts.refusals
        if facts.refusals >= MANY_REFUSALS and facts.refusals >= LARGE_PART * every:
            yield Hint(
                kind="warning",
                sentence=(
                    f"{facts.refusals:,} of its {every:,} requests in the last 24 "
                    "hours were refused."
                ),
                fix="See why",
                tab="activity",
            )

    def candidates(self) -> Ids:
        """Find the apps that were refused most, of those refused in the last day.

        Their rows are few, and count what was refused before that day as well.
        """
        row = RefusedRequest
        often = func.sum(row.count)
        return (
            select(row.client_id.label("id"))
            .where(row.last_seen_at > utcnow() - DAY, row.client_id.is_not(None))
            .group_by(row.client_id)
            .having(often >= MANY_REFUSALS)
            .order_by(often.desc())
        )
