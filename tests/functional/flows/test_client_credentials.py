"""Client credentials: the app acts as itself, with what it holds."""

import base64
import json
from collections.abc import Callable

import pytest
from flask import Flask

from app.access.catalogue import find_permission
from app.access.escalation import UNLIMITED
from app.access.holders import find_holder
from app.access.services import give_permission, revoke_permission
from app.audit.actor import SERVER
from app.clients.queries import find_client
from app.extensions import db
from app.tokens.models import AccessToken
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _claims(token: str) -> dict[str, object]:
    segment = token.split(".")[1]
    decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    claims: dict[str, object] = json.loads(decoded)
    return claims


@pytest.mark.rfc("RFC 6749 §5.1", "an answer with tokens is not stored by caches")
@pytest.mark.rfc("RFC 6749 §4.4.3", "the answer is that of every token response")
@pytest.mark.rfc("RFC 6749 §4.4.3", "there is no refresh token", level="SHOULD")
def test_the_answer(parties: Parties) -> None:
    response = parties.service("view_users").act_as_itself()
    assert response.status_code == 200
    body = response.get_json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 1800)
    assert body["scope"] == "view_users"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


@pytest.mark.rfc("RFC 9068 §3", "without a resource the default is the audience")
@pytest.mark.rfc(
    "RFC 9068 §2.2.3", "a token with a scope carries it as a claim", level="SHOULD"
)
@pytest.mark.rfc("RFC 9068 §2.2", "sub is the client where it acts as itself")
@pytest.mark.rfc("RFC 9068 §2.2", "the claims that every access token has")
def test_the_claims(app: Flask, parties: Parties) -> None:
    service = parties.service("view_users")
    body = service.act_as_itself().get_json()
    claims = _claims(body["access_token"])
    assert set(claims) == {
        "iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"
    }  # fmt: skip
    issuer = "http://127.0.0.1:8000"
    assert (claims["iss"], claims["aud"]) == (issuer, issuer)
    assert claims["sub"] == claims["client_id"] == service.client_id
    assert claims["exp"] - claims["iat"] == 1800  # type: ignore[operator]
    with app.app_context():
        row = db.session.scalars(db.select(AccessToken)).one()
        assert str(row.id) == claims["jti"]
        assert row.user_id is None


@pytest.mark.rfc("RFC 6749 §3.3", "without a scope there is a default")
def test_nothing_asked_means_all_that_it_holds(parties: Parties) -> None:
    service = parties.service("view_users", "manage_users")
    assert service.act_as_itself().get_json()["scope"] == "manage_users view_users"


@pytest.mark.rfc("RFC 6749 §5.2", "a scope that may not be had is an invalid scope")
@pytest.mark.rfc("RFC 6749 §3.3", "a scope that is not held is an invalid scope")
def test_asking_for_what_it_lacks(parties: Parties) -> None:
    service = parties.service("view_users")
    narrow = parties.service("view_users", "manage_users")
    assert narrow.act_as_itself(scope="view_users").get_json()["scope"] == "view_users"
    for scope in (
        "manage_users", "view_users manage_users", "no_such", "openid", "view_users  x",
        " view_users", "é", '"', "\\", "view_users\tx", "x" * 5000,
    ):  # fmt: skip
        response = service.act_as_itself(scope=scope)
        assert response.status_code == 400, scope
        assert response.get_json()["error"] == "invalid_scope", scope


def test_roles_count_like_direct_permissions(parties: Parties) -> None:
    parties.make.role("Reader", ["view_users", "view_audit_log"])
    service = parties.service("view_users", roles=["Reader"])
    assert service.act_as_itself().get_json()["scope"] == "view_audit_log view_users"


def test_a_users_permissions_never_count(parties: Parties) -> None:
    owner = parties.make.user(administrator=True)
    assert parties.service(owner=owner).act_as_itself().get_json()["scope"] == ""


def test_taking_a_permission_away_bites_at_once_and_giving_widens_nothing(
    app: Flask, parties: Parties
) -> None:
    service = parties.service("view_users")
    token = service.act_as_itself().get_json()["access_token"]

    def change(act: object, name: str) -> None:
        with app.app_context():
            holder, permission = find_holder(service.client_id), find_permission(name)
            act(actor=SERVER, powers=UNLIMITED, holder=holder, permission=permission)  # type: ignore[operator]
            db.session.commit()

    assert service.call(token, "/api/v1/users").status_code == 200
    change(revoke_permission, "view_users")
    assert service.call(token, "/api/v1/users").status_code == 403
    change(give_permission, "view_users")
    change(give_permission, "manage_users")
    assert service.call(token, "/api/v1/users").status_code == 200
    assert service.introspect(token)["permissions"] == ["view_users"]


