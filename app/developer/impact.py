"""What depends on an app now, counted before anything of it is ended."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.clients.models import Client
from app.clients.secret_lists import working_secrets
from app.clock import DAY, utcnow
from app.consents.services import users_who_allow
from app.extensions import db
from app.tokens.listing import (
    live_families,
    live_tokens_for_people,
    users_with_live_family,
)
from app.tokens.queries import live_tokens
from app.traffic.counts import of_last_day
from app.web.counting import Count, count_of, counting


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What an app is used for now, and so what ending it breaks.

    Numbers are counted to a thousand; each Count says whether there are more.
    """

    live_tokens: Count
    tokens_for_people: Count
    people: Count
    renewable_people: Count
    secrets: Count
    requests: int
    last_used_at: datetime | None

    @property
    def is_idle(self) -> bool:
        """Whether nothing used the app in the last 24 hours."""
        last = self.last_used_at
        return self.requests == 0 and (last is None or last < utcnow() - DAY)


@dataclass(frozen=True, kw_only=True)
class PersonalImpact:
    """What an app can do for one person now."""

    live_tokens: Count
    families: Count


def impact_of(client: Client) -> Impact:
    """Count what depends on a client, in two statements however much it is."""
    counted = select(
        counting(live_tokens(client.id)),
        counting(live_tokens_for_people(client.id)),
        counting(users_who_allow(client.id)),
        counting(users_with_live_family(client.id)),
        counting(working_secrets(client.id)),
    )
    found = [count_of(number) for number in db.session.execute(counted).one()]
    return Impact(
        live_tokens=found[0],
        tokens_for_people=found[1],
        people=found[2],
        renewable_people=found[3],
        secrets=found[4],
        requests=of_last_day([client.id])[client.id].requests,
        last_used_at=client.last_used_at,
    )


def impact_for_person(client: Client, user_id: uuid.UUID) -> PersonalImpact:
    """Count what a client holds for one person."""
    tokens = live_tokens_for_people(client.id, user_id=user_id)
    families = live_families(client.id, user_id=user_id)
    row = db.session.execute(select(counting(tokens), counting(families))).one()
    return PersonalImpact(live_tokens=count_of(row[0]), families=count_of(row[1]))
