"""The last administrator cannot be locked out, from whatever side."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from app.access import catalogue
from app.access.effective import permission_names
from app.access.escalation import is_there_an_administrator
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.racing import at_once

WayOut = Callable[[MadeUser, uuid.UUID], tuple[str, dict[str, object]]]
WAYS_OUT: dict[str, WayOut] = {
    "deactivating": lambda person, _: (
        f"/access/users/{person.id}/deactivate",
        {"is_meant": "y"},
    ),
    "taking the role": lambda person, _: (
        f"/access/users/{person.id}/permissions",
        {"roles": []},
    ),
    "emptying the role": lambda _, role: (
        f"/access/roles/{role}",
        {"permissions": []},
    ),
    "deleting the role": lambda _, role: (f"/access/roles/{role}/delete", {}),
}


@pytest.fixture
def boss(app: Flask, make: Factory) -> Console:
    """The only administrator, by a role of their own."""
    make.role("Boss", ["manage_system", "view_users", "manage_users"])
    return signed_in(app, make.user(roles=["Boss"]))


def signed_in(app: Flask, person: MadeUser) -> Console:
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    return Console(browser, person)


def boss_role(app: Flask) -> uuid.UUID:
    with app.app_context():
        role = catalogue.find_role("Boss")
        assert role
        return role.id


@pytest.mark.parametrize("way", list(WAYS_OUT))
@pytest.mark.parametrize("hx", [False, True])
def test_no_way_out(app: Flask, boss: Console, way: str, hx: bool) -> None:
    where, values = WAYS_OUT[way](boss.person, boss_role(app))
    answer = boss.send(where, values, action=f"{where}$", hx=hx)
    assert answer.status_code in {409, 422}
    assert "This would leave nobody to manage the system" in answer.text
    assert "Make somebody else an administrator first" in answer.text
    # The form is there again, and the person may still do everything.
    assert 'name="csrf_token"' in answer.text
    with app.app_context():
        assert "manage_system" in permission_names(boss.person.id)
    assert boss.get("/access/roles").status_code == 200


@pytest.mark.parametrize("way", list(WAYS_OUT))
def test_one_of_two_may_go(app: Flask, make: Factory, boss: Console, way: str) -> None:
    make.user(administrator=True)
    where, values = WAYS_OUT[way](boss.person, boss_role(app))
    assert boss.send(where, values, action=f"{where}$").status_code == 303
    page = boss.get("/access/roles")
    assert (page.status_code, page.request.path) in {
        (403, "/access/roles"),
        (200, "/login"),
    }


def test_two_administrators_who_lock_each_other_out_at_once(
    app: Flask, make: Factory
) -> None:
    ada = signed_in(app, make.user(administrator=True))
    bob = signed_in(app, make.user(administrator=True))
    forms = []
    for console, other in ((ada, bob), (bob, ada)):
        console.get(f"/access/users/{other.person.id}/deactivate")
        forms.append((console, console.filled()))

    def send(console: Console, filled: tuple[str, dict[str, object]]) -> int:
        return console.send_again(filled).status_code

    statuses = at_once([lambda c=c, f=f: send(c, f) for c, f in forms])
    # Whoever was second is signed out, may do it no more, or would be the last.
    assert statuses.count(303) >= 1
    with app.app_context():
        assert is_there_an_administrator()
        db.session.rollback()
