"""Issuing access tokens: a row for each, and a signature over its claims."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, insert

from app.access.scopes import join_scope
from app.clients.statements import ClientRecord
from app.clock import utcnow
from app.database import AnyRow, new_id, write_turn
from app.extensions import db, settings
from app.kept_connections import kept_connection
from app.keys.ring import KeyRing, current_key_ring
from app.tokens.jwts import sign_access_token
from app.tokens.models import AccessToken


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """What the token endpoint answers with (RFC 6749 §5.1); `expires_in` in seconds."""

    access_token: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None


@cache
def _insert() -> Insert:
    return insert(AccessToken)


def issue_client_token(
    *, client: ClientRecord, scopes: frozenset[str], audience: Sequence[str]
) -> IssuedTokens:
    """Issue a token with which `client` acts as itself: one INSERT, committed at once.

    `scopes` must be permissions that the client holds. A client deleted meanwhile has
    another generation by now, so that what is issued here is dead from the start.
    """
    ttl = client.client_credentials_token_ttl or settings.client_credentials_token_ttl
    return _issue(
        kept_connection(db.engine),
        turn=write_turn(db.engine),
        client=client,
        scope=join_scope(scopes),
        audience=audience,
        ttl=ttl,
    )


def issue_user_token(
    connection: Connection,
    given: AnyRow,
    *,
    client: ClientRecord,
    family_id: uuid.UUID,
    scope: str,
    audience: Sequence[str],
    no_later_than: datetime,
) -> IssuedTokens:
    """Issue a token with which `client` acts for a user, in the open transaction.

    `given` is the code or refresh token that is exchanged. The generations are copied
    from there: what was ended since that was issued stays ended.
    """
    return _issue(
        connection,
        client=client,
        scope=scope,
        audience=audience,
        ttl=client.access_token_ttl or settings.access_token_ttl,
        no_later_than=no_later_than,
        user_id=given.user_id,
        user_generation=given.user_generation,
        family_id=family_id,
        client_generation=given.client_generation,
    )


def _issue(
    connection: Connection,
    *,
    client: ClientRecord,
    scope: str,
    audience: Sequence[str],
    ttl: int,
    turn: AbstractContextManager[Any] | None = None,
    no_later_than: datetime | None = None,
    **of_user: Any,
) -> IssuedTokens:
    """Insert the token's row and sign it.

    An open transaction takes no `turn`: it holds the database's own lock already.
    """
    ring = current_key_ring()
    issued_at = utcnow()
    expires_at = issued_at + timedelta(seconds=ttl)
    if no_later_than is not None:
        expires_at = min(expires_at, no_later_than)
    row = {
        "id": new_id(),
        "client_id": client.id,
        "user_id": None,
        "family_id": None,
        "scope": scope,
        "audience": " ".join(audience),
        "kid": ring.kid,
        "client_generation": client.token_generation,
        "user_generation": None,
        "issued_at": issued_at,
        "expires_at": expires_at,
    } | of_user
    with turn or nullcontext():
        connection.execute(_insert(), row)
    return IssuedTokens(
        access_token=_sign(ring, row, audience),
        expires_in=int((expires_at - issued_at).total_seconds()),
        scope=scope,
    )


def _sign(ring: KeyRing, row: Mapping[str, Any], audience: Sequence[str]) -> str:
    """Return the token whose row this is."""
    return sign_access_token(
        ring,
        token_id=row["id"],
        issuer=settings.issuer,
        subject=row["user_id"] or row["client_id"],
        client_id=row["client_id"],
        audience=audience,
        scope=row["scope"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
    )
