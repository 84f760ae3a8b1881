"""ID tokens and userinfo (OpenID Connect Core §2, §3.1.3, §5.3)."""

import base64
import hashlib
import time

import jwt
import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ISSUER = "http://127.0.0.1:8000"


def claims_of(app: Flask, id_token: str, client_id: str) -> dict[str, object]:
    """Verify an ID token as a relying party would, and return its claims."""
    keys = jwt.PyJWKSet(app.test_client().get("/.well-known/jwks.json").json["keys"])
    key = keys[jwt.get_unverified_header(id_token)["kid"]]
    return jwt.decode(
        id_token, key, algorithms=["RS256"], audience=client_id, issuer=ISSUER
    )


@pytest.mark.rfc("OpenID Connect Core §15.1", "ID tokens are signed by RS256")
@pytest.mark.rfc("OpenID Connect Core §3.1.3.6", "at_hash fits the access token")
@pytest.mark.rfc(
    "OpenID Connect Core §3.1.3.3", "the token response carries an ID token"
)
@pytest.mark.rfc("OpenID Connect Core §2", "an ID token carries iss sub aud exp iat")
@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "the nonce comes back unchanged")
def test_an_id_token_tells_who_signed_in(app: Flask, parties: Parties) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    tokens = party.tokens(scope="openid view_users", nonce="n-0S6_WzA2Mj")
    claims = claims_of(app, tokens["id_token"], party.client_id)
    assert claims["sub"] == str(user.id)
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert claims["exp"] - claims["iat"] == tokens["expires_in"]
    assert abs(time.time() - claims["auth_time"]) < 60
    left = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(left).rstrip(b"=").decode()
    assert claims["at_hash"] == expected
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "RS256"


@pytest.mark.rfc("OpenID Connect Core §2", "auth_time is told where max_age was asked")
@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "auth_time is told with max_age")
def test_max_age_is_answered_by_auth_time(app: Flask, party: RelyingParty) -> None:
    for asked in ({"max_age": "600"}, {"max_age": "600", "prompt": "consent"}):
        tokens = party.tokens(scope="openid", **asked)
        claims = claims_of(app, tokens["id_token"], party.client_id)
        assert isinstance(claims["auth_time"], int)
        assert 0 <= time.time() - claims["auth_time"] < 60


@pytest.mark.rfc("OpenID Connect Core §8", "sub is the same for every client")
@pytest.mark.rfc("OpenID Connect Core §5.3.2", "userinfo and ID token agree on sub")
def test_a_person_is_the_same_to_every_app(app: Flask, parties: Parties) -> None:
    user, other = parties.person(), parties.person()
    subjects = []
    for person in (user, user, other):
        party = parties.confidential(user=person)
        tokens = party.tokens(scope="openid")
        claims = claims_of(app, tokens["id_token"], party.client_id)
        told = party.call(tokens["access_token"], "/oauth/userinfo").get_json()
        assert told["sub"] == claims["sub"]
        # OpenID Connect Core §2: at most 255 characters of ASCII.
        assert str(claims["sub"]).isascii()
        assert len(str(claims["sub"])) <= 255
        subjects.append(claims["sub"])
    assert subjects[0] == subjects[1] != subjects[2]


@pytest.mark.rfc(
    "OpenID Connect Core §3.1.2.1", "without the scope openid it is plain OAuth"
)
def test_without_openid_there_is_none(party: RelyingParty) -> None:
    tokens = party.tokens(scope="view_users")
    assert "id_token" not in tokens


@pytest.mark.rfc("OpenID Connect Core §12.2", "a refreshed ID token keeps sub and aud")
def test_refreshing_gives_a_new_one(app: Flask, party: RelyingParty) -> None:
    tokens = party.tokens(scope="openid view_users", nonce="n")
    first = claims_of(app, tokens["id_token"], party.client_id)
    refreshed = party.refresh(tokens["refresh_token"]).get_json()
    second = claims_of(app, refreshed["id_token"], party.client_id)
    for name in ("iss", "sub", "aud", "auth_time"):
        assert first[name] == second[name]
    assert "nonce" not in second
    narrowed = party.refresh(refreshed["refresh_token"], scope="view_users").get_json()
    assert "id_token" not in narrowed


@pytest.mark.rfc("RFC 9068 §4", "an ID token is not taken for an access token")
def test_an_id_token_opens_nothing(party: RelyingParty) -> None:
    tokens = party.tokens(scope="openid")
    assert party.call(tokens["id_token"]).status_code == 401
    assert party.call(tokens["id_token"], "/oauth/userinfo").status_code == 401
    assert party.introspect(tokens["id_token"]) == {"active": False}


