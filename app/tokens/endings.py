"""Why a code or token gives nothing any more, for those who run the server.

Answers never tell this. An access token's end is looked up later, off the request's
path, so that time tells nothing either.
"""

import uuid
from typing import Any

from sqlalchemy import Connection, select

from app.accounts.models import User
from app.clients.models import Client
from app.clients.statements import parse_client_id
from app.clock import utcnow
from app.consents.models import Consent, has_ended
from app.database import AnyRow
from app.tokens.jwts import SignedToken
from app.tokens.models import AccessToken, TokenFamily
from app.traffic.reasons import (
    Finding,
    Question,
    Refusal,
    RefusalReason,
    refused,
)

#: What may end a code or a token, in the order in which it is told.
DEACTIVATED = "deactivated"
WITHDRAWN = "withdrawn"
REVOKED = "revoked"
EXPIRED = "expired"
CONSENT_EXPIRED = "consent_expired"
SIGNED_OUT = "signed_out"
CLIENT_RENEWED = "client_renewed"
DISABLED = "disabled"
DELETED = "deleted"
UNKNOWN = "unknown"


def why_ended(row: Any, *, client_generation: int) -> str:
    """Return what ended the code or refresh token behind `row`."""
    if row.deactivated_at is not None:
        return DEACTIVATED
    if row.withdrawn_at is not None:
        return WITHDRAWN
    if has_ended(None, row.consent_expires_at, utcnow()):
        return CONSENT_EXPIRED
    if getattr(row, "revoked_at", None) is not None:
        return REVOKED
    if row.user_generation != row.current_user_generation:
        return SIGNED_OUT
    if row.client_generation != client_generation:
        return CLIENT_RENEWED
    return EXPIRED


def refusal_of(signed: SignedToken) -> Refusal:
    """Return why an access token that we signed is not active, without looking it up.

    What it says of itself tells its client and whether it has expired.
    """
    client_id = parse_client_id(str(signed.claims.get("client_id")))
    expires_at = signed.claims.get("exp")
    if isinstance(expires_at, int) and expires_at <= utcnow().timestamp():
        return refused(RefusalReason.TOKEN_EXPIRED, client_id=client_id)
    return refused(
        RefusalReason.TOKEN_ENDED,
        client_id=client_id,
        question=Question(find_ending, signed.id),
    )


def find_ending(connection: Connection, token_id: uuid.UUID) -> Finding | None:
    """Return what ended an access token, or null if nothing did."""
    row = connection.execute(
        select(
            AccessToken.client_generation,
            AccessToken.user_id,
            AccessToken.user_generation,
            AccessToken.expires_at,
            AccessToken.revoked_at,
            Client.token_generation.label("current_client_generation"),
            Client.disabled_at,
            Client.deleted_at,
            User.token_generation.label("current_user_generation"),
            User.deactivated_at,
            TokenFamily.revoked_at.label("family_revoked_at"),
            Consent.withdrawn_at,
            Consent.expires_at.label("consent_expires_at"),
        )
        .join(Client, Client.id == AccessToken.client_id)
        .outerjoin(User, User.id == AccessToken.user_id)
        .outerjoin(TokenFamily, TokenFamily.id == AccessToken.family_id)
        .outerjoin(Consent, Consent.id == TokenFamily.consent_id)
        .where(AccessToken.id == token_id)
    ).first()
    if row is None:
        return {"is": UNKNOWN}
    why = _first_end(row)
    return {"is": why} if why else None


def _first_end(row: AnyRow) -> str | None:
    now = utcnow()
    ends = (
        (DELETED, row.deleted_at is not None),
        (DISABLED, row.disabled_at is not None),
        (DEACTIVATED, row.deactivated_at is not None),
        (WITHDRAWN, row.withdrawn_at is not None),
        (REVOKED, row.revoked_at is not None or row.family_revoked_at is not None),
        (SIGNED_OUT, row.user_generation != row.current_user_generation),
        (CLIENT_RENEWED, row.client_generation != row.current_client_generation),
        (EXPIRED, row.expires_at <= now),
        (
            CONSENT_EXPIRED,
            bool(row.consent_expires_at) and row.consent_expires_at <= now,
        ),
    )
    return next((name for name, holds in ends if holds), None)
