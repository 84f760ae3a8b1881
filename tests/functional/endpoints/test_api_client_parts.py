"""What belongs to an app: its secrets, its permissions and its tokens."""

import uuid
from typing import Any

import pytest
from flask import Flask

from tests.factories import Factory, MadeClient
from tests.support.api_caller import (
    Caller,
    as_client,
    for_user,
    is_problem,
    with_permissions,
)
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty

CODE = ["authorization_code"]


@pytest.fixture
def caller(app: Flask) -> Caller:
    """A program that may manage the system."""
    return with_permissions(app, ["manage_system"])


def authenticates(app: Flask, client_id: str, secret: str) -> bool:
    """Tell whether the token endpoint takes the secret."""
    party = RelyingParty(Browser(app), client_id, secret)
    return party.act_as_itself().status_code == 200


def secrets_of(caller: Caller, client: MadeClient) -> list[dict[str, Any]]:
    """Return the app's secrets as the API lists them."""
    found: list[dict[str, Any]] = caller.get(
        f"/clients/{client.id}/secrets"
    ).get_json()["secrets"]
    return found


def test_secrets_overlap(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client()
    response = caller.post(f"/clients/{client.id}/secrets", json={})
    assert response.status_code == 201
    body = response.get_json()
    assert body["client_id"] == client.id
    assert authenticates(app, client.id, client.secret)
    assert authenticates(app, client.id, body["client_secret"])
    listed = secrets_of(caller, client)
    assert [secret["is_live"] for secret in listed] == [True, True]
    assert listed[1]["hint"] == body["client_secret"][-4:]
    assert listed[0]["last_used_at"] is not None
    assert all("client_secret" not in secret for secret in listed)


def test_old_secrets_end_when_told(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client()
    address = f"/clients/{client.id}/secrets"
    caller.post(address, json={"expire_others_in": 3600})
    assert authenticates(app, client.id, client.secret)
    assert secrets_of(caller, client)[0]["expires_at"] is not None
    body = caller.post(address, json={"expire_others_in": 0}).get_json()
    assert not authenticates(app, client.id, client.secret)
    assert authenticates(app, client.id, body["client_secret"])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": -1}, "expires_in"),
        ({"expires_in": 10**30}, "expires_in"),
        ({"expires_in": "60"}, "expires_in"),
        ({"expire_others_in": -1}, "expire_others_in"),
        ({"expire_others_in": 1.5}, "expire_others_in"),
    ],
)
def test_durations_that_are_none(
    caller: Caller, make: Factory, given: dict[str, Any], field: str
) -> None:
    response = caller.post(f"/clients/{make.client().id}/secrets", json=given)
    assert set(is_problem(response, 422)["errors"]) == {field}


