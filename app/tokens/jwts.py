"""Access tokens as JWTs (RFC 9068): written and read here, and nowhere else."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from app.keys.ring import KeyRing
from app.tokens.errors import InvalidTokenError

ALGORITHM = "RS256"
TOKEN_TYPE = "at+jwt"
#: Ours stay far below; longer input is refused before any of it is decoded.
MAXIMUM_LENGTH = 8192

_registry = jws.JWSRegistry(algorithms=[ALGORITHM])
_REFUSED = "The access token is not one of ours, or it was changed."


def sign_access_token(
    ring: KeyRing,
    *,
    token_id: uuid.UUID,
    issuer: str,
    subject: uuid.UUID,
    client_id: uuid.UUID,
    audience: Sequence[str],
    scope: str,
    issued_at: datetime,
    expires_at: datetime,
) -> str:
    """Return the compact JWT with the claims of RFC 9068 §2.2, signed RS256."""
    claims = {
        "iss": issuer,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "sub": str(subject),
        "client_id": str(client_id),
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": str(token_id),
        "scope": scope,
    }
    return _sign(ring, TOKEN_TYPE, claims)


def sign_id_token(ring: KeyRing, claims: dict[str, Any]) -> str:
    """Return an ID token (OpenID Connect Core §2) with `claims`, signed RS256."""
    return _sign(ring, "JWT", claims)


def _sign(ring: KeyRing, token_type: str, claims: dict[str, Any]) -> str:
    header = {"typ": token_type, "alg": ALGORITHM, "kid": ring.kid}
    return jwt.encode(header, claims, ring.private, registry=_registry)


def read_token_id(ring: KeyRing, token: str, *, issuer: str) -> uuid.UUID:
    """Return the `jti` of an access token that we signed, expired or not.

    Raises InvalidTokenError for anything else. Whether the token is still active is
    for its row to say.
    """
    # RFC 9068 §4: an ID token or any other JWT of ours is no access token.
    claims = _read(ring, token, {TOKEN_TYPE, f"application/{TOKEN_TYPE}"})
    if claims.get("iss") != issuer:
        raise InvalidTokenError(_REFUSED)
    try:
        return uuid.UUID(str(claims.get("jti")))
    except ValueError:
        raise InvalidTokenError(_REFUSED) from None


def read_id_token(ring: KeyRing, token: str, *, issuer: str) -> dict[str, Any]:
    """Return the claims of an ID token that we signed, expired or not.

    As a hint it may be old (OpenID Connect RP-Initiated Logout §4). Raises
    InvalidTokenError for anything else.
    """
    claims = _read(ring, token, {"jwt"})
    if claims.get("iss") != issuer:
        raise InvalidTokenError(_REFUSED)
    return claims


def _read(ring: KeyRing, token: str, token_types: set[str]) -> dict[str, Any]:
    # RFC 8725 §3.1: the algorithm is ours to choose, never the token's; `jwk`, `jku`
    # and `x5u` headers are not looked at, an unknown `crit` is refused by joserfc.
    if len(token) > MAXIMUM_LENGTH or not token.isascii():
        raise InvalidTokenError(_REFUSED)
    try:
        decoded = jwt.decode(token, ring.public, registry=_registry)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise InvalidTokenError(_REFUSED) from None
    if str(decoded.header.get("typ", "")).lower() not in token_types:
        raise InvalidTokenError(_REFUSED)
    if not isinstance(decoded.claims, dict) or "kid" not in decoded.header:
        raise InvalidTokenError(_REFUSED)
    return decoded.claims
