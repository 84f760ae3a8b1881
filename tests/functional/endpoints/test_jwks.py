"""The published keys, and a resource server outside that goes by them."""

from collections.abc import Callable

import jwt
import pytest
from flask import Flask

from app.config import Settings
from tests.support.keys import TEST_PUBLIC_KEY, make_key_pair
from tests.support.parties import Parties

ADDRESS = "/.well-known/jwks.json"
ISSUER = "http://127.0.0.1:8000"
#: Keys of another size are other keys than those of the tests.
OTHER_BITS = 2056


def _verify(app: Flask, token: str) -> dict[str, object]:
    """Verify as a resource server would that nobody here wrote."""
    keys = jwt.PyJWKSet.from_dict(app.test_client().get(ADDRESS).get_json())
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "at+jwt"
    claims: dict[str, object] = jwt.decode(
        token,
        keys[header["kid"]],
        algorithms=["RS256"],
        audience=ISSUER,
        issuer=ISSUER,
        options={"require": ["exp", "iat", "jti", "sub", "aud", "iss"]},
    )
    return claims


@pytest.mark.rfc("RFC 7517 §5", "the keys are published as a set")
def test_the_set_holds_public_halves_only(app: Flask) -> None:
    response = app.test_client().get(ADDRESS)
    assert response.status_code == 200
    (key,) = response.get_json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    assert response.cache_control.max_age == 300
    assert "Set-Cookie" not in response.headers


@pytest.mark.rfc("OpenID Connect Discovery §3", "the keys are where jwks_uri says")
@pytest.mark.rfc("RFC 9068 §4", "a resource server verifies by the published keys")
def test_pyjwt_verifies_our_tokens(app: Flask, parties: Parties) -> None:
    party = parties.confidential()
    own = party.act_as_itself().get_json()["access_token"]
    users = party.tokens()["access_token"]
    assert _verify(app, own)["sub"] == party.client_id
    assert _verify(app, users)["client_id"] == party.client_id
    with pytest.raises(jwt.InvalidSignatureError):
        _verify(app, users[:-4] + "AAAA")


def test_after_a_rotation_old_tokens_verify_and_new_ones_name_the_new_key(
    app: Flask, parties: Parties, configure: Callable[..., None]
) -> None:
    service = parties.service("view_users")
    old = service.act_as_itself().get_json()["access_token"]
    private, public = make_key_pair(OTHER_BITS)
    configure(
        passport_private_key=private,
        passport_public_key=public,
        passport_previous_public_keys=TEST_PUBLIC_KEY,
    )
    new = service.act_as_itself().get_json()["access_token"]
    kids = [jwt.get_unverified_header(token)["kid"] for token in (old, new)]
    assert kids[0] != kids[1]
    assert len(app.test_client().get(ADDRESS).get_json()["keys"]) == 2
    for token in (old, new):
        assert _verify(app, token)["sub"] == service.client_id
        assert service.call(token).status_code == 200


def test_a_key_that_is_no_longer_published_opens_nothing(
    parties: Parties, configure: Callable[..., None]
) -> None:
    service = parties.service("view_users")
    old = service.act_as_itself().get_json()["access_token"]
    private, public = make_key_pair(OTHER_BITS)
    configure(passport_private_key=private, passport_public_key=public)
    assert service.call(old).status_code == 401
    assert service.introspect(old) == {"active": False}


@pytest.mark.parametrize("address", [ADDRESS, "/oauth/token"])
def test_without_keys_it_names_the_command(
    parties: Parties, configure: Callable[..., None], address: str
) -> None:
    service = parties.service()
    configure(passport_private_key="", passport_public_key="")
    if address == ADDRESS:
        response = parties.app.test_client().get(address)
    else:
        response = service.act_as_itself()
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert "flask passport:keys" in response.get_json()["detail"]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_code_is_not_spent_while_keys_are_missing(
    parties: Parties, configure: Callable[..., None]
) -> None:
    party = parties.confidential()
    code = party.allow()["code"]
    settings: Settings = parties.app.extensions["gatepass_settings"]
    keys = {
        name: getattr(settings, name)
        for name in ("passport_private_key", "passport_public_key")
    }
    configure(**dict.fromkeys(keys, ""))
    assert party.redeem(code).status_code == 503
    configure(**keys)
    assert party.redeem(code).status_code == 200
