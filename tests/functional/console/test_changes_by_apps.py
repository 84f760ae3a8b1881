"""What apps did on a person's behalf is theirs by id, whatever anybody is called."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.services import record
from app.clients.queries import find_client
from app.clock import utcnow
from app.database import new_id
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.api_caller import delegable
from tests.support.console import Console
from tests.support.markup import parse
from tests.support.parties import Parties
from tests.support.query_plans import plan, selects
from tests.support.relying_party import RelyingParty

SCOPE = "manage_users view_users"
NONE = "No changes recorded"


@pytest.fixture
def person(app: Flask, make: Factory) -> Iterator[MadeUser]:
    with delegable(app, "manage_users"):
        yield make.user("ada@example.com", name="Ada", permissions=SCOPE.split())


@pytest.fixture
def first(parties: Parties, person: MadeUser) -> RelyingParty:
    return parties.confidential(user=person, name="Twin", description="The first")


@pytest.fixture
def second(parties: Parties, person: MadeUser) -> RelyingParty:
    return parties.confidential(user=person, name="Twin", description="The second")


def makes(app: Flask, party: RelyingParty, *names: str) -> None:
    """Let an app make people on the person's behalf."""
    token = party.tokens(scope=SCOPE)["access_token"]
    for name in names:
        made = app.test_client().post(
            "/api/v1/users",
            json={"email": f"{name.lower()}@example.com", "name": name},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert made.status_code == 201, made.text


def rename(app: Flask, person: MadeUser, party: RelyingParty) -> None:
    """Give the person and the app other names."""
    with app.app_context():
        db.session.get_one(User, person.id).name = "Countess of Lovelace"
        client = find_client(party.client_id)
        assert client is not None
        client.name = "Another Name"
        db.session.commit()


def last_change(party: RelyingParty) -> str:
    """Return what Connected apps says that this app did last."""
    page = parse(party.browser.get("/account/apps").text)
    (card,) = (c for c in page.all("article") if description_of(party) in c.text)
    names, values = card.all("dt"), card.all("dd")
    facts = {n.text: v.text for n, v in zip(names, values, strict=True)}
    return facts["Last change by the app"]


def description_of(party: RelyingParty) -> str:
    with party.browser.client.application.app_context():
        client = find_client(party.client_id)
        assert client is not None
        return client.description


def activity(console: Console, party: RelyingParty) -> TestResponse:
    return console.get(f"/developer/apps/{party.client_id}/activity")


def test_it_is_told_after_the_app_and_the_person_were_renamed(
    app: Flask, person: MadeUser, first: RelyingParty
) -> None:
    makes(app, first, "Grace")
    rename(app, person, first)
    assert "Grace" in last_change(first)


def test_two_apps_of_one_name_are_told_apart(
    app: Flask, first: RelyingParty, second: RelyingParty
) -> None:
    second.allow(scope=SCOPE)
    makes(app, first, "Grace")
    assert "Grace" in last_change(first)
    assert last_change(second) == NONE
    makes(app, second, "Edsger")
    assert "Edsger" in last_change(second)
    assert "Grace" in last_change(first)


def test_what_a_person_did_themselves_is_no_apps(
    app: Flask, person: MadeUser, first: RelyingParty
) -> None:
    """Even if what they are called says otherwise."""
    first.allow(scope=SCOPE)
    with app.app_context():
        actor = Actor(kind="user", id=person.id, label="Ada (by Twin)")
        record(actor=actor, action="user.updated", subject_kind="user")
        db.session.commit()
    assert last_change(first) == NONE


def test_what_it_did_for_another_person_is_not_told(
    app: Flask, parties: Parties, make: Factory, first: RelyingParty
) -> None:
    first.allow(scope=SCOPE)
    other = make.user(name="Ada", permissions=SCOPE.split())
    theirs = RelyingParty(
        parties.browser_of(other), first.client_id, first.client_secret
    )
    makes(app, theirs, "Grace")
    assert last_change(first) == NONE


def test_a_busy_app_hides_no_other(
    app: Flask, first: RelyingParty, second: RelyingParty
) -> None:
    makes(app, first, "Grace")
    makes(app, second, *(f"Person{number}" for number in range(61)))
    assert "Grace" in last_change(first)
    assert "Person60" in last_change(second)


def test_the_activity_of_an_app_has_what_people_did_by_it(
    app: Flask,
    make: Factory,
    person: MadeUser,
    first: RelyingParty,
    second: RelyingParty,
) -> None:
    makes(app, first, "Grace")
    rename(app, person, first)
    console = Console.of_administrator(app, make)
    assert "Ada (by Twin)" in activity(console, first).text
    assert "Ada (by Twin)" not in activity(console, second).text


def test_each_is_found_by_an_index(
    app: Flask, make: Factory, person: MadeUser, first: RelyingParty
) -> None:
    makes(app, first, "Grace")
    fill(app, person, first)
    console = Console.of_administrator(app, make)
    for ask in (lambda: activity(console, first), lambda: last_change(first)):
        with selects(app) as asked:
            ask()
        steps = [step for question in by_app(asked) for step in plan(app, *question)]
        # Which of the two is cheaper, the database knows by what it has counted.
        assert any("ix_audit_events_via_client" in step for step in steps), steps


def fill(app: Flask, person: MadeUser, party: RelyingParty) -> None:
    """Add what the app did for many, among more that the person did without it."""
    now, client_id = utcnow(), uuid.UUID(party.client_id)
    events = [
        {
            "id": new_id(),
            "happened_at": now - timedelta(seconds=number),
            "action": "user.updated",
            "actor_kind": "user",
            "actor_id": person.id if number % 50 else uuid.uuid4(),
            "actor_label": "Ada",
            "via_client_id": None if number % 50 else client_id,
            "subject_kind": "user",
            "subject_label": "",
            "details": {},
        }
        for number in range(10_000)
    ]
    with app.app_context():
        db.session.execute(insert(AuditEvent), events)
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE audit_events"))
            db.session.commit()


def by_app(asked: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    found = [(sql, values) for sql, values in asked if "via_client_id =" in sql]
    assert found
    return found
