"""`flask user:create` and `flask user:password`."""

import json

import pytest
from click.testing import Result
from flask import Flask

from tests.factories import PASSWORD, Factory
from tests.support.browsing import Browser


def run(app: Flask, *arguments: str, stdin: str | bytes | None = None) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments), input=stdin)


@pytest.mark.parametrize("command", ["user:create", "user:password"])
def test_each_command_explains_itself(app: Flask, command: str) -> None:
    result = run(app, command, "--help")
    assert result.exit_code == 0
    assert "EMAIL" in result.stdout
    assert "--password-stdin" in result.stdout


def test_a_random_password_is_printed_once_and_opens_the_account(
    app: Flask, browser: Browser
) -> None:
    result = run(app, "user:create", "ada@example.com", "--name", "Ada")
    assert result.exit_code == 0
    password = result.stdout.split("only once): ")[1].strip()
    assert result.stdout.count(password) == 1
    assert len(password) >= 20
    browser.sign_in("ada@example.com", password)
    assert browser.get("/account/security").status_code == 200


def test_two_people_get_different_passwords(app: Flask) -> None:
    made = [
        json.loads(run(app, "user:create", f"p{n}@example.com", "--json").stdout)
        for n in range(2)
    ]
    assert made[0]["password"] != made[1]["password"]
    assert made[0]["id"] != made[1]["id"]


def test_json_is_one_value_and_names_the_roles(app: Flask) -> None:
    result = run(
        app,
        "user:create",
        "ada@example.com",
        "--role",
        "Administrator",
        "--password-stdin",
        "--json",
        stdin=f"{PASSWORD}\n",
    )
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert made["email"] == "ada@example.com"
    assert made["roles"] == ["Administrator"]
    # A password that somebody chose is not repeated.
    assert "password" not in made
    assert PASSWORD not in result.output


def test_a_password_from_standard_input_opens_the_account(
    app: Flask, browser: Browser
) -> None:
    run(app, "user:create", "ada@example.com", "--password-stdin", stdin=PASSWORD)
    browser.sign_in("ada@example.com", PASSWORD)
    assert browser.get("/account/security").status_code == 200


@pytest.mark.parametrize(
    ("stdin", "why"),
    [
        ("short\n", "at least 12"),
        ("", "one line"),
        ("\n", "one line"),
        ("x" * 2000, "at most 1024"),
        ("new.person@example.com\n", "other than your e-mail"),
        (b"\xff\xfe\xfd" * 10, "UTF-8"),
    ],
)
def test_a_poor_password_is_refused_and_nobody_is_made(
    app: Flask, stdin: str | bytes, why: str
) -> None:
    command = ["user:create", "new.person@example.com", "--password-stdin"]
    result = run(app, *command, stdin=stdin)
    assert result.exit_code == 1
    assert why in result.stderr
    assert result.stdout == ""
    assert run(app, "permission:show", "new.person@example.com").exit_code == 1


@pytest.mark.parametrize(
    "email", ["nobody", "two words@example.com", "a\n@example.com", "@example.com", ""]
)
def test_what_is_no_address_is_refused(app: Flask, email: str) -> None:
    result = run(app, "user:create", email)
    assert result.exit_code == 1
    assert "e-mail address" in result.stderr


@pytest.mark.parametrize(
    "again", ["ADA@example.com", " ada@EXAMPLE.com ", "ａｄａ@example.com"]
)
def test_an_address_is_taken_however_it_is_spelled(
    app: Flask, make: Factory, again: str
) -> None:
    make.user("ada@example.com")
    result = run(app, "user:create", again)
    assert result.exit_code == 1
    assert "This e-mail address is already in use." in result.stderr


def test_an_unknown_role_refuses_before_anybody_is_made(app: Flask) -> None:
    result = run(app, "user:create", "ada@example.com", "--role", "Nobody")
    assert result.exit_code == 1
    assert "permission:create-role" in result.stderr
    assert run(app, "permission:show", "ada@example.com").exit_code == 1


def test_wrong_usage_is_exit_2(app: Flask) -> None:
    assert run(app, "user:create").exit_code == 2
    assert run(app, "user:create", "a@example.com", "--nonsense").exit_code == 2
    assert run(app, "user:password").exit_code == 2


def test_a_new_password_replaces_the_old_and_ends_sessions(
    app: Flask, make: Factory, browser: Browser
) -> None:
    person = make.user()
    browser.sign_in(person.email, person.password)
    assert browser.get("/account/security").status_code == 200

    result = run(app, "user:password", person.email.upper(), "--json")
    assert result.exit_code == 0
    password = json.loads(result.stdout)["password"]

    assert "password" in browser.get("/account/security").text
    assert browser.page.request.path == "/login"
    browser.sign_in(person.email, person.password)
    assert browser.page.status_code == 422
    browser.sign_in(person.email, password)
    assert browser.get("/account/security").request.path == "/account/security"


def test_a_new_password_is_printed_unless_it_was_typed(
    app: Flask, make: Factory
) -> None:
    person = make.user()
    made = run(app, "user:password", person.email)
    assert f"{person.email} has a new password" in made.stdout
    assert len(made.stdout.split("only once): ")[1].strip()) >= 20
    typed = run(app, "user:password", person.email, "--password-stdin", stdin=PASSWORD)
    assert typed.exit_code == 0
    assert "only now" not in typed.stdout
    assert PASSWORD not in typed.output


def test_a_new_password_for_nobody_is_refused(app: Flask) -> None:
    result = run(app, "user:password", "nobody@example.com")
    assert result.exit_code == 1
    assert "nobody@example.com" in result.stderr
    assert result.stdout == ""
