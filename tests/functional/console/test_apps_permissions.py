"""The Permissions tab: roles, direct permissions, their sources, and scopes."""

import re

import pytest
from flask import Flask

from app.access.effective import permission_names
from app.clients.queries import find_client
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.markup import parse
from tests.support.relying_party import RelyingParty


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def sync(make: Factory) -> MadeClient:
    return make.client("Sync", grant_types=["client_credentials"])


def address(made: MadeClient) -> str:
    return f"/developer/apps/{made.id}/permissions"


def held(app: Flask, made: MadeClient) -> frozenset[str]:
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        return permission_names(client.id)


def scopes(app: Flask, made: MadeClient) -> list[str] | None:
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        return client.scopes


def box(console: Console, made: MadeClient, label: str) -> str:
    """Return the value of the box with this label."""
    text = console.get(address(made)).text
    found = re.search(
        rf'value="([^"]+)">\s*<label[^>]*><bdi>{re.escape(label)}</bdi>', text
    )
    assert found, text
    return found[1]


@pytest.mark.parametrize("hx", [False, True])
def test_permissions_are_given_with_their_source(
    app: Flask, console: Console, make: Factory, sync: MadeClient, hx: bool
) -> None:
    make.role("Clerk", ["view_invoices", "view_users"])
    values = {
        "roles": [box(console, sync, "Clerk")],
        "permissions": [box(console, sync, "view_users")],
    }
    answer = console.send(address(sync), values, action="/permissions$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    assert held(app, sync) == {"view_invoices", "view_users"}
    rows = re.findall(
        r"<tr>\s*<th scope=\"row\"><code>(\w+)</code>.*?<em>(.*?)</span>\s*</td>",
        console.get(address(sync)).text,
        re.DOTALL,
    )
    sources = {name: re.sub(r"<[^>]+>", "", source) for name, source in rows}
    assert sources == {
        "view_invoices": "via role Clerk",
        "view_users": "direct, via role Clerk",
    }


@pytest.mark.parametrize("hx", [False, True])
def test_what_a_role_brings_already_is_said_at_its_box(
    console: Console, make: Factory, sync: MadeClient, hx: bool
) -> None:
    make.role("Clerk", ["view_invoices"])
    values = {"roles": [box(console, sync, "Clerk")]}
    console.send(address(sync), values, action="/permissions$", hx=hx)
    text = console.get(address(sync), hx=hx).text
    assert text.count("<em>Already via role <bdi>Clerk</bdi>.</em>") == 1
    assert (
        "Powerful: whoever has this app's secret manages everything."
        in text.replace("&#39;", "'")
    )


def test_a_role_says_which_powerful_permissions_it_includes(
    console: Console, make: Factory, sync: MadeClient
) -> None:
    make.role("Lead", ["view_users", "manage_users", "manage_system"])
    make.role("Clerk", ["view_users"])
    boxes = {
        found.one("label").text: found.text
        for found in parse(console.get(address(sync)).text).all(class_="field-check")
    }
    assert "Powerful: includes manage_system and manage_users." in boxes["Lead"]
    assert "Powerful" not in boxes["Clerk"]


@pytest.mark.parametrize("hx", [False, True])
def test_what_is_taken_away_bites_on_the_next_request(
    app: Flask, console: Console, make: Factory, hx: bool
) -> None:
    made = make.client(permissions=["view_users"])
    party = RelyingParty(Browser(app), made.id, made.secret)
    token = party.act_as_itself().get_json()["access_token"]
    users = "/api/v1/users"
    assert party.call(token, users).status_code == 200
    console.send(address(made), {"permissions": []}, action="/permissions$", hx=hx)
    assert held(app, made) == frozenset()
    assert party.call(token, users).status_code == 403
    values = {"permissions": [box(console, made, "view_users")]}
    console.send(address(made), values, action="/permissions$", hx=hx)
    assert party.call(token, users).status_code == 200


@pytest.mark.parametrize("hx", [False, True])
def test_a_stale_form_takes_nothing_back(
    app: Flask, console: Console, sync: MadeClient, hx: bool
) -> None:
    view_users = box(console, sync, "view_users")
    stale = console.filled({"permissions": []}, action="/permissions$")
    console.send(address(sync), {"permissions": [view_users]}, action="/permissions$")
    page = console.send_again(stale, hx=hx)
    assert page.status_code == 409
    assert "Your choices are kept" in page.text
    assert "Removed: <code><bdi>view_users" in page.text
    assert held(app, sync) == {"view_users"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("permissions", "fly"),
        ("permissions", "00000000-0000-0000-0000-000000000001"),
        ("roles", "x' OR 1=1"),
        ("roles", "é" * 400),
    ],
)
def test_what_does_not_exist_is_refused(
    app: Flask, console: Console, sync: MadeClient, field: str, value: str
) -> None:
    page = console.send(address(sync), {field: [value]}, action="/permissions$")
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert held(app, sync) == frozenset()


