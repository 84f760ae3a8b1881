"""What must be known to say how apps are: a few queries, however many apps."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.access.effective import holders_among
from app.access.models import Permission
from app.audit.models import AuditEvent
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import secrets_in_use
from app.consents.cases import open_cases_about
from app.extensions import db
from app.traffic.counts import of_last_day


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What must be known of a client beside its row.

    `may_ask_for` are the permissions that it may ask people for now; `is_askable` says
    whether anybody holds one of them. Requests and refusals are of the last day.
    """

    secrets: Sequence[ClientSecret]
    holds_any: bool
    may_ask_for: frozenset[str]
    is_askable: bool = True
    #: Open cases of people who did not allow it, the latest first.
    cases: Sequence[AuditEvent] = ()
    requests: int = 0
    refusals: int = 0


def facts_of_all(clients: Iterable[Client]) -> dict[uuid.UUID, Facts]:
    """Return the facts of each client; whether anybody holds anything is not asked."""
    listed = list(clients)
    if not listed:
        return {}
    ids = [client.id for client in listed]
    secrets, cases = secrets_in_use(ids), open_cases_about(ids)
    holders, traffic = holders_among(ids), of_last_day(ids)
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
