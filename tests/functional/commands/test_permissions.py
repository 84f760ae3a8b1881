"""`flask permission:*`: Spatie's words, with reasons and exit codes."""

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.factories import Factory

COMMANDS = [
    "create-permission",
    "create-role",
    "assign-role",
    "remove-role",
    "give",
    "revoke",
    "show",
]


def run(app: Flask, command: str, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=[f"permission:{command}", *arguments])


def shown(app: Flask, holder: str) -> dict[str, Any]:
    value = json.loads(run(app, "show", holder, "--json").stdout)
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(app: Flask, command: str) -> None:
    result = run(app, command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")


@pytest.mark.parametrize("command", COMMANDS[:-1])
def test_wrong_usage_is_exit_2(app: Flask, command: str) -> None:
    assert run(app, command).exit_code == 2


def test_an_app_holds_roles_and_permissions_as_people_do(
    app: Flask, make: Factory
) -> None:
    client = make.client("Invoice Sync")
    assert (
        "Invoice Sync now holds view_users"
        in run(app, "give", client.id, "view_users").stdout
    )
    assert run(app, "assign-role", client.id, "Administrator").exit_code == 0
    report = shown(app, client.id)
    assert report["holder"] == {
        "kind": "client",
        "id": client.id,
        "label": "Invoice Sync",
    }
    assert report["roles"] == ["Administrator"]
    assert {
        "name": "view_users",
        "is_direct": True,
        "via": ["Administrator"],
    } in report["permissions"]
    assert run(app, "remove-role", client.id, "Administrator").exit_code == 0
    assert [p["name"] for p in shown(app, client.id)["permissions"]] == ["view_users"]


def test_from_a_permission_to_what_a_person_may_do(app: Flask, make: Factory) -> None:
    person = make.user(name="Ada")
    made = run(
        app,
        "create-permission",
        "view_invoices",
        "--description",
        "See invoices",
        "--group",
        "Billing",
        "--delegable",
        "--json",
    )
    assert json.loads(made.stdout) | {"id": None} == {
        "id": None,
        "name": "view_invoices",
        "description": "See invoices",
        "group": "Billing",
        "is_delegable": True,
    }
    role = run(app, "create-role", "Clerk", "--permission", "view_invoices", "--json")
    assert json.loads(role.stdout)["permissions"] == ["view_invoices"]

    assert (
        "Ada now has the role Clerk"
        in run(app, "assign-role", person.email, "Clerk").stdout
    )
    assert "directly" in run(app, "give", person.email, "view_invoices").stdout
    assert shown(app, person.email)["permissions"] == [
        {"name": "view_invoices", "is_direct": True, "via": ["Clerk"]}
    ]
    words = run(app, "show", person.email).stdout
    assert "view_invoices  (direct, via role Clerk)" in words

    taken = run(app, "revoke", person.email, "view_invoices")
    assert "no longer holds view_invoices directly" in taken.stdout
    assert "The role Clerk still gives it." in taken.stdout
    assert "(via role Clerk)" in run(app, "show", person.email).stdout

    assert run(app, "remove-role", person.email, "Clerk").exit_code == 0
    assert shown(app, person.email)["permissions"] == []
    assert "Permissions: none" in run(app, "show", person.email).stdout


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (["assign-role", "Administrator"], "already has"),
        (["give", "view_users"], "already holds"),
        (["remove-role", "Administrator"], "does not have"),
        (["revoke", "view_users"], "did not hold"),
    ],
)
def test_doing_it_twice_changes_nothing_more(
    app: Flask, make: Factory, first: list[str], words: str
) -> None:
    make.user(administrator=True)
    person = make.user()
    command, thing = first
    assert run(app, command, person.email, thing).exit_code == 0
    before = shown(app, person.email)
    again = run(app, command, person.email, thing)
    assert again.exit_code == 0
    assert words in again.stdout
    assert shown(app, person.email) == before


@pytest.mark.parametrize("command", ["assign-role", "remove-role", "give", "revoke"])
def test_an_unknown_holder_or_thing_is_refused(
    app: Flask, make: Factory, command: str
) -> None:
    person = make.user()
    nobody = run(app, command, "nobody@example.com", "view_users")
    assert nobody.exit_code == 1
    assert "no user or app nobody@example.com" in nobody.stderr
    nothing = run(app, command, person.email, "no_such_thing")
    assert nothing.exit_code == 1
    assert "no_such_thing" in nothing.stderr
    assert nothing.stdout == ""


@pytest.mark.parametrize(
    "name",
    ["", "View", "two words", "1st", "a" * 65, "openid", "email", "a\nb", "é", 'a"b'],
)
def test_names_that_could_not_be_scopes_are_refused(app: Flask, name: str) -> None:
    result = run(app, "create-permission", name)
    assert result.exit_code == 1
    assert result.stdout == ""


def test_a_name_is_taken_once(app: Flask) -> None:
    assert "already" in run(app, "create-permission", "view_users").stderr
    taken = run(app, "create-role", "Administrator")
    assert taken.exit_code == 1
    assert "already" in taken.stderr


def test_a_role_is_not_made_with_an_unknown_permission(app: Flask) -> None:
    result = run(app, "create-role", "Clerk", "--permission", "no_such_thing")
    assert result.exit_code == 1
    assert "permission:create-permission" in result.stderr
    assert "Clerk" not in run(app, "show").stdout


def test_the_last_administrator_stays_one_even_for_operators(
    app: Flask, make: Factory
) -> None:
    person = make.user(administrator=True)
    refused = run(app, "remove-role", person.email, "Administrator")
    assert refused.exit_code == 1
    assert "This would leave nobody to manage the system" in refused.stderr
    assert shown(app, person.email)["roles"] == ["Administrator"]

    make.user(permissions=["manage_system"])
    assert run(app, "remove-role", person.email, "Administrator").exit_code == 0
    assert shown(app, person.email)["roles"] == []


def test_without_a_holder_everything_is_listed(app: Flask, make: Factory) -> None:
    make.role("Clerk", ["view_invoices"])
    listed = json.loads(run(app, "show", "--json").stdout)
    assert {"name": "Clerk", "permissions": ["view_invoices"]} in listed["roles"]
    names = {permission["name"] for permission in listed["permissions"]}
    assert {"manage_system", "view_users", "view_invoices"} <= names
    assert "Clerk  (view_invoices)" in run(app, "show").stdout
