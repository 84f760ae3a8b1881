"""Users: the list, creating, changing, locking out and letting in, and passwords."""

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.sessions import list_sessions
from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import parse
from tests.support.racing import at_once

NEW = "/access/users/new"


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def page_of(person: MadeUser, tab: str = "") -> str:
    return f"/access/users/{person.id}{tab}"


def password_in(page: str) -> str:
    return parse(page).one("output").text


def names_in(page: str) -> list[str]:
    rows = parse(page).all("table", id="user-rows")
    return [row.text for table in rows for row in table.all("th", scope="row")]


def events(app: Flask, action: str) -> list[dict[str, Any]]:
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action == action)
        return [event.details for event in db.session.scalars(query)]


def can_sign_in(app: Flask, email: str, password: str) -> bool:
    browser = Browser(app)
    browser.sign_in(email, password)
    return browser.get("/account/security").request.path == "/account/security"


def user_with(app: Flask, email: str) -> User | None:
    with app.app_context():
        return db.session.scalar(select(User).where(User.email == email))


def test_the_list_is_searched_filtered_and_sorted_by_its_address(
    app: Flask, make: Factory, console: Console
) -> None:
    make.user("zoe@example.com", name="Zoe", roles=["Clerk"])
    gone = make.user("bob@example.com", name="Bob 100%")
    assert console.send(page_of(gone, "/deactivate")).status_code == 303
    role = make.role("Nobody's")
    with app.app_context():
        clerk = db.session.scalars(select(User).where(User.name == "Zoe")).one()
        assert clerk.is_active

    def found(query: str) -> list[str]:
        return names_in(console.get(f"/access/users?{query}", hx=True).text)

    ada = console.person.name
    clerk_id = parse(console.get("/access/users").text).one("select", id="filter-role")
    options = {option.text: option["value"] for option in clerk_id.all("option")}
    assert found("sort=name") == [ada, "Bob 100%", "Zoe"]
    assert found("sort=-name") == ["Zoe", "Bob 100%", ada]
    assert found("sort=last_signed_in_at")[0] == ada
    assert found("sort=-last_signed_in_at")[0] == ada
    assert found("sort=created_at")[0] == ada
    assert found("sort=-created_at")[0] == "Bob 100%"
    assert found("q=ZOE@") == ["Zoe"]
    assert found("q=100%25") == ["Bob 100%"]
    assert found("q=_") == []
    assert found("status=deactivated") == ["Bob 100%"]
    assert "Bob 100%" not in found("status=active")
    assert found("status=administrators") == [ada]
    assert found(f"role={options['Clerk']}") == ["Zoe"]
    assert found(f"role={role.id}") == []
    assert "No matching users" in console.get("/access/users?q=_").text
    row = parse(console.get("/access/users?q=zoe").text).one("table", id="user-rows")
    assert "Clerk" in row.text


def test_a_page_costs_the_same_for_few_and_many(
    app: Flask, make: Factory, console: Console
) -> None:
    make.user(roles=["Clerk"])

    def costs(where: str) -> int:
        console.get(where)
        with count_statements(app) as statements:
            assert console.get(where).status_code == 200
        return len(statements)

    person = make.user(roles=["Clerk"], permissions=["view_invoices"])
    pages = ["/access/users", page_of(person, "/permissions?why=view_invoices")]
    pages += ["/access/roles", "/access/roles/permissions", page_of(person, "/history")]

    def add(numbers: range) -> None:
        for number in numbers:
            make.role(f"Role {number}", [f"do_{number}", "view_invoices"])
            make.user(roles=[f"Role {number}", "Clerk"], permissions=[f"do_{number}"])

    # Lists that one page does not hold are counted: from there on nothing is added.
    add(range(52))
    before = [costs(page) for page in pages]
    add(range(52, 70))
    assert [costs(page) for page in pages] == before
    assert "26 to" in console.get("/access/users?page=2").text


