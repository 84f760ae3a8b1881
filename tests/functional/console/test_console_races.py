"""Several who touch the same thing at the same moment, in an order that is set.

Another transaction holds a row until all of them wait for it, which takes PostgreSQL:
SQLite lets one write at a time.
"""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.access import catalogue, services
from app.access.effective import direct_permissions, held_roles, permission_names
from app.access.escalation import UNLIMITED
from app.access.holders import find_holder
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory
from tests.support.api_caller import with_permissions
from tests.support.console import Console
from tests.support.databases import DATABASES, Database
from tests.support.markup import parse
from tests.support.racing import while_another

pytestmark = pytest.mark.parametrize(
    "database", DATABASES[1:], indirect=True, scope="session"
)

ROLES, PERMISSIONS = "/access/roles", "/access/roles/permissions"
#: What every change waits for that could leave nobody in charge.
ADMINISTRATING = (
    "SELECT FROM permissions WHERE name = 'manage_system' FOR NO KEY UPDATE"
)
Form = tuple[str, dict[str, object]]


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def pressing(console: Console, form: Form) -> Callable[[], TestResponse]:
    """Return what sends a form by a connection of its own, with the same cookie."""
    client = console.browser.app.test_client()
    client._cookies.update(console.browser.client._cookies)
    return partial(client.post, form[0], data=form[1])


def form_at(console: Console, page: str, action: str, **values: object) -> Form:
    assert console.get(page).status_code == 200
    return console.filled(values, action=action)


