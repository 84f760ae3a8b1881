"""What the start page tells: numbers, and what was refused lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import User
from app.clients.models import Client
from app.clock import DAY, utcnow
from app.developer.reasons.explanations import doing, text_of
from app.extensions import db, settings
from app.keys.checking import key_problems
from app.keys.ring import KeysUnusableError, current_key_ring
from app.traffic.models import RefusedRequest
from app.web.counting import ENOUGH, Count, count_of, counting


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How much there is, counted so far and no further."""

    apps: Count
    used_apps: Count
    people: Count


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why requests were refused, and how often; `client` is null if it is unknown."""

    client: Client | None
    fold_key: str
    reference: str | None
    doing: str
    what: str
    count: int
    last_seen_at: datetime


def numbers() -> Numbers:
    """Return how many apps there are and were used lately, and how many people."""
    apps = select(Client.id).where(Client.deleted_at.is_(None))
    used = apps.where(Client.last_used_at >= utcnow() - DAY)
    people = select(User.id)
    row = db.session.execute(
        select(
            counting(apps).label("apps"),
            counting(used).label("used"),
            counting(people).label("people"),
        )
    ).one()
    return Numbers(
        apps=count_of(row.apps, most=ENOUGH),
        used_apps=count_of(row.used, most=ENOUGH),
        people=count_of(row.people, most=ENOUGH),
    )


def latest_refusals(most: int) -> Sequence[Refusal]:
    """Return the causes for which requests were refused last, in words."""
    rows = db.session.execute(
        select(RefusedRequest, Client)
        .outerjoin(Client, Client.id == RefusedRequest.client_id)
        .where(RefusedRequest.dismissed_at.is_(None))
        .order_by(RefusedRequest.last_seen_at.desc())
        .limit(most)
    )
    return [
        Refusal(
            client=client,
            fold_key=row.fold_key,
            reference=row.last_reference_id,
            doing=doing(row),
            what=text_of(row).what,
            count=row.count,
            last_seen_at=row.last_seen_at,
        )
        for row, client in rows
    ]


def key_problem() -> str | None:
    """Return why no token can be signed at present, in sentences; null if it can."""
    try:
        current_key_ring()
    except KeysUnusableError as error:
        return " ".join([error.message, *(f"{one}." for one in key_problems(settings))])
    return None
