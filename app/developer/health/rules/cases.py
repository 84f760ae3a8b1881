"""People who say that it was not them who allowed an app."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from app.clients.models import Client
from app.consents.cases import open_cases
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule
from app.web.counting import in_number
from app.web.times import moment


class Disputed(Rule):
    """A case is open: somebody said that they did not allow the app."""

    def find(self, _client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Name the one who said it last, and count the others."""
        if not facts.cases:
            return
        last = facts.cases[0]
        who, others = last.actor_label, len({case.actor_id for case in facts.cases}) - 1
        if others:
            who += f" and {in_number(others, 'other person', 'other people')}"
        yield Hint(
            kind="danger",
            sentence=(
                f"{who} reported that they did not allow this app "
                f"({moment(last.happened_at)})."
            ),
            fix="See the case" if len(facts.cases) == 1 else "See the cases",
            tab="activity",
            cases=facts.cases,
        )

    def candidates(self) -> Ids:
        """Find the apps that the latest open cases are about."""
        cases = open_cases().subquery()
        return select(cases.c.subject_id.label("id")).distinct()
