"""ID tokens: who signed in, told to the client (OpenID Connect Core §2, §3.1.3)."""

import base64
import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

from app.access.scopes import parse_scope
from app.clients.statements import ClientRecord
from app.clock import utcnow
from app.extensions import settings
from app.keys.ring import current_key_ring
from app.tokens.issuing import IssuedTokens
from app.tokens.jwts import sign_id_token


def id_token_for(
    issued: IssuedTokens,
    *,
    client: ClientRecord,
    user_id: uuid.UUID,
    granted_scope: str,
    authenticated_at: datetime | None,
    nonce: str | None = None,
) -> str | None:
    """Return the ID token that goes with `issued`, or null without `openid`.

    It ends when the access token does. A refreshed one carries no nonce and the same
    `auth_time` as the first (OpenID Connect Core §12.2).
    """
    if "openid" not in parse_scope(granted_scope):
        return None
    now = utcnow()
    claims: dict[str, Any] = {
        "iss": settings.issuer,
        "sub": str(user_id),
        "aud": str(client.id),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=issued.expires_in)).timestamp()),
        "at_hash": at_hash(issued.access_token),
    }
    if authenticated_at is not None:
        claims["auth_time"] = int(authenticated_at.timestamp())
    if nonce is not None:
        claims["nonce"] = nonce
    return sign_id_token(current_key_ring(), claims)


def at_hash(access_token: str) -> str:
    """Return the left half of the token's SHA-256 (OpenID Connect Core §3.1.3.6)."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
