"""What the start page tells: numbers, what needs attention, what was refused lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from app.accounts.models import User
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import is_working
from app.clock import utcnow
from app.database import AnyRow, AnySelect
from app.errors import DomainError
from app.extensions import db
from app.keys.reading import UnreadableKeyError
from app.keys.ring import current_key_ring
from app.traffic.models import RefusedRequest
from app.traffic.words import ENDPOINTS, WORDS
from app.web.counting import ENOUGH, Count, count_of, counting

DAY = timedelta(days=1)
#: How long before its end a secret is worth a word, and how long an app may rest.
SOON = timedelta(days=14)
UNUSED = timedelta(days=7)
#: Rows of each kind.
FEW = 4

_IS_LIVE = Client.deleted_at.is_(None) & Client.disabled_at.is_(None)


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How much there is, counted so far and no further."""

    apps: Count
    used_apps: Count
    people: Count


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Apps that somebody should look at; few of each kind."""

    expiring: Sequence[AnyRow]
    without_secret: Sequence[AnyRow]
    disabled: Sequence[AnyRow]
    unused: Sequence[AnyRow]

    @property
    def is_needed(self) -> bool:
        """Whether there is any."""
        return bool(
            self.expiring or self.without_secret or self.disabled or self.unused
        )


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why requests were refused, and how often; `app` is null if it is unknown."""

    app: str | None
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


def attention() -> Attention:
    """Return what could break soon, cannot work, or waits for nothing."""
    return Attention(
        expiring=_rows(_expiring_secrets()),
        without_secret=_rows(
            _apps(_IS_LIVE, Client.is_confidential.is_(True), ~_has_secret())
        ),
        disabled=_rows(
            select(Client.id, Client.name, Client.disabled_at)
            .where(Client.disabled_at.is_not(None), Client.deleted_at.is_(None))
            .order_by(Client.disabled_at.desc())
        ),
        unused=_rows(
            _apps(
                _IS_LIVE,
                Client.last_used_at.is_(None),
                Client.created_at < utcnow() - UNUSED,
            )
        ),
    )


def latest_refusals(most: int) -> Sequence[Refusal]:
    """Return the causes for which requests were refused last, in words."""
    rows = db.session.execute(
        select(
            RefusedRequest.endpoint,
            RefusedRequest.reason,
            RefusedRequest.count.label("times"),
            RefusedRequest.last_seen_at,
            Client.name,
        )
        .outerjoin(Client, Client.id == RefusedRequest.client_id)
        .where(RefusedRequest.dismissed_at.is_(None))
        .order_by(RefusedRequest.last_seen_at.desc())
        .limit(most)
    )
    return [
        Refusal(
            app=row.name,
            doing=ENDPOINTS.get(row.endpoint, row.endpoint),
            what=WORDS[row.reason].what if row.reason in WORDS else "It was refused.",
            count=row.times,
            last_seen_at=row.last_seen_at,
        )
        for row in rows
    ]


def key_problem() -> str | None:
    """Return why no token can be signed at present, in a sentence; null if it can."""
    try:
        current_key_ring()
    except (DomainError, UnreadableKeyError) as error:
        return str(error)
    return None


def _expiring_secrets() -> AnySelect:
    return (
        select(Client.id, Client.name, ClientSecret.hint, ClientSecret.expires_at)
        .join(Client, Client.id == ClientSecret.client_id)
        .where(
            ClientSecret.expires_at <= utcnow() + SOON,
            is_working(),
            _IS_LIVE,
        )
        .order_by(ClientSecret.expires_at)
    )


def _has_secret() -> ColumnElement[bool]:
    return (
        select(ClientSecret.id)
        .where(ClientSecret.client_id == Client.id, is_working())
        .exists()
    )


def _apps(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
        select(Client.id, Client.name, Client.created_at)
        .where(*conditions)
        .order_by(Client.id)
    )


def _rows(statement: AnySelect) -> Sequence[AnyRow]:
    return db.session.execute(statement.limit(FEW)).all()