@pytest.mark.rfc("RFC 6749 §4.4", "only confidential clients act as themselves")
def test_a_public_client_cannot(app: Flask, parties: Parties) -> None:
    party = parties.public()
    response = party.act_as_itself()
    assert (response.status_code, response.get_json()["error"]) == (
        400, "unauthorized_client"
    )  # fmt: skip
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        # Registration refuses this; the grant does too.
        client.grant_types = ["authorization_code", "client_credentials"]
        db.session.commit()
    response = party.act_as_itself()
    assert response.get_json()["error"] == "unauthorized_client"


@pytest.mark.rfc("RFC 6749 §5.2", "a client uses only grants it is registered for")
def test_a_client_without_the_grant_cannot(parties: Parties) -> None:
    party = parties.confidential(grant_types=["authorization_code"])
    response = party.act_as_itself()
    assert response.get_json()["error"] == "unauthorized_client"


def test_it_ends_after_half_an_hour_or_its_own_time(
    parties: Parties, clock: MovableClock
) -> None:
    usual = parties.service("view_users")
    brief = parties.service("view_users", client_credentials_token_ttl=60)
    tokens = [p.act_as_itself().get_json()["access_token"] for p in (usual, brief)]
    clock.forward(seconds=61)
    assert usual.call(tokens[0]).status_code == 200
    assert brief.call(tokens[1]).status_code == 401
    clock.forward(seconds=1740)
    assert usual.call(tokens[0]).status_code == 401


def test_a_client_that_holds_too_much_for_one_token_names_its_scopes(
    parties: Parties,
) -> None:
    names = [f"permission_with_a_rather_long_name_number_{n:03}" for n in range(100)]
    service = parties.service(*names)
    response = service.act_as_itself()
    assert (response.status_code, response.get_json()["error"]) == (
        400, "invalid_scope"
    )  # fmt: skip
    few = " ".join(names[:80])
    token = service.act_as_itself(scope=few).get_json()["access_token"]
    assert service.call(token).status_code == 200
    assert service.introspect(token)["scope"] == few


def test_a_client_that_may_ask_for_too_much_names_its_scopes(parties: Parties) -> None:
    names = [f"permission_with_a_rather_long_name_number_{n:03}" for n in range(100)]
    for name in names:
        parties.make.permission(name, is_delegable=True)
    party = parties.confidential()
    assert party.answer(party.ask())["error"] == "invalid_scope"
    assert party.tokens(scope="view_users")["scope"] == "view_users"


@pytest.mark.rfc("RFC 9068 §4", "a token for another API opens nothing")
def test_a_token_for_another_api_is_refused(
    parties: Parties, configure: Callable[..., None]
) -> None:
    service = parties.service("view_users")
    configure(api_audience=("https://other.example.com",))
    token = service.act_as_itself().get_json()["access_token"]
    assert service.call(token).status_code == 200
    configure(api_audience=("https://api.example.com",))
    assert service.call(token).status_code == 401
    # It is active all the same, for the API that it is meant for.
    assert service.introspect(token)["aud"] == "https://other.example.com"


@pytest.mark.rfc(
    "RFC 9700 §4.15", "a client cannot choose an id that names a person", level="SHOULD"
)
@pytest.mark.rfc("RFC 9068 §5", "sub never names both a client and a person")
def test_the_sub_of_a_client_is_never_a_user(parties: Parties) -> None:
    service = parties.service("view_users")
    token = service.act_as_itself().get_json()["access_token"]
    me = service.call(token).get_json()
    assert (me["user"], me["client_id"]) == (None, service.client_id)


def test_the_code_grant_of_the_same_client_is_another_actor(
    party: RelyingParty,
) -> None:
    own = party.act_as_itself().get_json()["access_token"]
    users = party.tokens()["access_token"]
    assert _claims(own)["sub"] != _claims(users)["sub"]
    assert party.call(own).get_json()["user"] is None
    assert party.call(users).get_json()["user"]["id"] == _claims(users)["sub"]
