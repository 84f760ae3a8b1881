"""An API of your own, in Flask, that takes access tokens of Gatepass."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import jwt
from flask import Flask, Response, abort, g, jsonify, request

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8000")
AUDIENCE = os.environ.get("AUDIENCE", ISSUER)

app = Flask(__name__)
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


def requires(scope: str) -> Callable[..., Any]:
    """Let a request in only if its token carries `scope`."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer":
                abort(refusal(401, "Bearer"))
            try:
                g.claims = read_token(token)
            except jwt.PyJWKClientConnectionError:
                abort(503)
            except jwt.PyJWTError:
                abort(refusal(401, 'Bearer error="invalid_token"'))
            if scope not in g.claims.get("scope", "").split():
                challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
                abort(refusal(403, challenge))
            return view(*args, **kwargs)

        return guarded

    return decorate


def refusal(status: int, challenge: str) -> Response:
    """Answer as RFC 6750 §3 says."""
    return Response(status=status, headers={"WWW-Authenticate": challenge})


@app.get("/reports")
@requires("view_users")
def reports() -> Response:
    """Show whom the token is for; put your own answer here."""
    return jsonify(sub=g.claims["sub"], client_id=g.claims["client_id"])
