"""What a person may do and why, and giving and taking it."""

import pytest
from flask import Flask

from app.access.effective import permission_names
from tests.factories import Factory, MadeUser
from tests.support.console import Console
from tests.support.markup import Element, parse
from tests.support.pages import choice_in


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def person(make: Factory) -> MadeUser:
    make.role("Clerk", ["view_invoices", "manage_invoices"])
    make.role("Auditor", ["view_audit_log"])
    return make.user(name="Bob", roles=["Clerk"], permissions=["view_invoices"])


def address(person: MadeUser) -> str:
    return f"/access/users/{person.id}/permissions"


def effective(page: str) -> dict[str, str]:
    table = parse(page).one("table", id="effective-rows")
    rows = [row.children for row in table.all("tr")[1:]]
    return {row[0].text: row[2].text for row in rows if len(row) > 1}


def box(console: Console, person: MadeUser, label: str) -> str:
    return choice_in(console.get(address(person)).text, label, section="holdings")


def reasons(console: Console, person: MadeUser, name: str) -> Element:
    return parse(console.get(f"{address(person)}?why={name}").text).one(id="reasons")


def test_each_permission_says_where_it_comes_from(
    console: Console, person: MadeUser
) -> None:
    assert effective(console.get(address(person)).text) == {
        "manage_invoices": "via role Clerk",
        "view_invoices": "direct, via role Clerk",
    }


def test_any_permission_is_explained(console: Console, person: MadeUser) -> None:
    held = reasons(console, person, "view_invoices").text
    assert "Bob holds view_invoices" in held
    assert "through the role Clerk, assigned" in held
    assert "directly, given" in held
    lacking = reasons(console, person, "view_audit_log").text
    assert "Bob does not hold view_audit_log" in lacking
    assert "Roles that include it: Administrator, Auditor." in lacking


def test_a_permission_that_no_role_holds_is_explained_too(
    make: Factory, console: Console, person: MadeUser
) -> None:
    make.permission("export_everything", description="Export <i>everything</i>")
    lacking = reasons(console, person, "export_everything").text
    assert "No role includes it." in lacking


@pytest.mark.parametrize("hx", [False, True])
def test_what_is_ticked_is_held(
    app: Flask, console: Console, person: MadeUser, hx: bool
) -> None:
    auditor = box(console, person, "Auditor")
    direct = box(console, person, "view_users")
    values = {"roles": [auditor], "permissions": [direct]}
    where = address(person)
    answer = console.send(where, values, action=f"{where}$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    page = answer.text if hx else console.get(where).text
    assert "It takes effect immediately." in page
    assert effective(page) == {
        "view_audit_log": "via role Auditor",
        "view_users": "direct",
    }
    with app.app_context():
        assert permission_names(person.id) == {"view_audit_log", "view_users"}


def test_a_box_says_what_a_role_brings_already_and_what_is_powerful(
    console: Console, person: MadeUser
) -> None:
    where = address(person)
    values = {"roles": [box(console, person, "Auditor")], "permissions": []}
    console.send(where, values, action=f"{where}$")
    boxes = {
        found.one("label").text: found.text
        for found in parse(console.get(where).text).all(class_="field-check")
    }
    assert "Already via role Auditor." in boxes["view_audit_log"]
    assert "Already" not in boxes["view_users"]
    assert "whoever holds it manages everything" in boxes["manage_system"]
    assert "Powerful" not in boxes["view_users"]
    assert (
        "Powerful: includes manage_system and manage_users." in boxes["Administrator"]
    )
    assert "Powerful" not in boxes["Auditor"]
    assert (
        "Powerful: includes manage_system and" in console.get("/access/users/new").text
    )


def test_ticks_of_a_stale_form_are_kept(
    app: Flask, make: Factory, console: Console, person: MadeUser
) -> None:
    auditor, clerk = (box(console, person, name) for name in ("Auditor", "Clerk"))
    where = address(person)
    console.get(where)
    late = console.filled({"roles": [clerk, auditor]}, action=f"{where}$")
    other = Console.of_administrator(app, make)
    values = {"roles": [], "permissions": []}
    assert other.send(where, values, action=f"{where}$").status_code == 303
    answer = console.send_again(late, hx=True)
    assert answer.status_code == 409
    page = parse(answer.text)
    assert "Somebody else changed this" in page.one(role="alert").text
    for value in (clerk, auditor):
        assert "checked" in page.one("input", value=value)
    with app.app_context():
        assert permission_names(person.id) == frozenset()
    late[1]["state"] = page.one("input", id="state")["value"]
    assert console.send_again(late, hx=True).status_code == 200
    with app.app_context():
        assert "view_audit_log" in permission_names(person.id)


def test_a_role_that_is_gone_is_no_choice(
    make: Factory, console: Console, person: MadeUser
) -> None:
    made = make.role("Short-lived")
    where = address(person)
    console.get(where)
    filled = console.filled({"roles": [str(made.id)]}, action=f"{where}$")
    assert console.send(f"/access/roles/{made.id}/delete").status_code == 303
    answer = console.send_again(filled, hx=True)
    assert answer.status_code == 422
    assert parse(answer.text).one("fieldset", id="roles")["aria-invalid"] == "true"
