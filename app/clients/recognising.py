"""What a refused client may have been, and a secret that did not work.

Asked later, off the request's path: neither answers nor their time tell any of it.
"""

import uuid
from dataclasses import replace

from sqlalchemy import Connection, select

from app import digests
from app.clients.models import Client, ClientSecret
from app.clock import utcnow
from app.text import is_storable
from app.traffic.findings import Finding, Found
from app.traffic.reasons import (
    Question,
    Refusal,
    RefusalReason,
    Share,
    refused,
)
from app.traffic.redaction import kept_client_id, kept_name, read_client_id

LONGEST_NAME = 100


def unknown_client(client_id: str) -> Refusal:
    """Return the refusal of a client id that no enabled client has.

    What has not the shape of one is not kept: it may be a secret in the wrong field.
    """
    kept, about = kept_client_id(client_id), client_id[: LONGEST_NAME + 1]
    return refused(
        RefusalReason.CLIENT_UNKNOWN,
        came=kept,
        length=None if kept else min(len(client_id), LONGEST_NAME),
        question=Question(recognise_client, about) if is_storable(about) else None,
    )


def wrong_secret(client_id: uuid.UUID, secret: str) -> Refusal:
    """Return the refusal of a secret that is none of the client's live ones.

    Secrets that could be ours are told apart, else what one was found to be would stand
    beside another; whatever else came is one thing.
    """
    if not digests.is_well_formed(secret, digests.CLIENT_SECRET):
        return refused(
            RefusalReason.SECRET_WRONG, client_id=client_id, is_well_formed=False
        )
    digest = digests.digest(secret)
    return refused(
        RefusalReason.SECRET_WRONG,
        client_id=client_id,
        question=Question(recognise_secret, (client_id, digest)),
        share=Share.SECRETS,
        apart=digest.hex(),
        is_well_formed=True,
    )


def unsupported_grant(grant_type: str, client_id: str | None) -> Refusal:
    """Return the refusal of a grant that is not offered."""
    grant = kept_name(grant_type)
    return sent_by(refused(RefusalReason.GRANT_UNSUPPORTED, grant=grant), client_id)


def sent_by(refusal: Refusal, client_id: str | None) -> Refusal:
    """Return a refusal with the client that its request names.

    Nobody has proved to be it; what has not the shape of an id is not kept.
    """
    kept = kept_client_id(client_id or "")
    if kept is None:
        return refusal
    question = Question(recognise_sender, kept)
    return replace(refusal, facts={**refusal.facts, "named": kept}, question=question)


def recognise_sender(connection: Connection, client_id: str) -> Finding | None:
    """Return whose request it says that it is; null if no client has this id."""
    parsed = read_client_id(client_id)
    found = connection.scalar(select(Client.id).where(Client.id == parsed))
    return None if found is None else Finding(what=Found.NAMED, client_id=found)


def recognise_client(connection: Connection, client_id: str) -> Finding | None:
    """Return which client was meant: one that is off, misspelt, or named by its name.

    Null if there is none such.
    """
    parsed = read_client_id(client_id)
    is_it = Client.name == client_id if parsed is None else Client.id == parsed
    row = connection.execute(
        select(Client.id, Client.name, Client.disabled_at, Client.deleted_at)
        .where(is_it)
        .order_by(Client.deleted_at.is_not(None))
        .limit(1)
    ).first()
    if row is None:
        return None
    if parsed is None:
        return Finding(what=Found.NAME, client_id=row.id)
    off = Found.DISABLED if row.disabled_at else Found.MISSPELT
    why = Found.DELETED if row.deleted_at else off
    return Finding(what=why, client_id=row.id)


def recognise_secret(
    connection: Connection, about: tuple[uuid.UUID, bytes]
) -> Finding | None:
    """Return which secret it was, by its hint, and when it ended; null if none."""
    client_id, digest = about
    row = connection.execute(
        select(
            ClientSecret.client_id,
            ClientSecret.hint,
            ClientSecret.revoked_at,
            ClientSecret.expires_at,
            Client.name,
        )
        .join(Client, Client.id == ClientSecret.client_id)
        .where(ClientSecret.digest == digest)
    ).first()
    if row is None:
        return None
    if row.client_id != client_id:
        return Finding(what=Found.OF_ANOTHER, hint=row.hint, app=row.name)
    if row.revoked_at is not None:
        return Finding(what=Found.REVOKED, hint=row.hint, ended_at=row.revoked_at)
    if row.expires_at is not None and row.expires_at <= utcnow():
        return Finding(what=Found.EXPIRED, hint=row.hint, ended_at=row.expires_at)
    return None