@pytest.mark.parametrize("hx", [False, True])
def test_a_random_password_is_shown_once_and_works(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    values = {"email": "new@example.com", "name": "<b>New</b> مرحبا", "password": ""}
    answer = console.send(NEW, values, action=NEW, hx=hx)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "<b>New" not in answer.text
    assert "<bdi>&lt;b&gt;New&lt;/b&gt; مرحبا</bdi>" in answer.text
    password = password_in(answer.text)
    assert can_sign_in(app, "new@example.com", password)
    user = user_with(app, "new@example.com")
    assert user
    if hx:
        assert answer.headers["HX-Push-Url"] == f"/access/users/{user.id}"
    for page in ("", "/permissions", "/sessions", "/history"):
        assert password not in console.get(f"/access/users/{user.id}{page}").text
    with app.app_context():
        for event in db.session.scalars(select(AuditEvent)):
            assert password not in repr((event.details, event.subject_label))
    cookie = console.browser.client.get_cookie("gatepass")
    assert cookie
    assert password not in cookie.value


def test_a_typed_password_is_kept_to_the_rules_and_never_shown(
    app: Flask, console: Console
) -> None:
    values = {"email": "new@example.com", "password": "short"}
    answer = console.send(NEW, values, action=NEW, hx=True)
    assert answer.status_code == 422
    assert "at least 12 characters" in answer.text
    assert 'value="new@example.com"' in answer.text
    assert 'value="short"' not in answer.text
    values["password"] = "typed by an administrator"
    answer = console.send(NEW, values, action=NEW, hx=True)
    user = user_with(app, "new@example.com")
    assert user
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/access/users/{user.id}"
    assert can_sign_in(app, "new@example.com", values["password"])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": ""}, "Enter an e-mail address"),
        ({"email": "no address"}, "full e-mail address"),
        ({"email": "ADA@example.com"}, "address is already in use"),
        ({"email": "a@example.com", "name": "x" * 101}, "at most 100 characters"),
        ({"email": "a@example.com", "name": "evil \u202e txt"}, "direction of text"),
        ({"email": "a@example.com", "roles": ["x"]}, "not a valid choice"),
        ({"email": "a@example.com", "form_key": ""}, "This form is incomplete"),
        (
            {"email": "a@example.com", "form_key": str(uuid.UUID(int=1))},
            "This form is incomplete",
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Flask, make: Factory, console: Console, values: dict[str, Any], words: str
) -> None:
    make.user("ada@example.com")
    answer = console.send(NEW, values, action=NEW, hx=True)
    assert answer.status_code == 422
    alert = parse(answer.text).one(role="alert")
    assert words in alert.text
    assert not user_with(app, "a@example.com")


def test_the_same_form_sent_twice_makes_one_person(
    app: Flask, console: Console
) -> None:
    console.get(NEW)
    filled = console.filled({"email": "new@example.com"}, action=NEW)
    first = console.send_again(filled)
    password = password_in(first.text)
    again = console.send_again(filled)
    assert again.status_code == 200
    assert "already exists" in again.text
    assert "<output" not in again.text
    assert can_sign_in(app, "new@example.com", password)
    assert len(events(app, "user.created")) == 2  # the administrator is the other


def test_the_same_form_sent_twice_at_once_makes_one_person(
    app: Flask, console: Console
) -> None:
    console.get(NEW)
    filled = console.filled({"email": "new@example.com"}, action=NEW)
    cookie = console.browser.client.get_cookie("gatepass")
    assert cookie

    def send() -> str:
        client = app.test_client()
        client.set_cookie("gatepass", cookie.value)
        answer = client.post(filled[0], data=filled[1])
        assert answer.status_code == 200, answer.text
        return answer.text

    pages = at_once([send, send])
    assert sorted("<output" in page for page in pages) == [False, True]


@pytest.mark.parametrize("hx", [False, True])
def test_two_administrators_edit_the_same_person(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    person = make.user("bob@example.com", name="Bob")
    where = page_of(person)
    action = f"{where}$"
    console.get(where)
    late = console.filled({"name": "Robert"}, action=action)
    other = Console.of_administrator(app, make)
    assert other.send(where, {"name": "Bobby"}, action=action).status_code == 303
    answer = console.send_again(late, hx=hx)
    assert answer.status_code == 409
    page = parse(answer.text)
    assert "nothing was saved" in page.one(role="alert").text
    assert "Bobby" in page.one(role="alert").text
    assert page.one("input", id="name")["value"] == "Robert"
    assert events(app, "user.updated") == [{"name": ["Bob", "Bobby"]}]
    # Whoever saves again has seen what they replace.
    late[1]["state"] = page.one("input", id="state")["value"]
    assert console.send_again(late).status_code == 303
    assert {"name": ["Bobby", "Robert"]} in events(app, "user.updated")


def test_signing_in_meanwhile_makes_no_form_stale(
    app: Flask, make: Factory, console: Console
) -> None:
    person = make.user("bob@example.com", name="Bob")
    console.get(page_of(person))
    filled = console.filled({"name": "Robert"}, action=f"{page_of(person)}$")
    assert can_sign_in(app, person.email, person.password)
    assert console.send_again(filled).status_code == 303
    assert "Saved." in console.get(page_of(person)).text


def test_an_address_that_is_taken_is_refused_beside_its_field(
    make: Factory, console: Console
) -> None:
    person = make.user("bob@example.com")
    values = {"email": console.person.email.upper()}
    answer = console.send(page_of(person), values, action=f"{page_of(person)}$")
    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.one("input", id="email")["aria-invalid"] == "true"
    assert page.one(id="email-error")


@pytest.mark.parametrize("hx", [False, True])
def test_deactivated_and_activated_with_what_it_breaks(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    person = make.user(name="Bob")
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    question = console.get(page_of(person, "/deactivate"), hx=hx).text
    assert "Signed out immediately: 1 browser." in question
    assert "Apps that may act for this person: 0." in question
    assert "Live tokens of these apps, which end immediately: 0." in question
    for _ in range(2):
        answer = console.send(page_of(person, "/deactivate"), hx=hx)
        assert answer.status_code == (200 if hx else 303)
    assert browser.get("/account/security").request.path == "/login"
    assert not can_sign_in(app, person.email, person.password)
    assert "Deactivated" in console.get(page_of(person)).text
    assert (
        "these permissions have no effect"
        in console.get(page_of(person, "/permissions")).text
    )
    answer = console.send(page_of(person, "/activate"), hx=hx)
    assert answer.status_code == (200 if hx else 303)
    assert can_sign_in(app, person.email, person.password)
    assert len(events(app, "user.deactivated")) == 1
    assert len(events(app, "user.activated")) == 1


def test_apps_that_act_for_a_person_are_counted(
    make: Factory, console: Console, party: Any, app: Flask
) -> None:
    party.tokens()
    # Allowed for once besides: a second consent, and the same app.
    assert party.ask(prompt="consent").status_code == 200
    values = {"decision": "allow", "duration": "once"}
    page = party.browser.submit(values, action="/oauth/consent", follow=False)
    party.redeem(party.answer(page)["code"])
    with app.app_context():
        person = db.session.scalars(
            select(User).where(User.id != console.person.id)
        ).one()
    where = f"/access/users/{person.id}"
    question = console.get(f"{where}/deactivate").text
    assert "Apps that may act for this person: 1." in question
    assert "which end immediately: 2." in question


def test_own_account_is_deactivated_only_by_whoever_means_it(
    make: Factory, console: Console
) -> None:
    make.user(administrator=True)
    own = page_of(console.person)
    assert 'href="/account/security"' in console.get(own).text
    question = console.get(f"{own}/deactivate").text
    assert "Deactivate your own account?" in question
    answer = console.send(f"{own}/deactivate")
    assert answer.status_code == 422
    assert "Check this box" in answer.text
    answer = console.send(f"{own}/deactivate", {"is_meant": "y"})
    assert (answer.status_code, answer.location) == (303, "/login?why=signed-out")
    assert console.get(own).request.path == "/login"


@pytest.mark.parametrize("hx", [False, True])
def test_a_reset_shows_a_new_password_and_signs_out(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    person = make.user()
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    console.get(page_of(person, "/reset"))
    filled = console.filled()
    answer = console.send_again(filled, hx=hx)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    password = password_in(answer.text)
    assert browser.get("/account/security").request.path == "/login"
    assert not can_sign_in(app, person.email, person.password)
    again = console.send_again(filled, hx=hx)
    assert again.status_code == 409
    assert "<output" not in again.text
    assert "Reset password" in again.text
    assert can_sign_in(app, person.email, password)
    assert len(events(app, "user.password_changed")) == 1


def test_whoever_is_deactivated_gets_no_password(
    make: Factory, console: Console
) -> None:
    person = make.user()
    console.send(page_of(person, "/deactivate"))
    assert "Reset password…" not in console.get(page_of(person)).text
    answer = console.send(page_of(person, "/reset"))
    assert answer.status_code == 409
    assert "Activate it first" in answer.text


def test_own_password_and_sessions_are_kept_elsewhere(
    app: Flask, make: Factory, console: Console
) -> None:
    own = page_of(console.person)
    assert "Reset password…" not in console.get(own).text
    for act in ("/reset", "/sign-out"):
        answer = console.send(f"{own}{act}")
        assert answer.status_code == 403
        assert "Do this under Security" in answer.text
    assert "Sign out everywhere…" not in console.get(f"{own}/sessions").text
    assert console.get(own).status_code == 200


@pytest.mark.parametrize("hx", [False, True])
def test_sessions_are_ended_one_by_one_and_all(
    app: Flask, make: Factory, console: Console, hx: bool
) -> None:
    person = make.user()
    browsers = [Browser(app) for _ in range(3)]
    for browser in browsers:
        browser.sign_in(person.email, person.password)
    where = page_of(person, "/sessions")
    rows = parse(console.get(where).text).one("ul", id="session-rows").all("li")
    assert len(rows) == 3
    answer = console.send(where, action="/end$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    with app.app_context():
        assert len(list_sessions(person.id)) == 2
    question = console.get(page_of(person, "/sign-out")).text
    assert "Signed out immediately: 2 browsers." in question
    answer = console.send(page_of(person, "/sign-out"), hx=hx)
    assert answer.status_code == (200 if hx else 303)
    for browser in browsers:
        assert browser.get("/account/security").request.path == "/login"
    assert "No active sessions" in console.get(where).text


def test_history_tells_what_a_person_did_and_what_was_done_to_them(
    make: Factory, console: Console
) -> None:
    person = make.user(name="Bob")
    console.send(page_of(person), {"name": "Rob"}, action=f"{page_of(person)}$")
    for who in (person, console.person):
        page = console.get(page_of(who, "/history")).text
        text = parse(page).one("table", id="event-rows").text
        assert re.search(r"name: Bob → Rob", text), text
        assert console.person.name in text
    nobody = make.user()
    assert "Rob" not in console.get(page_of(nobody, "/history")).text
