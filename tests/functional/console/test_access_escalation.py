"""Nobody takes over an account that can do more than their own: every way in."""

import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access import catalogue, people
from app.access.effective import permission_names
from app.access.holders import user_holder
from app.accounts import throttle
from app.accounts.models import User, UserSession
from app.accounts.sessions import list_sessions
from app.audit.actor import SERVER
from app.consents.services import allow, list_for_user
from app.extensions import db
from app.locking import lock
from tests.factories import Factory, MadeUser, give
from tests.support.access_routes import filled_in, post, rules
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.databases import DATABASES

#: What somebody who manages people, and nothing else, may do themselves.
CLERK = ("view_users", "manage_users")
#: What each change of a person sends besides its proof.
CHANGES: dict[str, dict[str, Any]] = {
    "/access/users/<uuid:user_id>": {"name": "Mine", "email": "mine@example.com"},
    "/access/users/<uuid:user_id>/permissions": {"roles": [], "permissions": []},
    "/access/users/<uuid:user_id>/deactivate": {"is_meant": "y"},
    "/access/users/<uuid:user_id>/activate": {},
    "/access/users/<uuid:user_id>/unlock": {},
    "/access/users/<uuid:user_id>/reset": {"generation": "0"},
    "/access/users/<uuid:user_id>/sign-out": {},
    "/access/users/<uuid:user_id>/sessions/<uuid:session_id>/end": {},
    "/access/users/<uuid:user_id>/apps/<uuid:client_id>/end": {},
}
#: Those whose form says what it was filled in from.
WITH_STATE = (
    "/access/users/<uuid:user_id>",
    "/access/users/<uuid:user_id>/permissions",
)
#: Those that a page of its own asks about.
ASKS_FIRST = (
    "/deactivate", "/activate", "/reset", "/sign-out", "<uuid:client_id>/end",
)  # fmt: skip
Facts = tuple[Any, ...]


@pytest.fixture
def clerk(app: Flask, make: Factory) -> Console:
    """The console of somebody who may manage people."""
    person = make.user("clerk@example.com", permissions=CLERK)
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    return Console(browser, person)


@pytest.fixture
def facts(app: Flask) -> Callable[[MadeUser], Facts]:
    """What an attacker would change of a person."""

    def of(person: MadeUser) -> Facts:
        with app.app_context():
            user = db.session.get_one(User, person.id)
            return (
                user.name,
                user.email,
                user.password_hash,
                user.is_active,
                user.token_generation,
                permission_names(user.id),
                [session.id for session in list_sessions(user.id)],
                [consent.id for consent in list_for_user(user.id)],
                throttle.locked_until(user.email),
            )

    return of


def session_of(app: Flask, person: MadeUser) -> uuid.UUID:
    """Sign a person in and return the id of the session."""
    Browser(app).sign_in(person.email, person.password)
    with app.app_context():
        return db.session.scalars(
            select(UserSession.id).where(UserSession.user_id == person.id)
        ).one()


def lock_out(app: Flask, person: MadeUser) -> None:
    """Count as many failed sign-ins as lock a person out."""
    with app.app_context():
        for _ in range(throttle.MAX_FAILURES):
            throttle.count_attempt(person.email)
        db.session.commit()


def app_of(app: Flask, make: Factory, person: MadeUser) -> str:
    """Let an app act for a person and return its id."""
    made = make.client()
    with app.app_context():
        allow(
            actor=SERVER,
            user_id=person.id,
            client_id=uuid.UUID(made.id),
            client_name=made.name,
            scopes=["view_users"],
        )
        db.session.commit()
    return made.id


def state_on(console: Console, where: str) -> dict[str, Any]:
    """Return the states that the forms of a page carry."""
    page = console.get(where)
    if page.status_code != 200 or 'name="state"' not in page.text:
        return {}
    fields = console.browser.form(where.removeprefix("/access") + "$")["fields"]
    return {"state": fields["state"]}


