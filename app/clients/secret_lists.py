"""The secrets of clients as people see them: those that work, and those of late.

The ten-minute secrets of trials are left out: nobody deploys them.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.clients.models import Client, ClientSecret
from app.clock import utcnow
from app.extensions import db

#: How long a secret that ended is still shown.
REMEMBERED = timedelta(days=90)
MOST_RETIRED = 50


def secrets_in_use(
    client_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID, list[ClientSecret]]:
    """Return the secrets that work of each client, oldest first, in one query."""
    found: dict[uuid.UUID, list[ClientSecret]] = {id_: [] for id_ in client_ids}
    if not found:
        return found
    rows = db.session.scalars(
        select(ClientSecret)
        .options(joinedload(ClientSecret.created_by))
        .where(
            ClientSecret.client_id.in_(found),
            ClientSecret.revoked_at.is_(None),
            or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > utcnow()),
            ClientSecret.is_for_trial.is_(False),
        )
        .order_by(ClientSecret.created_at, ClientSecret.id)
    )
    for secret in rows:
        found[secret.client_id].append(secret)
    return found


def retired_secrets(client: Client) -> Sequence[ClientSecret]:
    """Return the secrets that ended in the last 90 days, the newest first."""
    now = utcnow()
    since = now - REMEMBERED
    return db.session.scalars(
        select(ClientSecret)
        .options(joinedload(ClientSecret.created_by))
        .where(
            ClientSecret.client_id == client.id,
            or_(
                ClientSecret.revoked_at > since,
                ClientSecret.revoked_at.is_(None)
                & ClientSecret.expires_at.between(since, now),
            ),
            ClientSecret.is_for_trial.is_(False),
        )
        .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        .limit(MOST_RETIRED)
    ).all()
