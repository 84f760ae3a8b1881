"""The one look-up that the protocol needs of a client, prepared once (SQLAlchemy Core).

It brings the client with its live secrets and its own permissions in a single SELECT.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, bindparam, or_, select

from app import digests
from app.access.statements import delegable_names, effective_names
from app.clients.models import Client, ClientSecret
from app.database import AnyRow, AnySelect


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRecord:
    """A secret that is neither revoked nor expired."""

    id: uuid.UUID
    digest: bytes
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """What the protocol needs to know of an enabled client; lifetimes in seconds."""

    id: uuid.UUID
    name: str
    grant_types: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    is_confidential: bool
    #: The one method that a confidential client may use; null means either.
    token_endpoint_auth_method: str | None
    is_pkce_required: bool
    token_generation: int
    access_token_ttl: int | None
    client_credentials_token_ttl: int | None
    refresh_token_idle_ttl: int | None
    refresh_token_max_ttl: int | None
    last_used_at: datetime | None
    secrets: tuple[SecretRecord, ...]
    #: Its own effective permissions: what it may do as itself.
    permissions: frozenset[str]
    #: What it may ask users for now: delegable, and within its own list if it has one.
    delegable: frozenset[str]
    #: What of it users may leave out on the consent screen.
    optional_scopes: frozenset[str] = frozenset()

    def find_secret(self, secret: str) -> SecretRecord | None:
        """Return the live secret that `secret` spells, compared in constant time."""
        found = None
        for candidate in self.secrets:
            if digests.verify(secret, candidate.digest):
                found = candidate
        return found


def parse_client_id(client_id: str) -> uuid.UUID | None:
    """Return the id that `client_id` spells canonically (RFC 9562 §4), else null."""
    try:
        parsed = uuid.UUID(client_id)
    except ValueError:
        return None
    # Python also reads braces, missing hyphens and upper case: one spelling is ours.
    return parsed if str(parsed) == client_id else None


@cache
def _select_client() -> AnySelect:
    live_secret = (
        (ClientSecret.client_id == Client.id)
        & ClientSecret.revoked_at.is_(None)
        & or_(
            ClientSecret.expires_at.is_(None),
            ClientSecret.expires_at > bindparam("now"),
        )
    )
    return (
        select(
            Client.id,
            Client.name,
            Client.grant_types,
            Client.redirect_uris,
            Client.is_confidential,
            Client.token_endpoint_auth_method,
            Client.is_pkce_required,
            Client.token_generation,
            Client.access_token_ttl,
            Client.client_credentials_token_ttl,
            Client.refresh_token_idle_ttl,
            Client.refresh_token_max_ttl,
            Client.last_used_at,
            Client.scopes,
            Client.optional_scopes,
            ClientSecret.id.label("secret_id"),
            ClientSecret.digest.label("secret_digest"),
            ClientSecret.last_used_at.label("secret_last_used_at"),
            effective_names(Client.__table__.c.id).label("permissions"),
            delegable_names().label("delegable"),
        )
        .outerjoin(ClientSecret, live_secret)
        .where(
            Client.id == bindparam("client_id"),
            Client.disabled_at.is_(None),
            Client.deleted_at.is_(None),
        )
    )


def load_client(
    connection: Connection, *, client_id: str, now: datetime
) -> ClientRecord | None:
    """Return the enabled client with `client_id`, or null: one SELECT, whatever comes.

    A disabled, deleted, unknown or misspelt one are all the same to the caller.
    """
    parsed = parse_client_id(client_id)
    if parsed is None:
        return None
    rows = connection.execute(
        _select_client(), {"client_id": parsed, "now": now}
    ).fetchall()
    return _record(rows) if rows else None


def narrow_delegable(names: str | None, scopes: Sequence[str] | None) -> frozenset[str]:
    """Return the delegable `names` that a client with the list `scopes` may ask for."""
    delegable = frozenset((names or "").split())
    return delegable if scopes is None else delegable & frozenset(scopes)


def _record(rows: Sequence[AnyRow]) -> ClientRecord:
    first = rows[0]
    return ClientRecord(
        id=first.id,
        name=first.name,
        grant_types=tuple(first.grant_types),
        redirect_uris=tuple(first.redirect_uris),
        is_confidential=first.is_confidential,
        token_endpoint_auth_method=first.token_endpoint_auth_method,
        is_pkce_required=first.is_pkce_required,
        token_generation=first.token_generation,
        access_token_ttl=first.access_token_ttl,
        client_credentials_token_ttl=first.client_credentials_token_ttl,
        refresh_token_idle_ttl=first.refresh_token_idle_ttl,
        refresh_token_max_ttl=first.refresh_token_max_ttl,
        last_used_at=first.last_used_at,
        secrets=tuple(
            SecretRecord(
                id=row.secret_id,
                digest=row.secret_digest,
                last_used_at=row.secret_last_used_at,
            )
            for row in rows
            if row.secret_id is not None
        ),
        permissions=frozenset((first.permissions or "").split()),
        delegable=narrow_delegable(first.delegable, first.scopes),
        optional_scopes=frozenset(first.optional_scopes),
    )
