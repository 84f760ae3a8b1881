"""`/api/v1/clients`: registering apps and changing what is registered."""

import uuid
from typing import Any

import pytest
from flask import Flask

from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.api_caller import (
    Caller,
    as_client,
    delegable,
    for_user,
    is_problem,
    with_permissions,
)
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty

CALLBACK = "https://app.example.com/callback"
OWN = {"client_name": "Invoice Sync", "grant_types": ["client_credentials"]}
BOTH = {
    "client_name": "Portal",
    "grant_types": ["authorization_code", "client_credentials"],
    "redirect_uris": [CALLBACK],
}


@pytest.fixture
def caller(app: Flask) -> Caller:
    """A program that may manage the system."""
    return with_permissions(app, ["manage_system"])


def registered(caller: Caller, **changes: Any) -> dict[str, Any]:
    """Register an app by the API and return what it answers."""
    response = caller.post("/clients", json=OWN | changes)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.get_json()
    return body


def test_every_operation_needs_manage_system(app: Flask, make: Factory) -> None:
    weaker = with_permissions(app, ["view_users", "manage_users", "view_audit_log"])
    one = f"/clients/{make.client().id}"
    thing = uuid.uuid4()
    for method, address in (
        ("GET", "/clients"),
        ("POST", "/clients"),
        ("GET", one),
        ("PATCH", one),
        ("DELETE", one),
        *(
            ("POST", f"{one}/{act}")
            for act in (
                "restore",
                "disable",
                "enable",
                "verify",
                "unverify",
                "transfer",
            )
        ),
        ("GET", f"{one}/secrets"),
        ("POST", f"{one}/secrets"),
        ("DELETE", f"{one}/secrets/{thing}"),
        ("GET", f"{one}/permissions"),
        ("PUT", f"{one}/permissions"),
        ("GET", f"{one}/activity"),
        ("GET", f"{one}/tokens"),
        ("DELETE", f"{one}/tokens"),
        ("DELETE", f"{one}/tokens/{thing}"),
    ):
        response = weaker.send(method, address)
        is_problem(response, 403)
        assert 'scope="manage_system"' in response.headers["WWW-Authenticate"]


def test_registered_app_works_at_once(app: Flask, caller: Caller) -> None:
    body = registered(caller)
    assert body["client_secret"].startswith("gps_")
    assert body["client_secret_expires_at"] == 0
    assert body["token_endpoint_auth_method"] is None
    made = MadeClient(body["client_id"], body["client_secret"], body["client_name"])
    me = as_client(app, made).get("/me").get_json()
    assert me["client_id"] == body["client_id"]


def test_secret_is_told_once(caller: Caller) -> None:
    body = registered(caller)
    secret = body.pop("client_secret")
    body.pop("client_secret_expires_at")
    again = caller.get(f"/clients/{body['client_id']}")
    assert again.get_json() == body
    assert secret not in again.text
    assert secret not in caller.get(f"/clients/{body['client_id']}/secrets").text
    assert secret not in caller.get("/clients").text


def test_location_and_etag(caller: Caller) -> None:
    response = caller.post("/clients", json=OWN)
    client_id = response.get_json()["client_id"]
    assert response.headers["Location"] == f"/api/v1/clients/{client_id}"
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Cache-Control"] == "no-store"


def test_public_app_has_no_secret(caller: Caller) -> None:
    body = registered(
        caller,
        grant_types=["authorization_code"],
        redirect_uris=[CALLBACK],
        token_endpoint_auth_method="none",
    )
    assert "client_secret" not in body
    assert body["token_endpoint_auth_method"] == "none"


def test_owner_is_whoever_the_token_acts_for(app: Flask, make: Factory) -> None:
    administrator = make.user("boss@example.com", name="Boss", administrator=True)
    client = make.client(grant_types=["authorization_code"])
    with delegable(app, "manage_system"):
        lent = for_user(app, client, administrator, scope="manage_system")
        mine = registered(lent)
        nobodys = registered(lent, owner_id=None)
    assert mine["owner"] == {
        "id": str(administrator.id),
        "email": "boss@example.com",
        "name": "Boss",
    }
    assert nobodys["owner"] is None


