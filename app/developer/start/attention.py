"""What needs attention: the apps whose hints are more than a piece of information."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from app.clients.models import Client
from app.clock import utcnow
from app.database import AnyRow
from app.developer.health.facts import facts_of_all
from app.developer.health.hints import candidates, hints_that_matter
from app.developer.health.links import hint_url
from app.developer.health.rule import Hint
from app.extensions import db

#: As many apps are shown, the worst first.
MOST = 6
#: How long an app may rest before somebody asks what it is for.
UNUSED = timedelta(days=7)
MOST_UNUSED = 3


@dataclass(frozen=True, kw_only=True)
class AppWithHints:
    """An app with its hints, the worst first."""

    client: Client
    hints: Sequence[Hint]
    #: Where the worst is mended.
    mend_url: str


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Apps that somebody should look at, and whether there are others."""

    apps: Sequence[AppWithHints]
    are_more: bool
    unused: Sequence[AnyRow]
    are_more_unused: bool


def attention() -> Attention:
    """Return what is broken or could break soon, and what nobody uses.

    The number of queries is the same whatever there is, and each ends after few rows.
    """
    found = frozenset(db.session.scalars(candidates(MOST + 1)))
    apps, unused = _apps_with_hints(found), _unused()
    return Attention(
        apps=apps[:MOST],
        are_more=len(apps) > MOST,
        unused=unused[:MOST_UNUSED],
        are_more_unused=len(unused) > MOST_UNUSED,
    )


def _apps_with_hints(ids: Collection[uuid.UUID]) -> list[AppWithHints]:
    clients = db.session.scalars(
        select(Client)
        .options(joinedload(Client.owner))
        .where(Client.id.in_(ids), Client.deleted_at.is_(None))
        .order_by(Client.name, Client.id)
    ).all()
    facts, now = facts_of_all(clients), utcnow()
    apps = [
        AppWithHints(client=client, hints=hints, mend_url=hint_url(client, hints[0]))
        for client in clients
        if (hints := hints_that_matter(client, facts[client.id], now))
    ]
    return sorted(apps, key=lambda one: one.hints[0].kind != "danger")


def _unused() -> Sequence[AnyRow]:
    is_unused: list[ColumnElement[bool]] = [
        Client.deleted_at.is_(None),
        Client.disabled_at.is_(None),
        Client.last_used_at.is_(None),
        Client.created_at < utcnow() - UNUSED,
    ]
    return db.session.execute(
        select(Client.id, Client.name, Client.created_at)
        .where(*is_unused)
        .order_by(Client.id)
        .limit(MOST_UNUSED + 1)
    ).all()
