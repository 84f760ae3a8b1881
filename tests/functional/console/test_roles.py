"""Roles and permissions: create, change, who holds them, and their end."""

import threading
import uuid
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.access import catalogue
from app.access.effective import permission_names
from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import parse
from tests.support.pages import choice_in
from tests.support.racing import at_once

ROLES, PERMISSIONS = "/access/roles", "/access/roles/permissions"


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def role_page(role_id: uuid.UUID, tab: str = "") -> str:
    return f"{ROLES}/{role_id}{tab}"


def permission_page(permission_id: uuid.UUID, tab: str = "") -> str:
    return f"{PERMISSIONS}/{permission_id}{tab}"


def row_of(page: str, name: str) -> str:
    rows = parse(page).all("tr")
    return next(row.text for row in rows if name in row.text)


def last_event(app: Flask, action: str) -> dict[str, Any]:
    with app.app_context():
        query = select(AuditEvent.details).where(AuditEvent.action == action)
        details = db.session.scalars(query.order_by(AuditEvent.id.desc())).first()
        assert details is not None
        return details


def id_of(app: Flask, name: str) -> uuid.UUID:
    with app.app_context():
        found = catalogue.find_role(name) or catalogue.find_permission(name)
        assert found
        return found.id


@pytest.mark.parametrize("hx", [False, True])
def test_a_role_is_created_changed_and_held(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    make.permission("view_invoices", group="Invoices")
    page = console.get(f"{ROLES}/new").text
    chosen = choice_in(page, "view_invoices", section="permissions")
    values = {"name": "Clerk <b>", "description": "Of sales", "permissions": [chosen]}
    answer = console.send(f"{ROLES}/new", values, action="/new$", hx=hx)
    where = role_page(id_of(app, "Clerk <b>"))
    if hx:
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, where)
    else:
        assert (answer.status_code, answer.location) == (303, where)
    assert "Clerk &lt;b&gt;" in console.get(where).text

    person = make.user(roles=["Clerk <b>"])
    make.client(roles=["Clerk <b>"])
    row = row_of(console.get(ROLES).text, "Clerk <b>")
    assert row == "Clerk <b> Of sales 1 1 1"
    assert "Held by 1 person and 1 app" in console.get(where).text
    holders = console.get(f"{where}/holders").text
    assert f'href="/access/users/{person.id}/permissions"' in holders
    apps = console.get(f"{where}/holders?kind=client").text
    assert "Invoice Sync" in apps
    assert str(person.id) not in apps

    values = {"name": "Seller", "description": "", "permissions": []}
    answer = console.send(where, values, action=f"{where}$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    assert last_event(app, "role.updated") == {
        "name": ["Clerk <b>", "Seller"],
        "description": ["Of sales", ""],
        "permissions": [["view_invoices"], []],
    }
    with app.app_context():
        assert permission_names(person.id) == frozenset()


def test_a_role_is_deleted_with_what_it_breaks(
    app: Flask, make: Factory, console: Console
) -> None:
    make.role("Clerk", ["view_invoices"])
    person = make.user(roles=["Clerk"])
    make.client(roles=["Clerk"])
    where = role_page(id_of(app, "Clerk"))
    question = console.get(f"{where}/delete").text
    assert "People who lose it: 1. Apps: 1." in question
    assert "Permissions it gives: view_invoices." in question
    assert console.send(f"{where}/delete").status_code == 303
    assert "Deleted the role Clerk." in console.get(ROLES).text
    assert console.get(where).status_code == 404
    with app.app_context():
        assert permission_names(person.id) == frozenset()
    assert last_event(app, "role.deleted") == {
        "people": "1",
        "apps": "1",
        "permissions": [["view_invoices"], []],
    }


def test_what_is_built_in_stays(app: Flask, console: Console) -> None:
    for where in (
        role_page(id_of(app, "Administrator")),
        permission_page(id_of(app, "view_users")),
    ):
        page = console.get(where).text
        assert "cannot be deleted" in page
        assert "Delete…" not in page
        console.get(where)
        token = console.browser.form()["fields"]["csrf_token"]
        answer = console.browser.client.post(
            f"{where}/delete", data={"csrf_token": token}
        )
        assert answer.status_code == 409
        assert "is built in and cannot be deleted" in answer.text
        assert console.get(f"{where}/delete").status_code == 409
    where = role_page(id_of(app, "Administrator"))
    answer = console.send(where, {"name": "Root"}, action=f"{where}$", hx=True)
    assert answer.status_code == 422
    assert "cannot be renamed" in answer.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": " \u0301 "}, "Enter a name"),
        ({"name": "Administrator"}, "A role named Administrator already exists"),
        ({"name": "x" * 65}, "at most 64 characters"),
        ({"name": "txt\u202e.exe"}, "direction of text"),
        ({"name": "Clerk", "description": "x" * 301}, "at most 300 characters"),
        ({"name": "Clerk", "permissions": ["x"]}, "not a valid choice"),
        ({"name": "Clerk", "form_key": "forged"}, "This form is incomplete"),
    ],
)
def test_a_role_that_cannot_be_is_refused_with_a_reason(
    app: Flask, console: Console, values: dict[str, Any], words: str
) -> None:
    answer = console.send(f"{ROLES}/new", values, action="/new$", hx=True)
    assert answer.status_code == 422
    assert words in parse(answer.text).one(role="alert").text