def test_repeat_with_the_same_key_makes_no_second_app(caller: Caller) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first = caller.post("/clients", json=OWN, headers=headers)
    again = caller.post("/clients", json=OWN, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["client_id"] == first.get_json()["client_id"]
    assert "client_secret" not in again.get_json()
    turned = dict(reversed(OWN.items()))
    quoted = {"Idempotency-Key": f'"{headers["Idempotency-Key"]}"'}
    again = caller.post("/clients", json=turned, headers=quoted)
    assert again.get_json()["client_id"] == first.get_json()["client_id"]


@pytest.mark.parametrize(
    "key", ["short", "x" * 65, '"' + "x" * 16, "x" * 16 + "\u00e9"]
)
def test_not_every_word_is_a_key(caller: Caller, key: str) -> None:
    response = caller.post("/clients", json=OWN, headers={"Idempotency-Key": key})
    assert "Idempotency-Key" in is_problem(response, 422)["errors"]


@pytest.mark.parametrize(
    "changes", [{"client_name": "Another"}, {"description": "x"}, {"owner_id": None}]
)
def test_the_same_key_with_another_request_is_refused(
    app: Flask, caller: Caller, changes: dict[str, Any]
) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first = caller.post("/clients", json=OWN, headers=headers)
    others = OWN | changes
    if "owner_id" in changes:
        # The same in other words, from somebody else.
        caller = with_permissions(app, ["manage_system"])
    document = is_problem(caller.post("/clients", json=others, headers=headers), 422)
    assert document["type"] == "/api/docs#problem-idempotency-key-reused"
    assert document["title"] == "Idempotency-Key already used"
    assert "take a new key" in document["detail"]
    assert first.get_json()["client_id"] in document["detail"]
    assert set(document["errors"]) == {"Idempotency-Key"}
    assert first.get_json()["client_secret"] not in str(document)
    again = with_permissions(app, ["manage_system"]).get("/clients").get_json()
    names = [client["client_name"] for client in again["clients"]]
    assert names.count(OWN["client_name"]) == 1
    assert "Another" not in names


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_name": "  "}, "client_name"),
        ({"client_name": "\u202eevil"}, "client_name"),
        ({"client_name": "x" * 101}, "client_name"),
        ({"grant_types": []}, "grant_types"),
        ({"grant_types": ["password"]}, "grant_types"),
        ({"grant_types": ["authorization_code"]}, "redirect_uris"),
        ({"redirect_uris": ["https://a.example.com/*"]}, "redirect_uris"),
        ({"redirect_uris": ["http://a.example.com/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": ["https://a.example.com/cb#x"]}, "redirect_uris"),
        ({"redirect_uris": [CALLBACK + str(n) for n in range(51)]}, "redirect_uris"),
        ({"scope": "manage_system"}, "scope"),
        ({"scope": "a  b"}, "scope"),
        ({"scope": "\u00e9"}, "scope"),
        ({"optional_scope": "openid"}, "optional_scope"),
        ({"optional_scope": "a  b"}, "optional_scope"),
        ({"optional_scope": None}, "optional_scope"),
        ({"token_endpoint_auth_method": "none"}, "grant_types"),
        ({"token_endpoint_auth_method": "tls"}, "token_endpoint_auth_method"),
        ({"access_token_ttl": 0}, "access_token_ttl"),
        ({"access_token_ttl": 10**30}, "access_token_ttl"),
        ({"access_token_ttl": "60"}, "access_token_ttl"),
        ({"access_token_ttl": True}, "access_token_ttl"),
        ({"refresh_token_idle_ttl": 9**9}, "refresh_token_idle_ttl"),
        ({"owner_id": str(uuid.uuid4())}, "owner_id"),
        ({"version": 1}, "version"),
        ({"client_id": str(uuid.uuid4())}, "client_id"),
        ({"client_secret": "mine"}, "client_secret"),
    ],
)
def test_rules_are_told_by_field(
    caller: Caller, changes: dict[str, Any], field: str
) -> None:
    document = is_problem(caller.post("/clients", json=OWN | changes), 422)
    assert set(document["errors"]) == {field}