def test_revoked_secret_is_dead(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client()
    token = as_client(app, client)
    secret_id = secrets_of(caller, client)[0]["id"]
    for _ in range(2):
        response = caller.delete(f"/clients/{client.id}/secrets/{secret_id}")
        assert response.status_code == 204
        assert response.data == b""
    assert not authenticates(app, client.id, client.secret)
    assert secrets_of(caller, client)[0]["is_live"] is False
    assert token.get("/me").status_code == 200


def test_secrets_of_another_app_are_out_of_reach(
    app: Flask, caller: Caller, make: Factory
) -> None:
    mine, other = make.client(), make.client()
    theirs = secrets_of(caller, other)[0]["id"]
    is_problem(caller.delete(f"/clients/{mine.id}/secrets/{theirs}"), 404)
    assert authenticates(app, other.id, other.secret)


def test_no_secret_for_a_public_app(caller: Caller, make: Factory) -> None:
    client = make.client(grant_types=CODE, is_confidential=False)
    is_problem(caller.post(f"/clients/{client.id}/secrets", json={}), 409)


def test_there_is_a_limit_to_live_secrets(caller: Caller, make: Factory) -> None:
    address = f"/clients/{make.client().id}/secrets"
    statuses = [caller.post(address, json={}).status_code for _ in range(10)]
    assert statuses == [201] * 9 + [409]


def test_permissions_with_their_sources(caller: Caller, make: Factory) -> None:
    client = make.client()
    make.role("Reader", ["view_users", "view_audit_log"])
    address = f"/clients/{client.id}/permissions"
    given = {"roles": ["Reader"], "permissions": ["view_users"]}
    body = caller.put(address, json=given).get_json()
    assert body == caller.get(address).get_json()
    assert body["roles"] == ["Reader"]
    assert body["permissions"] == ["view_users"]
    sources = {
        held["name"]: (held["is_direct"], held["via"]) for held in body["effective"]
    }
    assert sources == {
        "view_users": (True, ["Reader"]),
        "view_audit_log": (False, ["Reader"]),
    }
    nothing: dict[str, list[str]] = {"roles": [], "permissions": []}
    assert caller.put(address, json=nothing).get_json()["effective"] == []


def test_permissions_by_names_that_are_none(caller: Caller, make: Factory) -> None:
    client = make.client(permissions=["view_users"])
    address = f"/clients/{client.id}/permissions"
    for given, field in (
        ({"roles": ["Nobody"], "permissions": []}, "roles"),
        ({"roles": [], "permissions": ["nothing"]}, "permissions"),
        ({"roles": [], "permissions": ["view_users", "\u00e9"]}, "permissions"),
        ({"roles": []}, "permissions"),
        ({"permissions": []}, "roles"),
        ({"roles": "Reader", "permissions": []}, "roles"),
        ({"roles": [None], "permissions": []}, "roles"),
    ):
        document = is_problem(caller.put(address, json=given), 422)
        assert set(document["errors"]) == {field}
    assert caller.get(address).get_json()["permissions"] == ["view_users"]


def test_repeated_names_count_once(caller: Caller, make: Factory) -> None:
    address = f"/clients/{make.client().id}/permissions"
    given = {"roles": [], "permissions": ["view_users"] * 500}
    assert caller.put(address, json=given).get_json()["permissions"] == ["view_users"]


def test_tokens_are_listed_newest_first(
    app: Flask, caller: Caller, make: Factory
) -> None:
    client = make.client(
        grant_types=["client_credentials", "authorization_code"],
        permissions=["view_users"],
    )
    user = make.user("ada@example.com", name="Ada", permissions=["view_users"])
    as_client(app, client)
    for_user(app, client, user, scope="view_users")
    address = f"/clients/{client.id}/tokens"
    body = caller.get(address).get_json()
    assert body["total"] == 2
    assert [token["user"] for token in body["tokens"]] == [
        {"id": str(user.id), "email": "ada@example.com", "name": "Ada"},
        None,
    ]
    assert {token["scope"] for token in body["tokens"]} == {"view_users"}
    only = caller.get(address, query_string={"user_id": str(user.id)}).get_json()
    assert only["tokens"] == body["tokens"][:1]
    paged = caller.get(address, query_string={"per_page": 1, "page": 2}).get_json()
    assert paged["tokens"] == body["tokens"][1:]


def test_one_token_is_revoked(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client()
    first, second = as_client(app, client), as_client(app, client)
    address = f"/clients/{client.id}/tokens"
    newest, oldest = caller.get(address).get_json()["tokens"]
    assert caller.delete(f"{address}/{oldest['jti']}").status_code == 204
    is_problem(first.get("/me"), 401)
    assert second.get("/me").status_code == 200
    is_problem(caller.delete(f"{address}/{oldest['jti']}"), 404)
    assert caller.get(address).get_json()["tokens"] == [newest]


def test_tokens_of_another_app_are_out_of_reach(
    app: Flask, caller: Caller, make: Factory
) -> None:
    mine, other = make.client(), make.client()
    theirs = as_client(app, other)
    jti = caller.get(f"/clients/{other.id}/tokens").get_json()["tokens"][0]["jti"]
    is_problem(caller.delete(f"/clients/{mine.id}/tokens/{jti}"), 404)
    assert theirs.get("/me").status_code == 200


def test_all_tokens_are_revoked(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client(grant_types=["client_credentials", "authorization_code"])
    own, lent = as_client(app, client), for_user(app, client, make.user())
    assert caller.delete(f"/clients/{client.id}/tokens").status_code == 204
    is_problem(own.get("/me"), 401)
    is_problem(lent.get("/me"), 401)
    assert as_client(app, client).get("/me").status_code == 200


def test_tokens_of_one_user_are_revoked(
    app: Flask, caller: Caller, make: Factory
) -> None:
    client = make.client(grant_types=["client_credentials", "authorization_code"])
    ada, bob = make.user(), make.user()
    own = as_client(app, client)
    for_ada, for_bob = for_user(app, client, ada), for_user(app, client, bob)
    address = f"/clients/{client.id}/tokens"
    chosen = {"user_id": str(ada.id)}
    assert caller.delete(address, query_string=chosen).status_code == 204
    is_problem(for_ada.get("/me"), 401)
    assert for_bob.get("/me").status_code == 200
    assert own.get("/me").status_code == 200
    nobody = {"user_id": str(uuid.uuid4())}
    is_problem(caller.delete(address, query_string=nobody), 404)
    is_problem(caller.delete(address, query_string={"user_id": "x"}), 422)
    assert own.get("/me").status_code == 200


def test_activity_is_listed_newest_first(caller: Caller, make: Factory) -> None:
    client, other = make.client(), make.client()
    address = f"/clients/{client.id}"
    changed = caller.patch(address, json={"description": "New"})
    caller.post(f"/clients/{other.id}/disable")
    page = caller.get(f"{address}/activity", query_string={"per_page": 1}).get_json()
    (event,) = page["events"]
    assert event["action"] == "client.updated"
    assert event["details"] == {"description": ["", "New"]}
    assert event["actor"] == {
        "kind": "client",
        "id": caller.client.id,
        "label": "Caller",
    }
    assert event["subject"] == {
        "kind": "client",
        "id": client.id,
        "label": client.name,
    }
    assert event["reference_id"] == changed.headers["X-Reference-Id"]
    actions = [
        event["action"]
        for event in caller.get(f"{address}/activity").get_json()["events"]
    ]
    assert actions[0] == "client.updated"
    assert actions[-1] == "client.registered"
    assert "client.disabled" not in actions
    own = caller.get(f"/clients/{caller.client.id}/activity").get_json()["events"]
    assert own[0]["action"] == "client.disabled"
    assert own[0]["subject"]["id"] == other.id