def test_renaming_onto_another_role_is_refused(
    app: Flask, make: Factory, console: Console
) -> None:
    make.role("Clerk")
    where = role_page(make.role("Seller").id)
    answer = console.send(where, {"name": "Clerk"}, action=f"{where}$", hx=True)
    assert answer.status_code == 422
    assert "A role named Clerk already exists" in answer.text
    assert console.send(where, {"name": ""}, action=f"{where}$").status_code == 422


def test_the_same_form_sent_twice_makes_one(app: Flask, console: Console) -> None:
    for page, name in (
        (f"{ROLES}/new", "Clerk"),
        (f"{PERMISSIONS}/new", "view_orders"),
    ):
        console.get(page)
        filled = console.filled({"name": name}, action="/new$")
        first, again = console.send_again(filled), console.send_again(filled)
        assert (first.status_code, again.status_code) == (303, 303)
        assert first.location == again.location
        assert first.location.endswith(str(id_of(app, name)))


@pytest.mark.parametrize(
    ("page", "name", "table"),
    [
        (f"{ROLES}/new", "Clerk", "roles"),
        (f"{PERMISSIONS}/new", "view_orders", "permissions"),
    ],
)
def test_the_same_form_sent_twice_at_once_makes_one(
    app: Flask, console: Console, page: str, name: str, table: str
) -> None:
    console.get(page)
    address, data = console.filled({"name": name}, action="/new$")
    cookie = console.browser.client.get_cookie("gatepass")
    assert cookie
    both_begin = threading.Barrier(2)

    def meet(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(f"INSERT INTO {table} "):
            # SQLite lets one of them in at a time.
            with suppress(threading.BrokenBarrierError):
                both_begin.wait(timeout=0.5)

    def send() -> tuple[int, str | None]:
        client = app.test_client()
        client.set_cookie("gatepass", cookie.value)
        answer = client.post(address, data=data)
        return answer.status_code, answer.location

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", meet)
    try:
        answers = at_once([send, send])
    finally:
        event.remove(engine, "before_cursor_execute", meet)
    where = f"{page.removesuffix('/new')}/{id_of(app, name)}"
    assert answers == [(303, where)] * 2


def test_two_administrators_edit_the_same_role(
    app: Flask, make: Factory, console: Console
) -> None:
    where = role_page(make.role("Clerk", ["view_invoices"]).id)
    console.get(where)
    late = console.filled({"description": "Mine"}, action=f"{where}$")
    other = Console.of_administrator(app, make)
    values = {"description": "Theirs", "permissions": []}
    assert other.send(where, values, action=f"{where}$").status_code == 303
    answer = console.send_again(late, hx=True)
    assert answer.status_code == 409
    page = parse(answer.text)
    assert "Theirs" in page.one(role="alert").text
    assert page.one("input", id="description")["value"] == "Mine"
    late[1]["state"] = page.one("input", id="state")["value"]
    assert console.send_again(late, hx=True).status_code == 200


@pytest.mark.parametrize("hx", [False, True])
def test_a_permission_is_created_and_changed(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    values = {"name": "view_orders", "description": "See <i>orders</i>", "group": "O"}
    answer = console.send(f"{PERMISSIONS}/new", values, action="/new$", hx=hx)
    assert answer.status_code == (204 if hx else 303)
    where = permission_page(id_of(app, "view_orders"))
    assert "See &lt;i&gt;orders" in console.get(PERMISSIONS).text
    assert (
        "Turning this off takes effect with the next request" in console.get(where).text
    )
    values = {"description": "See orders", "is_delegable": "y"}
    answer = console.send(where, values, action=f"{where}$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    assert last_event(app, "permission.updated") == {
        "description": ["See <i>orders</i>", "See orders"],
        "is_delegable": [False, True],
    }
    assert "Delegable" in row_of(console.get(PERMISSIONS).text, "view_orders")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "Two Words"}, "Start with a lowercase letter"),
        ({"name": "openid"}, "has a special meaning in OAuth"),
        ({"name": "view_users"}, "A permission named view_users already exists"),
        ({"name": "a", "group": "\u202e"}, "direction of text"),
    ],
)
def test_a_permission_that_cannot_be_is_refused_with_a_reason(
    app: Flask, console: Console, values: dict[str, Any], words: str
) -> None:
    answer = console.send(f"{PERMISSIONS}/new", values, action="/new$", hx=True)
    assert answer.status_code == 422
    assert words in parse(answer.text).one(role="alert").text


def test_a_permission_refuses_what_is_too_long_when_it_is_changed(
    app: Flask, make: Factory, console: Console
) -> None:
    where = permission_page(make.permission("view_orders"))
    answer = console.send(where, {"group": "x" * 65}, action=f"{where}$", hx=True)
    assert answer.status_code == 422
    assert "at most 64 characters" in answer.text


