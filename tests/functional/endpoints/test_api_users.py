"""`/api/v1/users`: seeing and managing people, within what the caller may do."""

import uuid

import pytest
from flask import Flask

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory
from tests.support.api_caller import (
    Caller,
    delegable,
    for_user,
    is_problem,
    with_permissions,
)
from tests.support.browsing import Browser

PASSWORD = "a long enough password"


@pytest.fixture
def viewer(app: Flask) -> Caller:
    """A program that may see people."""
    return with_permissions(app, ["view_users"])


@pytest.fixture
def manager(app: Flask) -> Caller:
    """A program that may see and manage people, and nothing else."""
    return with_permissions(app, ["view_users", "manage_users"])


def test_list_is_by_address_and_in_pages(viewer: Caller, make: Factory) -> None:
    for name in ("eve", "ada", "bob", "cid", "dot"):
        make.user(f"{name}@example.com")
    first = viewer.get("/users", query_string={"per_page": 2}).get_json()
    last = viewer.get("/users", query_string={"per_page": 2, "page": 3}).get_json()
    assert [user["email"] for user in first["users"]] == [
        "ada@example.com",
        "bob@example.com",
    ]
    assert [user["email"] for user in last["users"]] == ["eve@example.com"]
    assert (first["page"], first["per_page"], first["pages"], first["total"]) == (
        1,
        2,
        3,
        5,
    )


def test_search_and_filter(viewer: Caller, make: Factory, manager: Caller) -> None:
    make.user("ada@example.com", name="Ada Lovelace")
    gone = make.user("charles@example.com", name="Charles Babbage")
    manager.post(f"/users/{gone.id}/deactivate")

    def found(**query: str) -> list[str]:
        users = viewer.get("/users", query_string=query).get_json()["users"]
        return [user["email"] for user in users]

    assert found(search="LOVE") == ["ada@example.com"]
    assert found(search="charles@") == ["charles@example.com"]
    assert found(search="nobody") == []
    assert found(is_active="true") == ["ada@example.com"]
    assert found(is_active="false") == ["charles@example.com"]


def test_one_person_without_anything_secret(viewer: Caller, make: Factory) -> None:
    made = make.user("ada@example.com", name="Ada")
    body = viewer.get(f"/users/{made.id}").get_json()
    assert set(body) == {
        "id",
        "email",
        "name",
        "is_active",
        "created_at",
        "updated_at",
        "last_signed_in_at",
        "deactivated_at",
    }
    assert body["id"] == str(made.id)
    assert body["created_at"].endswith("+00:00")


def test_create_needs_more_than_seeing(viewer: Caller, make: Factory) -> None:
    made = make.user()
    for response in (
        viewer.post("/users", json={"email": "new@example.com"}),
        viewer.patch(f"/users/{made.id}", json={"name": "x"}),
        viewer.post(f"/users/{made.id}/deactivate"),
        viewer.post(f"/users/{made.id}/activate"),
    ):
        is_problem(response, 403)


def test_managing_takes_seeing(app: Flask, make: Factory) -> None:
    """Whoever changes people reads them in the answers."""
    made = make.user("ada@example.com", name="Ada")
    blind = with_permissions(app, ["manage_users"])
    for response in (
        blind.get("/users"),
        blind.get(f"/users/{made.id}"),
        blind.post("/users", json={"email": "ada@example.com"}),
        blind.patch(f"/users/{made.id}", json={}),
        blind.post(f"/users/{made.id}/deactivate"),
        blind.post(f"/users/{made.id}/activate"),
    ):
        is_problem(response, 403)
        assert "ada@" not in response.text


def test_create_with_a_password_lets_them_sign_in(app: Flask, manager: Caller) -> None:
    given = {"email": "new@example.com", "name": "New", "password": PASSWORD}
    response = manager.post("/users", json=given)
    assert response.status_code == 201
    body = response.get_json()
    assert "password" not in body
    assert PASSWORD not in response.text
    assert response.headers["Location"] == f"/api/v1/users/{body['id']}"
    assert manager.get(f"/users/{body['id']}").get_json() == body
    browser = Browser(app)
    browser.sign_in("new@example.com", PASSWORD)
    assert browser.get("/account/security").status_code == 200


def test_create_without_a_password(app: Flask, manager: Caller) -> None:
    created = manager.post("/users", json={"email": "new@example.com"}).get_json()
    with app.app_context():
        user = db.session.get_one(User, uuid.UUID(created["id"]))
        assert user.password_hash == ""


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "email"),
        ({"email": "no-address"}, "email"),
        ({"email": "a@example.com", "password": "short"}, "password"),
        ({"email": "long@example.com", "password": "LONG@example.com"}, "password"),
        ({"email": "a@example.com", "name": "x" * 101}, "name"),
        ({"email": "a@example.com", "name": "two\nlines"}, "name"),
        ({"email": "a@example.com", "name": "txt\u202e.exe"}, "name"),
    ],
)
def test_create_says_what_is_wrong(
    manager: Caller, given: dict[str, str], field: str
) -> None:
    document = is_problem(manager.post("/users", json=given), 422)
    assert set(document["errors"]) == {field}
    assert document["type"] == "/api/docs#problem-invalid-input"