def test_the_table_names_every_change_of_a_person(app: Flask) -> None:
    found = {r for r in rules(app, "POST", below="/access/users") if "user_id" in r}
    assert found == set(CHANGES)


@pytest.mark.parametrize(
    "above",
    [
        {"administrator": True},
        {"permissions": ["view_audit_log"]},
        {"roles": ["Auditor"]},
        {"permissions": ["view_users", "manage_users", "view_invoices"]},
    ],
    ids=["administrator", "direct", "by a role", "one more"],
)
def test_no_way_in_to_an_account_that_can_do_more(
    app: Flask,
    make: Factory,
    clerk: Console,
    facts: Callable[[MadeUser], Facts],
    above: dict[str, Any],
) -> None:
    make.role("Auditor", ["introspect_tokens"])
    person = make.user(**above)
    ids = {
        "user_id": person.id,
        "session_id": session_of(app, person),
        "client_id": app_of(app, make, person),
    }
    lock_out(app, person)
    before = facts(person)
    for rule, data in CHANGES.items():
        where = filled_in(rule, **ids)
        clerk.get("/access/users")
        answer = post(clerk.browser, where, data)
        assert answer.status_code == 403, rule
        assert "You cannot change this account" in answer.text, rule
        assert facts(person) == before, rule
        confirm = clerk.get(where)
        assert confirm.status_code != 500
        if rule.endswith(ASKS_FIRST):
            assert confirm.status_code == 403, rule


def test_pages_of_such_an_account_say_why_nothing_can_be_changed(
    make: Factory, clerk: Console
) -> None:
    boss = make.user(administrator=True)
    for tab in ("", "/permissions", "/apps", "/sessions"):
        page = clerk.get(f"/access/users/{boss.id}{tab}").text
        assert "You cannot change this account: it holds" in page
        assert 'method="post" action="/access' not in page
        assert "Deactivate…" not in page


def test_whoever_only_looks_is_told_so(app: Flask, make: Factory) -> None:
    viewer = make.user(permissions=["view_users"])
    browser = Browser(app)
    browser.sign_in(viewer.email, viewer.password)
    page = browser.get(f"/access/users/{make.user().id}").text
    assert "To change them, you need manage_users" in page
    assert 'method="post" action="/access' not in page


def test_every_change_is_open_for_accounts_that_can_do_no_more(
    app: Flask, make: Factory, clerk: Console, facts: Callable[[MadeUser], Facts]
) -> None:
    """Else the refusals above would show nothing."""
    for rule, data in CHANGES.items():
        person = make.user(permissions=["view_users"])
        ids = {"user_id": person.id, "session_id": session_of(app, person)}
        ids["client_id"] = app_of(app, make, person)
        if rule.endswith("/activate"):
            console_deactivate(clerk, person)
        lock_out(app, person)
        before = facts(person)
        where = filled_in(rule, **ids)
        page = where if rule.endswith(("user_id>", "/permissions")) else ""
        sent = data | state_on(clerk, page or f"/access/users/{person.id}")
        sent |= {"email": person.email} if "email" in sent else {}
        clerk.get("/access/users")
        assert post(clerk.browser, where, sent).status_code < 400, rule
        assert facts(person) != before, rule


def console_deactivate(console: Console, person: MadeUser) -> None:
    where = f"/access/users/{person.id}/deactivate"
    assert console.send(where).status_code == 303


def role_ids(app: Flask, names: Iterable[str]) -> list[str]:
    with app.app_context():
        return [str(role.id) for role in catalogue.list_roles() if role.name in names]


def permission_ids(app: Flask, names: Iterable[str]) -> list[str]:
    with app.app_context():
        every = catalogue.list_permissions()
        return [str(p.id) for p in every if p.name in names]


