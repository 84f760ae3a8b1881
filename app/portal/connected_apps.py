"""The apps that a person let act for them, as the person reads of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.consents.models import Consent
from app.consents.services import list_for_user
from app.oauth.consent_screen import ScopeLine, describe_scopes


@dataclass(frozen=True, kw_only=True)
class ConnectedApp:
    """One card: an app, what it may do in plain words, since when and how lately."""

    consent_id: uuid.UUID
    name: str
    description: str
    owner: str | None
    is_verified: bool
    is_enabled: bool
    lines: Sequence[ScopeLine]
    granted_at: datetime
    last_used_at: datetime | None


def connected_apps(user_id: uuid.UUID) -> list[ConnectedApp]:
    """Return a card for each app that the person allows, the newest first."""
    consents = list_for_user(user_id)
    names = {name for consent in consents for name in consent.scopes}
    lines = describe_scopes(names, new=())
    return [_card(consent, lines) for consent in consents]


def _card(consent: Consent, lines: Sequence[ScopeLine]) -> ConnectedApp:
    client = consent.client
    return ConnectedApp(
        consent_id=consent.id,
        name=client.name,
        description=client.description,
        owner=client.owner.label if client.owner else None,
        is_verified=client.verified_at is not None,
        is_enabled=client.is_enabled,
        lines=[line for line in lines if line.name in consent.scopes],
        granted_at=consent.granted_at,
        last_used_at=consent.last_used_at,
    )