@pytest.mark.parametrize(
    "email", ["ada@example.com", "ADA@Example.com", " ada@example.com "]
)
def test_an_address_is_taken_however_it_is_spelled(
    manager: Caller, make: Factory, email: str
) -> None:
    make.user("ada@example.com")
    other = make.user("other@example.com")
    for response in (
        manager.post("/users", json={"email": email}),
        manager.patch(f"/users/{other.id}", json={"email": email}),
    ):
        assert set(is_problem(response, 409)["errors"]) == {"email"}


def test_change_keeps_what_is_left_out(manager: Caller, make: Factory) -> None:
    made = make.user("ada@example.com", name="Ada")
    body = manager.patch(f"/users/{made.id}", json={"name": "Countess"}).get_json()
    assert (body["name"], body["email"]) == ("Countess", "ada@example.com")
    body = manager.patch(f"/users/{made.id}", json={}).get_json()
    assert (body["name"], body["email"]) == ("Countess", "ada@example.com")
    body = manager.patch(
        f"/users/{made.id}", json={"email": "a@example.com"}
    ).get_json()
    assert (body["name"], body["email"]) == ("Countess", "a@example.com")


def test_change_takes_no_password_and_no_state(manager: Caller, make: Factory) -> None:
    made = make.user()
    for given in ({"password": PASSWORD}, {"is_active": False}, {"id": "x"}):
        is_problem(manager.patch(f"/users/{made.id}", json=given), 422)


def test_deactivated_and_activated(app: Flask, manager: Caller, make: Factory) -> None:
    made = make.user()
    browser = Browser(app)
    browser.sign_in(made.email, made.password)
    assert browser.get("/account/security").status_code == 200
    for _ in range(2):
        body = manager.post(f"/users/{made.id}/deactivate").get_json()
        assert body["is_active"] is False
        assert body["deactivated_at"] is not None
    assert "password" in browser.get("/account/security").text
    assert browser.page is not None
    assert browser.page.request.path == "/login"
    body = manager.post(f"/users/{made.id}/activate").get_json()
    assert body["is_active"] is True
    assert body["deactivated_at"] is None


def test_nobody_touches_whoever_can_do_more(manager: Caller, make: Factory) -> None:
    above = [
        make.user(administrator=True),
        make.user(permissions=["view_audit_log"]),
        make.user(roles=[make.role("Auditor", ["introspect_tokens"]).name]),
    ]
    for person in above:
        for response in (
            manager.patch(f"/users/{person.id}", json={"email": "mine@example.com"}),
            manager.post(f"/users/{person.id}/deactivate"),
            manager.post(f"/users/{person.id}/activate"),
        ):
            document = is_problem(response, 403)
            assert document["type"] == "/api/docs#problem-not-allowed"
        unchanged = manager.get(f"/users/{person.id}").get_json()
        assert unchanged["email"] == person.email
        assert unchanged["is_active"] is True


def test_equals_may_change_each_other(manager: Caller, make: Factory) -> None:
    equal = make.user(permissions=["manage_users"])
    response = manager.patch(f"/users/{equal.id}", json={"name": "Equal"})
    assert response.status_code == 200


def test_token_bounds_the_power_not_what_the_user_holds(
    app: Flask, make: Factory
) -> None:
    """An app that an administrator lent `manage_users` stays below administrators."""
    client = make.client(grant_types=["authorization_code"])
    administrator = make.user(administrator=True)
    other = make.user(administrator=True)
    person = make.user()
    with delegable(app, "manage_users"):
        lent = for_user(app, client, administrator, scope="view_users manage_users")
        assert lent.patch(f"/users/{person.id}", json={"name": "x"}).status_code == 200
        is_problem(lent.patch(f"/users/{other.id}", json={"name": "x"}), 403)
        is_problem(lent.post(f"/users/{other.id}/deactivate"), 403)


def test_last_administrator_stays(app: Flask, make: Factory) -> None:
    caller = with_permissions(app, ["view_users", "manage_users", "manage_system"])
    first, second = make.user(administrator=True), make.user(administrator=True)
    assert caller.post(f"/users/{first.id}/deactivate").status_code == 200
    is_problem(caller.post(f"/users/{second.id}/deactivate"), 409)


def test_audit_log_knows_who_did_it(app: Flask, manager: Caller, make: Factory) -> None:
    person = make.user("ada@example.com")
    response = manager.patch(f"/users/{person.id}", json={"name": "By app"})
    boss = make.user(
        "boss@example.com", name="Boss", permissions=["view_users", "manage_users"]
    )
    client = make.client("Portal", grant_types=["authorization_code"])
    with delegable(app, "manage_users"):
        lent = for_user(app, client, boss, scope="view_users manage_users")
        assert lent.patch(f"/users/{person.id}", json={"name": "x"}).status_code == 200
    with app.app_context():
        by_app, by_user = db.session.scalars(
            db.select(AuditEvent)
            .where(AuditEvent.action == "user.updated")
            .order_by(AuditEvent.id)
        )
        assert (by_app.actor_kind, str(by_app.actor_id)) == (
            "client",
            manager.client.id,
        )
        assert by_app.details == {"name": ["", "By app"]}
        assert by_app.reference_id == response.headers["X-Reference-Id"]
        assert by_app.ip_address == "127.0.0.1"
        assert (by_user.actor_kind, by_user.actor_id) == ("user", boss.id)
        assert by_user.actor_label == "Boss (by Portal)"