def test_a_permission_deleted_meanwhile_is_refused(
    app: Flask, console: Console, make: Factory, sync: MadeClient
) -> None:
    make.permission("view_invoices")
    values = {"permissions": [box(console, sync, "view_invoices")]}
    filled = console.filled(values, action="/permissions$")
    with app.app_context():
        from app.access.catalogue import delete_permission, find_permission
        from app.audit.actor import SERVER

        permission = find_permission("view_invoices")
        assert permission is not None
        delete_permission(actor=SERVER, permission=permission)
        db.session.commit()
    assert console.send_again(filled).status_code == 422
    assert held(app, sync) == frozenset()


@pytest.mark.parametrize("hx", [False, True])
def test_an_app_may_ask_for_everything_or_for_some(
    app: Flask, console: Console, make: Factory, hx: bool
) -> None:
    make.permission("read_orders", is_delegable=True)
    made = make.client(grant_types=["authorization_code"])
    assert scopes(app, made) is None
    values = {"ask_for": "some", "scopes": ["read_orders"]}
    answer = console.send(address(made), values, action="/scopes$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    assert scopes(app, made) == ["read_orders"]
    values = {"ask_for": "some", "scopes": []}
    console.send(address(made), values, action="/scopes$", hx=hx)
    assert scopes(app, made) == []
    console.send(address(made), {"ask_for": "all"}, action="/scopes$", hx=hx)
    assert scopes(app, made) is None


def test_only_what_apps_may_ask_for_is_offered(
    app: Flask, console: Console, make: Factory
) -> None:
    made = make.client(grant_types=["authorization_code"])
    for values in (
        {"ask_for": "some", "scopes": ["manage_system"]},
        {"ask_for": "some", "scopes": ["openid profile"]},
        {"ask_for": "most"},
        {"ask_for": None},
    ):
        page = console.send(address(made), values, action="/scopes$")
        assert page.status_code == 422
        assert 'role="alert"' in page.text
    assert scopes(app, made) is None


def test_a_stale_form_of_scopes_saves_nothing(
    app: Flask, console: Console, make: Factory
) -> None:
    made = make.client(grant_types=["authorization_code"])
    console.get(address(made))
    some = {"ask_for": "some", "scopes": ["view_users"]}
    stale = console.filled({"ask_for": "some", "scopes": []}, action="/scopes$")
    console.send(address(made), some, action="/scopes$")
    page = console.send_again(stale)
    assert page.status_code == 409
    assert scopes(app, made) == ["view_users"]


def test_openid_scopes_survive_the_form(
    app: Flask, console: Console, make: Factory
) -> None:
    made = make.client(
        grant_types=["authorization_code"], scopes=["openid", "view_users"]
    )
    console.send(address(made), {}, action="/scopes$")
    assert scopes(app, made) == ["openid", "view_users"]


def test_names_of_roles_stay_text(
    console: Console, make: Factory, sync: MadeClient
) -> None:
    make.role("<i>Clerk</i>", ["view_users"])
    values = {"roles": [box(console, sync, "&lt;i&gt;Clerk&lt;/i&gt;")]}
    console.send(address(sync), values, action="/permissions$")
    page = console.get(address(sync))
    assert "<i>Clerk" not in page.text
    assert "via role <bdi>&lt;i&gt;Clerk&lt;/i&gt;</bdi>" in page.text
