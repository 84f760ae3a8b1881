"""The apps that a person let act for them, as the person reads of them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.clients.models import Client
from app.consents.models import Consent
from app.consents.services import list_for_user
from app.oauth.consent_screen import ScopeLine, describe_scopes
from app.portal.history import last_changes_by_apps
from app.tokens.queries import last_issued


@dataclass(frozen=True, kw_only=True)
class ConnectedApp:
    """One card: an app, what it may do in plain words, since when and how lately."""

    #: Stands for all that the person allows the app.
    consent_id: uuid.UUID
    client_id: uuid.UUID
    name: str
    description: str
    owner: str | None
    is_verified: bool
    is_enabled: bool
    lines: Sequence[ScopeLine]
    granted_at: datetime
    #: When its access ends by itself; null is never.
    expires_at: datetime | None
    last_used_at: datetime | None
    last_token_at: datetime | None
    #: What it did last that the audit log knows of.
    last_change: AuditEvent | None


def connected_apps(user: User) -> list[ConnectedApp]:
    """Return a card for each app that the person allows, the newest first.

    It takes a fixed number of queries, however many apps there are.
    """
    consents = list_for_user(user.id)
    if not consents:
        return []
    lines = describe_scopes({n for c in consents for n in c.scopes}, new=())
    issued = last_issued(user.id)
    changes = last_changes_by_apps(user, client_ids={c.client_id for c in consents})
    by_app = sorted(consents, key=lambda consent: consent.client_id)
    cards = [
        _card(list(some), lines, issued.get(client_id), changes)
        for client_id, some in groupby(by_app, lambda consent: consent.client_id)
    ]
    return sorted(cards, key=lambda card: card.granted_at, reverse=True)


def _card(
    consents: Sequence[Consent],
    lines: Sequence[ScopeLine],
    last_token_at: datetime | None,
    changes: Mapping[uuid.UUID, AuditEvent],
) -> ConnectedApp:
    client: Client = consents[0].client
    scopes = {name for consent in consents for name in consent.scopes}
    ends = [consent.expires_at for consent in consents]
    granted_at = min(consent.granted_at for consent in consents)
    change = changes.get(client.id)
    return ConnectedApp(
        consent_id=consents[0].id,
        client_id=client.id,
        name=client.name,
        description=client.description,
        owner=client.owner.label if client.owner else None,
        is_verified=client.verified_at is not None,
        is_enabled=client.is_enabled,
        lines=[line for line in lines if line.name in scopes],
        granted_at=granted_at,
        expires_at=None if None in ends else _latest(ends),
        last_used_at=_latest(consent.last_used_at for consent in consents),
        last_token_at=last_token_at,
        last_change=change if change and change.happened_at >= granted_at else None,
    )


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
