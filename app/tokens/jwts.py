"""Access tokens as JWTs (RFC 9068): written and read here, and nowhere else."""

import base64
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.keys.ring import KeyRing
from app.tokens.errors import InvalidTokenError

ALGORITHM = "RS256"
TOKEN_TYPE = "at+jwt"
#: Ours stay far below; longer input is refused before any of it is decoded.
MAXIMUM_LENGTH = 8192

_registry = jws.JWSRegistry(algorithms=[ALGORITHM])
_REFUSED = "The access token is not one of ours, or it was changed."

#: Looks for a verifying key that is not in the ring, by its thumbprint.
FindKey = Callable[[str], RSAKey | None]


class SignedToken(NamedTuple):
    """An access token that we signed: its `jti`, and the `kid` of the key.

    `claims` are what it says of itself; its row says whether that still holds.
    """

    id: uuid.UUID
    kid: str
    claims: dict[str, Any]


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


def read_access_token(
    ring: KeyRing, token: str, *, issuer: str, find_key: FindKey | None = None
) -> SignedToken:
    """Return the `jti` and `kid` of an access token that we signed, expired or not.

    A key that is not in the ring is asked of `find_key`. Raises InvalidTokenError for
    anything else. Whether the token is still active is for its row to say.
    """
    # RFC 9068 §4: an ID token or any other JWT of ours is no access token.
    kid, claims = _read(
        ring, token, {TOKEN_TYPE, f"application/{TOKEN_TYPE}"}, find_key
    )
    if claims.get("iss") != issuer:
        raise InvalidTokenError(_REFUSED)
    try:
        return SignedToken(uuid.UUID(str(claims.get("jti"))), kid, claims)
    except ValueError:
        raise InvalidTokenError(_REFUSED) from None


def read_id_token(
    ring: KeyRing, token: str, *, issuer: str, find_key: FindKey | None = None
) -> dict[str, Any]:
    """Return the claims of an ID token that we signed, expired or not.

    As a hint it may be old (OpenID Connect RP-Initiated Logout §4). Raises
    InvalidTokenError for anything else.
    """
    _, claims = _read(ring, token, {"jwt"}, find_key)
    if claims.get("iss") != issuer:
        raise InvalidTokenError(_REFUSED)
    return claims


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token that we have just issued, unjudged.

    They are for people to read; whoever decides by a token reads it by the above.
    """
    header, claims, _ = token.split(".")
    return _decoded(header), _decoded(claims)


def _decoded(segment: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    )
    return decoded


def _read(
    ring: KeyRing, token: str, token_types: set[str], find_key: FindKey | None
) -> tuple[str, dict[str, Any]]:
    # RFC 8725 §3.1: the algorithm is ours to choose, never the token's; `jwk`, `jku`
    # and `x5u` headers are not looked at, an unknown `crit` is refused by joserfc.
    if len(token) > MAXIMUM_LENGTH or not token.isascii():
        raise InvalidTokenError(_REFUSED)
    try:
        decoded = jwt.decode(token, _choice(ring, find_key), registry=_registry)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise InvalidTokenError(_REFUSED) from None
    if str(decoded.header.get("typ", "")).lower() not in token_types:
        raise InvalidTokenError(_REFUSED)
    if not isinstance(decoded.claims, dict) or "kid" not in decoded.header:
        raise InvalidTokenError(_REFUSED)
    return str(decoded.header["kid"]), decoded.claims


def _choice(ring: KeyRing, find_key: FindKey | None) -> Callable[[Any], Any]:
    """Return what chooses the key by the header; joserfc refuses where it is null."""

    def choose(token: Any) -> Any:
        kid = token.headers().get("kid")
        if not isinstance(kid, str):
            return None
        known = ring.verifying.get(kid)
        return known or (find_key(kid) if find_key is not None else None)

    return choose
