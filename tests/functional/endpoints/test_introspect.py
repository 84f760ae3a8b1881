"""Introspection (RFC 7662)."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.clients.queries import find_client
from app.extensions import db
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

INACTIVE = {"active": False}


@pytest.mark.rfc("RFC 7662 §2.2", "an active token is described")
def test_a_users_token(parties: Parties) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    body = party.introspect(party.tokens(scope="view_users openid")["access_token"])
    times = (body.pop("iat"), body.pop("exp"))
    assert times[1] - times[0] == 3600
    assert body.pop("jti")
    assert body == {
        "active": True,
        "token_type": "Bearer",
        "scope": "openid view_users",
        "client_id": party.client_id,
        "sub": str(user.id),
        "username": user.email,
        "aud": "http://127.0.0.1:8000",
        "iss": "http://127.0.0.1:8000",
        "permissions": ["view_users"],
    }


def test_a_clients_token_has_no_user(parties: Parties) -> None:
    service = parties.service("view_users")
    body = service.introspect(service.act_as_itself().get_json()["access_token"])
    assert body["active"] is True
    assert body["sub"] == body["client_id"] == service.client_id
    # RFC 7662 §2.2: a string, or absent.
    assert "username" not in body


def test_a_refresh_token(party: RelyingParty) -> None:
    token = party.tokens(scope="view_users")["refresh_token"]
    body = party.introspect(token)
    assert body["active"] is True
    assert body["scope"] == "view_users"
    assert body["exp"] - body["iat"] == 30 * 86_400
    # Nobody takes it for an access token.
    assert "token_type" not in body
    assert "aud" not in body


@pytest.mark.rfc("RFC 7662 §2.2", "of an inactive token nothing else is told")
def test_of_garbage_nothing_is_told(party: RelyingParty) -> None:
    for token in (
        "x", "gpr_" + "0" * 49, "é", "x" * 30_000, "eyJ.eyJ.x", "a.b.c", "a.b.c.d.e",
        "..", "gps_x", "'\"\\", "eyJhbGciOiJub25lIn0.e30.",
    ):  # fmt: skip
        assert party.introspect(token) == INACTIVE, token


def test_a_used_refresh_token_is_inactive(party: RelyingParty) -> None:
    token = party.tokens()["refresh_token"]
    party.refresh(token)
    assert party.introspect(token) == INACTIVE


def test_a_code_is_no_token(party: RelyingParty) -> None:
    assert party.introspect(party.allow()["code"]) == INACTIVE


def test_an_expired_token_is_inactive(party: RelyingParty, clock: MovableClock) -> None:
    tokens = party.tokens()
    clock.forward(seconds=3601)
    assert party.introspect(tokens["access_token"]) == INACTIVE
    clock.forward(days=30)
    assert party.introspect(tokens["refresh_token"]) == INACTIVE


@pytest.mark.rfc("RFC 7662 §4", "other clients' tokens cannot be scanned")
def test_other_clients_learn_nothing(parties: Parties) -> None:
    party, other = parties.confidential(), parties.confidential()
    tokens = party.tokens()
    assert other.introspect(tokens["access_token"]) == INACTIVE
    assert other.introspect(tokens["refresh_token"]) == INACTIVE


def test_a_resource_server_learns_of_access_tokens_only(parties: Parties) -> None:
    party = parties.confidential()
    server = parties.service("introspect_tokens", name="Resource server")
    tokens = party.tokens()
    assert server.introspect(tokens["access_token"])["active"] is True
    assert server.introspect(tokens["refresh_token"]) == INACTIVE


@pytest.mark.rfc("RFC 7662 §2.1", "who asks is authenticated")
def test_public_clients_may_not_ask(parties: Parties) -> None:
    party = parties.public()
    token = party.tokens()["access_token"]
    response = party.post("/oauth/introspect", token=token)
    assert response.status_code == 401
    assert response.get_json()["error"] == "invalid_client"


def test_a_token_is_named(party: RelyingParty) -> None:
    response = party.post("/oauth/introspect")
    assert (response.status_code, response.get_json()["error"]) == (
        400, "invalid_request"
    )  # fmt: skip


def test_permissions_are_those_of_this_moment(app: Flask, parties: Parties) -> None:
    party = parties.confidential()
    token = party.tokens(scope="view_users")["access_token"]
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        client.scopes = []
        db.session.commit()
    body = party.introspect(token)
    # Also for a resource server that reads nothing but the scope.
    assert (body["scope"], body["permissions"]) == ("", [])


def test_a_token_for_several_apis_names_them(
    parties: Parties, configure: Callable[..., None]
) -> None:
    configure(api_audience=("https://api.example.com", "https://other.example.com"))
    service = parties.service("view_users")
    body = service.introspect(service.act_as_itself().get_json()["access_token"])
    assert body["aud"] == ["https://api.example.com", "https://other.example.com"]


def test_without_keys_it_says_so(
    parties: Parties, configure: Callable[..., None]
) -> None:
    service = parties.service("view_users")
    token = service.act_as_itself().get_json()["access_token"]
    configure(passport_private_key="", passport_public_key="")
    response = service.post("/oauth/introspect", token=token)
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert "flask passport:keys" in response.get_json()["detail"]


def test_the_answer_is_not_stored(parties: Parties) -> None:
    service = parties.service()
    response = service.post("/oauth/introspect", token="x")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.mimetype == "application/json"