def test_two_administrators_edit_the_same_permission(
    app: Flask, make: Factory, console: Console
) -> None:
    where = permission_page(make.permission("view_orders"))
    console.get(where)
    late = console.filled({"description": "Mine"}, action=f"{where}$")
    other = Console.of_administrator(app, make)
    values = {"is_delegable": "y"}
    assert other.send(where, values, action=f"{where}$").status_code == 303
    answer = console.send_again(late, hx=True)
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    with app.app_context():
        permission = catalogue.find_permission("view_orders")
        assert permission
        assert (permission.description, permission.is_delegable) == ("", True)


def test_who_holds_a_permission_and_by_what(
    app: Flask, make: Factory, console: Console
) -> None:
    permission_id = make.permission("view_orders")
    make.role("Clerk", ["view_orders"])
    both = make.user(roles=["Clerk"], permissions=["view_orders"])
    make.user(roles=["Clerk"])
    make.client("Sync", permissions=["view_orders"])
    row = row_of(console.get(PERMISSIONS).text, "view_orders")
    assert row.split()[-3:] == ["1", "1", "1"]
    where = permission_page(permission_id, "/holders")
    page = console.get(where).text
    assert "Held by 2 people and 1 app in total." in parse(page).text
    assert parse(page).one("ul", id="role-rows").text == "via role Clerk"
    assert both.email in parse(page).one("ul", id="holder-rows").text
    assert "Sync" in console.get(f"{where}?kind=client").text
    empty = permission_page(make.permission("view_nothing"), "/holders")
    page = parse(console.get(empty).text).text
    assert "No role includes it." in page
    assert "Nobody holds it directly." in page


def test_a_permission_is_deleted_with_what_it_breaks(
    app: Flask, make: Factory, console: Console
) -> None:
    permission_id = make.permission("view_orders", is_delegable=True)
    person = make.user(permissions=["view_orders"])
    make.client(grant_types=["authorization_code"], scopes=["view_orders"])
    make.permission("view.orders", is_delegable=True)
    make.client(grant_types=["authorization_code"], scopes=["view.orders"])
    where = permission_page(permission_id, "/delete")
    question = console.get(where).text
    assert "People who lose it: 1. Apps: 0." in question
    assert "Apps that ask for it by name: 1." in question
    assert console.send(where).status_code == 303
    assert "Deleted the permission view_orders." in console.get(PERMISSIONS).text
    assert last_event(app, "permission.deleted") == {"people": "1", "apps": "0"}
    with app.app_context():
        assert permission_names(person.id) == frozenset()


def test_holders_cost_the_same_for_few_and_many(
    app: Flask, make: Factory, console: Console
) -> None:
    role, permission_id = make.role("Clerk"), make.permission("view_orders")
    pages = [role_page(role.id, "/holders"), permission_page(permission_id, "/holders")]

    def costs(where: str) -> int:
        console.get(where)
        with count_statements(app) as statements:
            assert console.get(where).status_code == 200
        return len(statements)

    def add(count: int) -> None:
        for _ in range(count):
            make.user(roles=["Clerk"], permissions=["view_orders"])

    # A list that one page does not hold is counted: from there on nothing is added.
    add(26)
    before = [costs(page) for page in pages]
    add(15)
    assert [costs(page) for page in pages] == before
    assert "26 to 41" in console.get(f"{pages[0]}?page=2").text


@pytest.mark.parametrize("hx", [False, True])
def test_lists_are_searched(make: Factory, console: Console, hx: bool) -> None:
    make.role("Clerk")
    make.permission("view_orders", description="See orders", group="Sales_1")
    names = {ROLES: ["CLER", "may do every"], PERMISSIONS: ["ew_ord", "SEE ord", "s_1"]}
    for where, searches in names.items():
        for search in searches:
            page = console.get(f"{where}?q={search}", hx=hx).text
            rows = parse(page).one(id=f"{where.rsplit('/')[-1][:-1]}-rows")
            assert len(rows.all("th", scope="row")) == 1
            assert " to " not in parse(page).one("nav", **{"aria-label": "Pages"}).text
    for nothing in ("zzzz", "%25", "%F0%9F%98%80", "_" * 900):
        for where in names:
            page = console.get(f"{where}?q={nothing}", hx=hx)
            assert page.status_code == 200
            assert "No matching" in page.text


def test_a_form_refused_as_a_whole_takes_the_focus(
    app: Flask, make: Factory, console: Console
) -> None:
    where = f"/access/users/{console.person.id}/permissions"
    answer = console.send(where, {"roles": []}, action="/permissions$", hx=True)
    assert answer.status_code == 422
    page = parse(answer.text)
    alert = page.one(role="alert")
    assert "This would leave nobody to manage the system" in alert.text
    assert "autofocus" in alert
    assert alert["tabindex"] == "-1"
    assert len([one for one in page.all() if "autofocus" in one]) == 1
