"""What must be known to say how apps are: a few queries, however many apps."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from app.access.effective import holders_among
from app.access.models import Permission
from app.clients.models import Client
from app.clients.secret_lists import secrets_in_use
from app.consents.cases import cases_about
from app.developer.health.rules import Facts
from app.extensions import db
from app.traffic.counts import of_last_day


def facts_of_all(clients: Iterable[Client]) -> dict[uuid.UUID, Facts]:
    """Return the facts of each client; whether anybody holds anything is not asked."""
    listed = list(clients)
    if not listed:
        return {}
    ids = [client.id for client in listed]
    secrets, holders, traffic = (
        secrets_in_use(ids),
        holders_among(ids),
        of_last_day(ids),
    )
    cases = cases_about(ids)
    delegable = frozenset(
        db.session.scalars(select(Permission.name).where(Permission.is_delegable))
    )
    return {
        client.id: Facts(
            secrets=secrets[client.id],
            holds_any=client.id in holders,
            may_ask_for=(
                delegable
                if client.scopes is None
                else delegable.intersection(client.scopes)
            ),
            requests=traffic[client.id].requests,
            refusals=traffic[client.id].refusals,
            cases=cases.get(client.id, ()),
        )
        for client in listed
    }