def test_list_search_filter_sort(caller: Caller, make: Factory) -> None:
    owner = make.user()
    portal = make.client("Portal", grant_types=["authorization_code"], owner=owner)
    make.client("Invoice 100% Sync")
    caller.post(f"/clients/{portal.id}/disable")

    def names(**query: str) -> list[str]:
        clients = caller.get("/clients", query_string=query).get_json()["clients"]
        return [client["client_name"] for client in clients]

    assert names() == ["Caller", "Invoice 100% Sync", "Portal"]
    assert names(search="100%") == ["Invoice 100% Sync"]
    assert names(search=portal.id) == ["Portal"]
    assert names(grant_type="authorization_code") == ["Portal"]
    assert names(status="disabled") == ["Portal"]
    assert names(status="enabled") == ["Caller", "Invoice 100% Sync"]
    assert names(status="deleted") == []
    assert names(owner_id=str(owner.id)) == ["Portal"]
    assert names(sort="-created_at")[0] == "Invoice 100% Sync"
    assert names(per_page="1", page="2") == ["Invoice 100% Sync"]
    for query in ({"status": "x"}, {"sort": "id"}, {"grant_type": "implicit"}):
        is_problem(caller.get("/clients", query_string=query), 422)


def test_live_tokens_are_counted(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client()
    for _ in range(3):
        as_client(app, client)
    assert caller.get(f"/clients/{client.id}").get_json()["live_tokens"] == 3


def test_change_keeps_what_is_left_out(caller: Caller) -> None:
    body = registered(caller, **BOTH, description="Old", access_token_ttl=120)
    address = f"/clients/{body['client_id']}"
    after = caller.patch(address, json={"client_name": "New"}).get_json()
    changed = {name for name in after if after[name] != body[name]}
    assert changed == {"client_name", "updated_at", "version"}
    after = caller.patch(
        address, json={"access_token_ttl": None, "scope": "view_users openid"}
    ).get_json()
    assert after["access_token_ttl"] is None
    assert after["lifetimes"]["access_token_ttl"] == 3600
    assert after["scope"] == "openid view_users"
    after = caller.patch(address, json={"scope": ""}).get_json()
    assert after["scope"] == ""
    after = caller.patch(address, json={"scope": None}).get_json()
    assert after["scope"] is None
    assert after["optional_scope"] == ""
    optional = {"optional_scope": "view_users email"}
    after = caller.patch(address, json=optional).get_json()
    assert after["optional_scope"] == "email view_users"


def test_change_keeps_the_rules(caller: Caller) -> None:
    address = f"/clients/{registered(caller, **BOTH)['client_id']}"
    for changes, field in (
        ({"redirect_uris": []}, "redirect_uris"),
        ({"grant_types": []}, "grant_types"),
        ({"client_name": ""}, "client_name"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"owner_id": None}, "owner_id"),
    ):
        document = is_problem(caller.patch(address, json=changes), 422)
        assert set(document["errors"]) == {field}


@pytest.mark.rfc("RFC 9110 §13.1.1", "nothing is done where If-Match does not hold")
def test_stale_changes_are_not_made(caller: Caller) -> None:
    body = registered(caller)
    address = f"/clients/{body['client_id']}"
    seen = caller.get(address).headers["ETag"]
    first = caller.patch(address, json={"description": "a"}, headers={"If-Match": seen})
    assert first.status_code == 200
    assert first.headers["ETag"] != seen
    for method, kwargs in (("PATCH", {"json": {"description": "b"}}), ("DELETE", {})):
        response = caller.send(method, address, headers={"If-Match": seen}, **kwargs)
        is_problem(response, 412)
        assert response.headers["ETag"] == first.headers["ETag"]
    stale = {"description": "b", "version": body["version"]}
    is_problem(caller.patch(address, json=stale), 409)
    after = caller.get(address).get_json()
    assert (after["description"], after["status"]) == ("a", "enabled")
    fresh = {"description": "b", "version": after["version"]}
    assert caller.patch(address, json=fresh).get_json()["description"] == "b"


