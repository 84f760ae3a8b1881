"""Why an access token opened nothing, for those who run the server.

Answers never tell this. What ended a token is looked up later, off the request's path,
so that time tells nothing either.
"""

import uuid

from sqlalchemy import Connection, func, select

from app.accounts.models import User
from app.clients.models import Client
from app.clients.statements import parse_client_id
from app.clock import utcnow
from app.consents.models import Consent
from app.tokens.endings import columns_of_ends, end_of
from app.tokens.jwts import SignedToken
from app.tokens.models import AccessToken, TokenFamily
from app.traffic.findings import Finding
from app.traffic.reasons import (
    Question,
    Refusal,
    RefusalReason,
    refused,
)

UNKNOWN = "unknown"


def why_inactive(signed: SignedToken) -> Refusal:
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
        question=Question(find_end, signed.id),
    )


def find_end(connection: Connection, token_id: uuid.UUID) -> Finding | None:
    """Return what ended an access token, or null if nothing did."""
    row = connection.execute(
        select(
            AccessToken.client_generation,
            AccessToken.user_generation,
            *columns_of_ends(
                revoked_at=func.coalesce(
                    AccessToken.revoked_at, TokenFamily.revoked_at
                ),
                ends_at=AccessToken.expires_at,
            ),
        )
        .join(Client, Client.id == AccessToken.client_id)
        .outerjoin(User, User.id == AccessToken.user_id)
        .outerjoin(TokenFamily, TokenFamily.id == AccessToken.family_id)
        .outerjoin(Consent, Consent.id == TokenFamily.consent_id)
        .where(AccessToken.id == token_id)
    ).first()
    if row is None:
        return Finding(what=UNKNOWN)
    end = end_of(row, utcnow())
    return Finding(what=end) if end else None
