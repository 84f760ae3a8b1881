"""Too many failed sign-ins lock a person out; whoever manages people lets them in."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import authentication
from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.console import Console
from tests.support.markup import parse

LOCKED = "after 10 failed sign-ins"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failing takes no time here."""
    monkeypatch.setattr(authentication, "FAILURE_SECONDS", 0.0)


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def locked(app: Flask, make: Factory) -> MadeUser:
    person = make.user("bob@example.com", name="Bob")
    lock_out(app, person)
    return person


def lock_out(app: Flask, person: MadeUser) -> None:
    for _ in range(10):
        assert status_of(app, person.email, "not the password") == 422
    assert status_of(app, person.email, person.password) == 429


def status_of(app: Flask, email: str, password: str) -> int:
    return Browser(app).sign_in(email, password).status_code


def page_of(person: MadeUser, act: str = "") -> str:
    return f"/access/users/{person.id}{act}"


def unlockings(app: Flask) -> list[AuditEvent]:
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action == "user.unlocked")
        return list(db.session.scalars(query))


def test_a_reset_lets_a_locked_out_person_in(
    app: Flask, console: Console, locked: MadeUser
) -> None:
    answer = console.send(page_of(locked, "/reset"))
    password = parse(answer.text).one("output").text
    assert status_of(app, locked.email, password) == 200


def test_a_reset_by_command_does_too(app: Flask, locked: MadeUser) -> None:
    run = app.test_cli_runner().invoke
    password = "another long password"
    arguments = ["user:password", locked.email, "--password-stdin"]
    assert run(args=arguments, input=password).exit_code == 0
    assert status_of(app, locked.email, password) == 200


def test_the_page_says_until_when(
    console: Console, locked: MadeUser, clock: MovableClock
) -> None:
    page = console.get(page_of(locked)).text
    assert LOCKED in page
    assert "in 15 minutes" in page
    clock.forward(minutes=15)
    assert LOCKED not in console.get(page_of(locked)).text


def test_nine_failures_lock_nobody_out(
    app: Flask, console: Console, make: Factory
) -> None:
    person = make.user()
    for _ in range(9):
        status_of(app, person.email, "not the password")
    assert LOCKED not in console.get(page_of(person)).text


@pytest.mark.parametrize("hx", [False, True])
def test_unlocking_lets_them_in_and_is_an_event(
    app: Flask, console: Console, locked: MadeUser, hx: bool
) -> None:
    answer = console.send(page_of(locked), action="/unlock$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    text = answer.text if hx else console.get(page_of(locked)).text
    assert "Bob can sign in again." in text
    assert LOCKED not in text
    (event,) = unlockings(app)
    assert event.actor_id == console.person.id
    assert event.subject_id == locked.id
    assert status_of(app, locked.email, locked.password) == 200


def test_unlocking_twice_is_one_event(
    app: Flask, console: Console, locked: MadeUser
) -> None:
    console.get(page_of(locked))
    filled = console.filled(action="/unlock$")
    for _ in range(2):
        assert console.send_again(filled).status_code == 303
    assert len(unlockings(app)) == 1


def test_nobody_unlocks_whoever_can_do_more(app: Flask, make: Factory) -> None:
    chief = make.user("chief@example.com", administrator=True)
    other = make.user("other@example.com")
    managing = ["view_users", "manage_users"]
    console = Console.of(make.user(permissions=managing), app, make)
    lock_out(app, other)
    console.get(page_of(other))
    _, data = console.filled(action="/unlock$")
    lock_out(app, chief)
    page = console.get(page_of(chief)).text
    assert LOCKED in page
    assert "/unlock" not in page
    assert console.send_again((page_of(chief, "/unlock"), data)).status_code == 403
    assert status_of(app, chief.email, chief.password) == 429
    assert unlockings(app) == []


def test_looking_at_people_does_not_unlock_them(
    app: Flask, make: Factory, locked: MadeUser
) -> None:
    console = Console.of(make.user(permissions=["view_users"]), app, make)
    page = console.get(page_of(locked)).text
    assert LOCKED in page
    assert "/unlock" not in page
    _, data = console.filled(action="/logout$")
    assert console.send_again((page_of(locked, "/unlock"), data)).status_code == 403


def test_nobody_unlocks_their_own_account(app: Flask, console: Console) -> None:
    """A browser that somebody left open gives no more guesses at the password."""
    lock_out(app, console.person)
    page = console.get(page_of(console.person)).text
    assert LOCKED in page
    assert "/unlock" not in page
    _, data = console.filled()
    own = page_of(console.person, "/unlock")
    assert console.send_again((own, data)).status_code == 403
