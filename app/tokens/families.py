"""A token family as rows: begun by a code, then a line of refresh tokens."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from app import digests
from app.clients.statements import ClientRecord
from app.consents.models import end_within
from app.database import AnyRow, new_id
from app.extensions import settings
from app.tokens.models import RefreshToken, TokenFamily


def insert_family(
    connection: Connection,
    code: AnyRow,
    *,
    client: ClientRecord,
    scope: str,
    now: datetime,
) -> tuple[uuid.UUID, datetime]:
    """Begin the family of a redeemed code; return its id and when all of it ends.

    Generations are the code's: what was ended since it was issued stays ended.
    """
    family_id = new_id()
    ttl = client.refresh_token_max_ttl or settings.refresh_token_max_ttl
    family_end = end_within(now + timedelta(seconds=ttl), code.consent_expires_at)
    connection.execute(
        insert(TokenFamily),
        {
            "id": family_id,
            "client_id": client.id,
            "user_id": code.user_id,
            "consent_id": code.consent_id,
            "authorization_code_id": code.id,
            "scope": scope,
            "audience": code.audience,
            "authenticated_at": code.authenticated_at,
            "client_generation": code.client_generation,
            "user_generation": code.user_generation,
            "started_at": now,
            "expires_at": family_end,
        },
    )
    return family_id, family_end


def insert_refresh_token(
    connection: Connection,
    refresh_token: str,
    *,
    client: ClientRecord,
    family_id: uuid.UUID,
    family_end: datetime,
    position: int,
    now: datetime,
) -> None:
    """Put a refresh token at a position of its family's line; it ends with that."""
    idle = client.refresh_token_idle_ttl or settings.refresh_token_idle_ttl
    connection.execute(
        insert(RefreshToken),
        {
            "digest": digests.digest(refresh_token),
            "family_id": family_id,
            "position": position,
            "issued_at": now,
            "expires_at": min(now + timedelta(seconds=idle), family_end),
        },
    )