@pytest.mark.parametrize("target", ["themselves", "somebody else"])
def test_nobody_gives_what_they_do_not_hold(
    app: Flask, make: Factory, clerk: Console, target: str
) -> None:
    make.role("Auditor", ["view_audit_log"])
    person = clerk.person if target == "themselves" else make.user()
    where = f"/access/users/{person.id}/permissions"
    kept = permission_ids(app, CLERK) if target == "themselves" else []
    for given in (
        {"roles": role_ids(app, ["Administrator"])},
        {"roles": role_ids(app, ["Auditor"])},
        {"permissions": [*kept, *permission_ids(app, ["manage_system"])]},
    ):
        answer = clerk.send(where, {"permissions": kept} | given, action=f"{where}$")
        assert answer.status_code == 403
        assert "You cannot give" in answer.text
    with app.app_context():
        held = permission_names(person.id)
    assert held == (set(CLERK) if target == "themselves" else set())


def test_nobody_is_created_with_a_role_beyond_the_creator(
    app: Flask, make: Factory, clerk: Console
) -> None:
    make.role("Helper", ["view_users"])
    new = "/access/users/new"
    values = {"email": "new@example.com", "roles": role_ids(app, ["Administrator"])}
    assert clerk.send(new, values, action=new).status_code == 403
    with app.app_context():
        assert not db.session.scalar(select(User).where(User.email == values["email"]))
    page = clerk.get(new).text
    assert page.count(" disabled") == 1
    assert "which you do not hold yourself" in page
    values["roles"] = role_ids(app, ["Helper"])
    assert clerk.send(new, values, action=new).status_code == 200


def test_a_session_of_somebody_else_is_not_found_under_this_person(
    app: Flask, make: Factory, clerk: Console
) -> None:
    victim, other = make.user(), make.user()
    session_id = session_of(app, victim)
    clerk.get("/access/users")
    where = f"/access/users/{other.id}/sessions/{session_id}/end"
    assert post(clerk.browser, where).status_code == 404
    with app.app_context():
        assert len(list_sessions(victim.id)) == 1


def test_what_was_lost_meanwhile_counts_at_once(
    app: Flask, make: Factory, clerk: Console
) -> None:
    """The form was open when the permission was taken away."""
    person = make.user()
    where = f"/access/users/{person.id}"
    clerk.get(where)
    filled = clerk.filled({"name": "Late"}, action=f"{where}$")
    boss = Console.of_administrator(app, make)
    own = f"/access/users/{clerk.person.id}/permissions"
    kept = permission_ids(app, ["view_users"])
    assert boss.send(own, {"permissions": kept}, action=f"{own}$").status_code == 303
    answer = clerk.send_again(filled, hx=True)
    assert answer.status_code == 403
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text
    boss_signs_out = f"/access/users/{clerk.person.id}/sign-out"
    assert boss.send(boss_signs_out).status_code == 303
    answer = clerk.send_again(filled, hx=True)
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (401, True)


# On SQLite one writes at a time: nobody is given anything meanwhile.
@pytest.mark.parametrize("database", DATABASES[1:], indirect=True)
@pytest.mark.parametrize("change", CHANGES)
def test_who_becomes_stronger_this_moment_is_stronger(
    app: Flask,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
    facts: Callable[[MadeUser], Facts],
    change: str,
) -> None:
    clerk = Console.of(make.user(permissions=CLERK), app, make)
    person = make.user(permissions=["view_users"])
    Console.of(person, app, make)
    (session_id,) = facts(person)[-3]
    where = filled_in(
        change,
        user_id=person.id,
        session_id=session_id,
        client_id=app_of(app, make, person),
    )
    data = CHANGES[change] | (state_on(clerk, where) if change in WITH_STATE else {})

    def promote() -> None:
        with app.app_context():
            row = db.session.get_one(User, person.id)
            give(user_holder(row), roles=["Administrator"])
            db.session.commit()
            before.append(facts(person))

    def lock_late(user: User) -> User:
        with ThreadPoolExecutor(1) as another:
            another.submit(promote).result(timeout=30)
        return lock(user)

    before: list[Facts] = []
    clerk.get("/access/users")
    monkeypatch.setattr(people, "lock", lock_late)
    assert post(clerk.browser, where, data).status_code == 403
    assert [facts(person)] == before
