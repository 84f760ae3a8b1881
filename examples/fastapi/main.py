"""An API of your own, in FastAPI, that takes access tokens of Gatepass."""

import os
from collections.abc import Callable
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8000")
AUDIENCE = os.environ.get("AUDIENCE", ISSUER)

app = FastAPI()
bearer = HTTPBearer(auto_error=False)
# The keys are fetched once and kept for five minutes.
keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json", lifespan=300)


def read_token(token: str) -> dict[str, Any]:
    """Return the claims of a good access token (RFC 9068 §4)."""
    whole = jwt.decode_complete(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["iss", "aud", "sub", "client_id", "exp", "iat", "jti"]},
    )
    # An ID token is signed with the same keys, but opens no API.
    if whole["header"].get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("This is no access token.")
    claims: dict[str, Any] = whole["payload"]
    return claims


def refusal(status: int, challenge: str) -> HTTPException:
    """Answer as RFC 6750 §3 says."""
    return HTTPException(status, headers={"WWW-Authenticate": challenge})


def allowed(scope: str) -> Callable[..., dict[str, Any]]:
    """Give the claims of a token that carries `scope`."""

    # FastAPI runs a plain function in a thread, so fetching the keys blocks nobody.
    def claims(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> dict[str, Any]:
        if given is None:
            raise refusal(401, "Bearer")
        try:
            claims = read_token(given.credentials)
        except jwt.PyJWKClientConnectionError as problem:
            raise HTTPException(503) from problem
        except jwt.PyJWTError as problem:
            raise refusal(401, 'Bearer error="invalid_token"') from problem
        if scope not in claims.get("scope", "").split():
            raise refusal(403, f'Bearer error="insufficient_scope", scope="{scope}"')
        return claims

    return claims


@app.get("/reports")
def reports(
    claims: Annotated[dict[str, Any], Depends(allowed("view_users"))],
) -> dict[str, str]:
    """Show whom the token is for; put your own answer here."""
    return {"sub": claims["sub"], "client_id": claims["client_id"]}
