"""Finding secrets of clients: those that work, those of late, or one.

The ten-minute secrets of trials are left out: nobody deploys them.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.clients.models import Client, ClientSecret
from app.clock import utcnow
from app.extensions import db

#: How long a secret that ended is still shown.
REMEMBERED = timedelta(days=90)
MOST_RETIRED = 50


def is_working() -> ColumnElement[bool]:
    """Return the condition for a secret that is neither revoked nor expired."""
    return and_(
        ClientSecret.revoked_at.is_(None),
        or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > utcnow()),
        is_deployed(),
    )


def is_deployed() -> ColumnElement[bool]:
    """Return the condition for a secret that was not made for a trial."""
    return ClientSecret.is_for_trial.is_(False)


def working_secrets(client_id: uuid.UUID) -> Select[ClientSecret]:
    """Return the select of a client's secrets that work."""
    return select(ClientSecret).where(ClientSecret.client_id == client_id, is_working())


def live_secrets(client: Client) -> Sequence[ClientSecret]:
    """Return a client's secrets that work, oldest first."""
    query = working_secrets(client.id)
    return db.session.scalars(
        query.order_by(ClientSecret.created_at, ClientSecret.id)
    ).all()


def newest_secret_id(client: Client) -> str:
    """Return what names the state of a client's secrets: the id of the newest."""
    newest = db.session.scalar(
        select(ClientSecret.id)
        .where(ClientSecret.client_id == client.id, is_deployed())
        .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        .limit(1)
    )
    return str(newest or "")


def find_secret(*, client: Client, secret_id: uuid.UUID) -> ClientSecret | None:
    """Return a secret by its id, but only if it is this client's."""
    return db.session.scalar(
        select(ClientSecret).where(
            ClientSecret.id == secret_id,
            ClientSecret.client_id == client.id,
            is_deployed(),
        )
    )


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
        .where(ClientSecret.client_id.in_(found), is_working())
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
            is_deployed(),
        )
        .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        .limit(MOST_RETIRED)
    ).all()