@pytest.mark.rfc("RFC 9110 §13.1.1", "an If-Match that cannot be read does not hold")
@pytest.mark.parametrize("sent", ['"99', ",", "", '""', "W/", 'W/"1"', "nonsense"])
def test_a_change_with_an_unreadable_precondition_is_not_made(
    caller: Caller, sent: str
) -> None:
    body = registered(caller)
    address = f"/clients/{body['client_id']}"
    headers = {"If-Match": sent}
    change = {"description": "b"}
    is_problem(caller.patch(address, json=change, headers=headers), 412)
    is_problem(caller.delete(address, headers=headers), 412)
    after = caller.get(address).get_json()
    assert (after["description"], after["status"]) == ("", "enabled")
    any_version = {"If-Match": "*"}
    response = caller.patch(address, json=change, headers=any_version)
    assert response.status_code == 200


def test_deleted_and_restored(app: Flask, caller: Caller, make: Factory) -> None:
    client = make.client("Gone", permissions=["view_users"])
    old = as_client(app, client)
    address = f"/clients/{client.id}"
    assert caller.delete(address).status_code == 204
    is_problem(old.get("/me"), 401)
    gone = caller.get(address).get_json()
    assert gone["status"] == "deleted"
    listed = caller.get("/clients", query_string={"status": "deleted"}).get_json()
    assert [c["client_id"] for c in listed["clients"]] == [client.id]
    for method, part in (
        ("DELETE", ""),
        ("POST", "/disable"),
        ("POST", "/enable"),
        ("POST", "/verify"),
        ("POST", "/secrets"),
    ):
        kwargs = {"json": {}} if part == "/secrets" else {}
        is_problem(caller.send(method, address + part, **kwargs), 409)
    is_problem(caller.patch(address, json={"description": "x"}), 409)
    empty: dict[str, list[str]] = {"roles": [], "permissions": []}
    is_problem(caller.put(f"{address}/permissions", json=empty), 409)

    restored = caller.post(f"{address}/restore")
    assert restored.get_json()["status"] == "enabled"
    is_problem(caller.post(f"{address}/restore"), 409)
    is_problem(old.get("/me"), 401)
    party = RelyingParty(Browser(app), client.id, client.secret)
    assert party.act_as_itself().status_code == 401
    secret = caller.post(f"{address}/secrets", json={}).get_json()["client_secret"]
    revived = as_client(app, MadeClient(client.id, secret, client.name))
    assert revived.get("/users").status_code == 200
    is_problem(old.get("/me"), 401)


def test_verified_and_not(caller: Caller, make: Factory) -> None:
    address = f"/clients/{make.client().id}"
    assert caller.post(f"{address}/verify").get_json()["verified_at"] is not None
    assert caller.post(f"{address}/unverify").get_json()["verified_at"] is None


def test_transferred(caller: Caller, make: Factory) -> None:
    address = f"/clients/{make.client().id}/transfer"
    owner = make.user("new@example.com")
    body = caller.post(address, json={"owner_id": str(owner.id)}).get_json()
    assert body["owner"]["email"] == "new@example.com"
    again = caller.post(address, json={"owner_id": str(owner.id)})
    assert set(is_problem(again, 422)["errors"]) == {"owner_id"}
    nobody = caller.post(address, json={"owner_id": str(uuid.uuid4())})
    assert set(is_problem(nobody, 422)["errors"]) == {"owner_id"}
    gone = make.user()
    clerk = with_permissions(caller.app, ["view_users", "manage_users"])
    clerk.post(f"/users/{gone.id}/deactivate")
    locked_out = caller.post(address, json={"owner_id": str(gone.id)})
    assert set(is_problem(locked_out, 422)["errors"]) == {"owner_id"}


def test_changes_are_in_the_audit_log(app: Flask, caller: Caller) -> None:
    body = registered(caller)
    address = f"/clients/{body['client_id']}"
    caller.patch(address, json={"client_name": "New"})
    caller.post(f"{address}/disable")
    caller.delete(address)
    with app.app_context():
        events = db.session.scalars(
            db.select(AuditEvent)
            .where(AuditEvent.subject_id == uuid.UUID(body["client_id"]))
            .order_by(AuditEvent.id)
        ).all()
        assert [event.action for event in events] == [
            "client.registered",
            "client_secret.created",
            "client.updated",
            "client.disabled",
            "client.deleted",
        ]
        assert {str(event.actor_id) for event in events} == {caller.client.id}
        assert body["client_secret"] not in str([event.details for event in events])
