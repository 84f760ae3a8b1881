"""PyJWT as an outside resource server: it has nothing but our published keys."""

import base64
import json
import time
from dataclasses import dataclass

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.outside import OutsideApp


@dataclass
class ResourceServer:
    """Verifies access tokens as RFC 9068 §4 tells a resource server."""

    issuer: str
    audience: str
    keys: jwt.PyJWKClient

    def read(self, token: str) -> dict[str, object]:
        """Return the claims of a good access token; jwt.PyJWTError for all others."""
        key = self.keys.get_signing_key_from_jwt(token)
        whole = jwt.decode_complete(
            token,
            key,
            algorithms=["RS256"],
            audience=self.audience,
            issuer=self.issuer,
            options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"]},
        )
        if whole["header"].get("typ") != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        claims: dict[str, object] = whole["payload"]
        return claims


@pytest.fixture
def resource_server(outside: OutsideApp) -> ResourceServer:
    """An API of somebody else that trusts the product."""
    issuer = outside.served.address
    keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
    return ResourceServer(issuer, issuer, keys)


@pytest.fixture
def token(outside: OutsideApp) -> str:
    """An access token of the app itself."""
    access_token: str = outside.act_as_itself().json()["access_token"]
    return access_token


@pytest.mark.rfc(
    "RFC 9068 §2.2", "an access token carries the claims that are required"
)
@pytest.mark.rfc("RFC 9068 §2.1", "the header says that it is an access token")
def test_it_accepts_a_token_of_the_app_itself(
    resource_server: ResourceServer, outside: OutsideApp, token: str
) -> None:
    claims = resource_server.read(token)
    assert claims["sub"] == claims["client_id"] == outside.client_id
    assert claims["scope"] == "view_users"
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["iat"] <= time.time() + 1


def test_it_accepts_a_token_for_a_customer(
    resource_server: ResourceServer, outside: OutsideApp
) -> None:
    answer = outside.redeem(*outside.authorization_code()).json()
    claims = resource_server.read(answer["access_token"])
    me = outside.call(answer["access_token"]).json()
    assert claims["sub"] == me["user"]["id"]
    assert claims["client_id"] == outside.client_id
    assert claims["exp"] - claims["iat"] == answer["expires_in"]


def test_it_refuses_what_was_changed(
    resource_server: ResourceServer, outside: OutsideApp, token: str
) -> None:
    header, claims, signature = token.split(".")
    richer = decoded(claims) | {"scope": "manage_system"}
    forged = f"{header}.{encoded(richer)}.{signature}"
    with pytest.raises(jwt.InvalidSignatureError):
        resource_server.read(forged)
    assert outside.call(forged).status_code == 401
    cut = f"{header}.{claims}.{signature[:-8]}AAAAAAAA"
    with pytest.raises(jwt.InvalidSignatureError):
        resource_server.read(cut)
    assert outside.call(cut).status_code == 401


@pytest.mark.rfc("RFC 8725 §3.1", "the algorithm is ours to choose, not the token's")
def test_nobody_else_can_sign(
    resource_server: ResourceServer, outside: OutsideApp, token: str
) -> None:
    headers = jwt.get_unverified_header(token)
    claims = decoded(token.split(".")[1])
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    forgeries = [
        jwt.encode(claims, stranger, "RS256", headers=headers),
        jwt.encode(claims, "x" * 64, "HS256", headers | {"alg": "HS256"}),
        jwt.encode(claims, None, "none", headers | {"alg": "none"}),
    ]
    for forged in forgeries:
        with pytest.raises(jwt.PyJWTError):
            resource_server.read(forged)
        assert outside.call(forged).status_code == 401


def test_a_token_for_another_api_or_of_another_issuer_is_refused(
    resource_server: ResourceServer, token: str
) -> None:
    other = ResourceServer(
        resource_server.issuer, "https://files.example.com", resource_server.keys
    )
    with pytest.raises(jwt.InvalidAudienceError):
        other.read(token)
    other = ResourceServer(
        "https://elsewhere.example.com", resource_server.audience, resource_server.keys
    )
    with pytest.raises(jwt.InvalidIssuerError):
        other.read(token)


def test_a_key_that_was_never_published_is_not_found(
    resource_server: ResourceServer, token: str
) -> None:
    _, claims, signature = token.split(".")
    header = encoded({"alg": "RS256", "typ": "at+jwt", "kid": "unheard-of"})
    with pytest.raises(jwt.PyJWKClientError):
        resource_server.read(f"{header}.{claims}.{signature}")


def decoded(part: str) -> dict[str, object]:
    padding = "=" * (-len(part) % 4)
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + padding))
    return claims


def encoded(part: dict[str, object]) -> str:
    text = json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