def statuses(answers: list[TestResponse]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def count_events(app: Flask, action: str) -> int:
    with app.app_context():
        query = select(func.count()).where(AuditEvent.action == action)
        return db.session.scalar(query) or 0


def test_a_role_that_three_delete_is_deleted_once(
    app: Flask, database: Database, make: Factory, console: Console
) -> None:
    role = make.role("Clerk", ["view_users", "view_orders"])
    form = form_at(console, f"{ROLES}/{role.id}/delete", "/delete$")
    tries = [pressing(console, form) for _ in range(3)]
    answers = while_another(database, ADMINISTRATING, {}, tries)
    assert statuses(answers) == [303, 404, 404]
    assert count_events(app, "role.deleted") == 1
    assert "else has deleted this" in answers[-1].text


def test_a_permission_that_three_delete_is_deleted_once(
    app: Flask, database: Database, make: Factory, console: Console
) -> None:
    key = make.permission("view_orders")
    form = form_at(console, f"{PERMISSIONS}/{key}/delete", "/delete$")
    answers = while_another(
        database,
        "SELECT FROM permissions WHERE id = %(id)s FOR KEY SHARE",
        {"id": key},
        [pressing(console, form) for _ in range(3)],
    )
    assert statuses(answers) == [303, 404, 404]
    assert count_events(app, "permission.deleted") == 1


@pytest.mark.parametrize("kind", ["roles", "permissions"])
def test_what_is_saved_while_somebody_deletes_it_is_not_there(
    database: Database, make: Factory, console: Console, kind: str
) -> None:
    if kind == "roles":
        where = f"{ROLES}/{(key := make.role('Clerk').id)}"
    else:
        where = f"{PERMISSIONS}/{(key := make.permission('view_orders'))}"
    form = form_at(console, where, f"{where}$", description="New")
    delete = f"DELETE FROM {kind} WHERE id = %(id)s"
    tries = [pressing(console, form)]
    (answer,) = while_another(database, delete, {"id": key}, tries)
    assert answer.status_code == 404
    assert "else has deleted this" in answer.text


def save_while_one_is_deleted(
    database: Database, console: Console, where: str, key: uuid.UUID, **values: object
) -> TestResponse:
    """Send a role's form while somebody deletes the permission `key`."""
    form = form_at(console, where, f"{where}$", **values)
    delete = "DELETE FROM permissions WHERE id = %(id)s"
    tries = [pressing(console, form)]
    return while_another(database, delete, {"id": key}, tries)[0]


@pytest.mark.parametrize("is_new", [False, True])
def test_a_role_is_not_given_what_somebody_deletes(
    app: Flask, database: Database, make: Factory, console: Console, is_new: bool
) -> None:
    where = f"{ROLES}/new" if is_new else f"{ROLES}/{make.role('Old').id}"
    key = make.permission("view_orders")
    values = {"name": "Clerk", "permissions": [str(key)]}
    answer = save_while_one_is_deleted(database, console, where, key, **values)
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "One of these permissions has been deleted" in page.one(role="alert").text
    # What was typed is there, for another try.
    assert page.one("input", id="name")["value"] == "Clerk"
    assert "view_orders" not in page.one("form", action=where).text


def test_whoever_takes_what_somebody_deletes_is_told_that_it_is_gone(
    app: Flask,
    database: Database,
    make: Factory,
    console: Console,
    caplog: pytest.LogCaptureFixture,
) -> None:
    role, key = make.role("Clerk", ["view_orders"]), make.permission("view_bills")
    with app.app_context():
        taken = catalogue.find_permission("view_orders")
        assert taken
        deleted = taken.id
    answer = save_while_one_is_deleted(
        database,
        console,
        f"{ROLES}/{role.id}",
        deleted,
        permissions=[str(key)],
        description="pasted-gps-secret",
    )
    assert answer.status_code == 409
    assert parse(answer.text).one("h1").text == "Somebody else changed this first"
    reference = answer.headers["X-Reference-Id"]
    assert reference in answer.text
    assert reference in caplog.text
    assert "update_role" in caplog.text
    assert "pasted-gps-secret" not in caplog.text
    with app.app_context():
        found = catalogue.find_role("Clerk")
        assert found
        assert (found.description, found.permissions) == ("", [])


def test_a_role_is_given_while_it_is_saved(
    app: Flask, database: Database, make: Factory, console: Console
) -> None:
    role, person = make.role("Clerk", ["view_orders"]), make.user()
    page = f"/access/users/{person.id}/permissions"
    given = form_at(console, page, "/permissions$", roles=[str(role.id)])
    where = f"{ROLES}/{role.id}"
    # A new name locks those out who refer to the role.
    values = {"name": "Seller", "permissions": []}
    saved = form_at(console, where, f"{where}$", **values)
    tries = [pressing(console, given), pressing(console, saved)]
    answers = while_another(database, ADMINISTRATING, {}, tries)
    assert statuses(answers) == [303, 303]
    with app.app_context():
        assert [role.name for role in held_roles(person.id)] == ["Seller"]
        assert permission_names(person.id) == frozenset()


def test_what_an_app_holds_is_what_one_of_two_wanted(
    app: Flask, database: Database, make: Factory
) -> None:
    caller, made = with_permissions(app, ["manage_system"]), make.client("Target")
    names = ["view_orders", "view_bills"]
    for name in names:
        make.permission(name)
    tries = [
        partial(
            caller.put,
            f"/clients/{made.id}/permissions",
            json={"roles": [], "permissions": [name]},
        )
        for name in names
    ]
    answers = while_another(database, ADMINISTRATING, {}, tries)
    assert statuses(answers) == [200, 200]
    with app.app_context():
        held = direct_permissions(uuid.UUID(made.id))
        assert [permission.name for permission in held] == ["view_bills"]


def test_an_app_that_somebody_deletes_is_given_nothing(
    app: Flask, database: Database, make: Factory
) -> None:
    caller, made = with_permissions(app, ["manage_system"]), make.client("Target")
    wanted = {"roles": [], "permissions": ["view_users"]}
    put = partial(caller.put, f"/clients/{made.id}/permissions", json=wanted)
    delete = "UPDATE clients SET deleted_at = now() WHERE id = %(id)s"
    (answer,) = while_another(database, delete, {"id": made.id}, [put])
    assert answer.status_code == 409
    assert "in the trash" in answer.get_json()["detail"]


def test_an_old_password_sets_one_new_one(
    app: Flask,
    database: Database,
    make: Factory,
    configure: Callable[..., None],
) -> None:
    # Counting tries makes them wait for each other too, but not for that purpose.
    configure(ratelimit_enabled=False)
    person = make.user()
    console, tries = Console.of(person, app, make), []
    for number in range(3):
        new = f"a brand new password {number}"
        values = {"password": new, "repeated": new}
        values["current_password"] = person.password
        page = "/account/security"
        form = form_at(console, page, "/password$", **values)
        tries.append(pressing(console, form))
    user = "SELECT FROM users WHERE id = %(id)s FOR NO KEY UPDATE"
    answers = while_another(database, user, {"id": person.id}, tries)
    assert [answer.status_code for answer in answers] == [303, 422, 422]
    assert "Wrong password." in answers[1].text
    assert count_events(app, "user.password_changed") == 1
    assert count_events(app, "user.password_refused") == 2


def test_nobody_takes_over_an_account_that_is_being_given_more(
    app: Flask, database: Database, make: Factory
) -> None:
    manager = make.user(permissions=["view_users", "manage_users"])
    person = make.user()
    console = Console.of(manager, app, make)
    form = form_at(console, f"/access/users/{person.id}/reset", "/reset$")

    def give() -> None:
        with app.app_context():
            holder = find_holder(person.email)
            role = catalogue.find_role("Administrator")
            assert holder
            assert role
            services.assign_role(
                actor=SERVER, powers=UNLIMITED, holder=holder, role=role
            )
            db.session.commit()

    # It keeps the giver from ending, who has locked the person by then.
    another = "SELECT FROM roles WHERE name = 'Administrator' FOR UPDATE"
    tries = [give, pressing(console, form)]
    _, answer = while_another(database, another, {}, tries)
    assert isinstance(answer, TestResponse)
    assert answer.status_code == 403