@pytest.mark.rfc("OpenID Connect Core §5.6", "claims are of the normal type")
@pytest.mark.rfc("OpenID Connect Core §5.3.2", "userinfo always tells sub")
@pytest.mark.rfc("OpenID Connect Core §5.4", "claims follow the scopes")
def test_userinfo_tells_what_the_scope_covers(make: Factory, parties: Parties) -> None:
    user = make.user(email="carla@example.com", name="Carla")
    party = parties.confidential(user=user)
    sub = {"sub": str(user.id)}
    for scope, expected in (
        ("openid", {}),
        ("openid profile", {"name": "Carla"}),
        ("openid email", {"email": "carla@example.com", "email_verified": False}),
    ):
        token = party.tokens(scope=scope)["access_token"]
        body = party.call(token, "/oauth/userinfo").get_json()
        body.pop("updated_at", None)
        assert body == sub | expected


@pytest.mark.rfc("OpenID Connect Core §5.3.1", "the token is taken as RFC 6750 has it")
@pytest.mark.rfc("RFC 6750 §2.1", "the header is taken wherever a bearer is")
@pytest.mark.rfc("OpenID Connect Core §5.3.1", "userinfo takes GET and POST")
def test_userinfo_takes_the_token_three_ways(app: Flask, party: RelyingParty) -> None:
    token = party.tokens(scope="openid")["access_token"]
    client = app.test_client()
    header = {"Authorization": f"Bearer {token}"}
    answers = [
        client.get("/oauth/userinfo", headers=header),
        client.post("/oauth/userinfo", headers=header),
        client.post("/oauth/userinfo", data={"access_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "no-store" in answers[0].headers["Cache-Control"]
    # RFC 6750 §2.3: never in the address.
    query = client.get("/oauth/userinfo", query_string={"access_token": token})
    assert query.status_code == 401


@pytest.mark.rfc("RFC 6750 §2", "no more than one way of sending the token")
def test_userinfo_takes_one_token_at_a_time(app: Flask, party: RelyingParty) -> None:
    token = party.tokens(scope="openid")["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    twice = {"access_token": token}
    client = app.test_client()
    for answer in (
        client.post("/oauth/userinfo", headers=header, data=twice),
        client.get("/oauth/userinfo", headers=header, query_string=twice),
    ):
        assert answer.status_code == 400
        assert answer.get_json()["error"] == "invalid_request"
        assert "sub" not in answer.get_json()


@pytest.mark.rfc("OpenID Connect Core §5.3.3", "an error is that of RFC 6750")
@pytest.mark.rfc("RFC 6750 §3", "a refusal carries a challenge")
def test_userinfo_refuses_with_a_challenge(app: Flask, party: RelyingParty) -> None:
    client = app.test_client()
    nothing = client.get("/oauth/userinfo")
    assert nothing.status_code == 401
    assert nothing.headers["WWW-Authenticate"] == "Bearer"
    wrong = party.call("x.y.z", "/oauth/userinfo")
    assert wrong.status_code == 401
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    own = party.act_as_itself().get_json()["access_token"]
    refused = party.call(own, "/oauth/userinfo")
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic x"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "a" * 20_000},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_userinfo_survives_anything(app: Flask, headers: dict[str, str]) -> None:
    answer = app.test_client().post("/oauth/userinfo", headers=headers, data=b"\xff%00")
    assert answer.status_code in {400, 401}


@pytest.mark.rfc(
    "OpenID Connect Discovery §3", "the members that are required are there"
)
@pytest.mark.rfc("RFC 8414 §2", "the members that are required are there")
@pytest.mark.rfc("OpenID Connect Discovery §4", "the configuration is published")
def test_discovery_is_complete_and_true(app: Flask) -> None:
    client = app.test_client()
    body = client.get("/.well-known/openid-configuration").get_json()
    for required in (
        "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri",
        "response_types_supported", "subject_types_supported",
        "id_token_signing_alg_values_supported", "userinfo_endpoint",
        "end_session_endpoint", "scopes_supported",
    ):  # fmt: skip
        assert body[required], required
    assert {"openid", "profile", "email", "view_users"} <= set(body["scopes_supported"])
    assert "manage_system" not in body["scopes_supported"]
    assert body["request_uri_parameter_supported"] is False
    server = client.get("/.well-known/oauth-authorization-server").get_json()
    assert server == body
