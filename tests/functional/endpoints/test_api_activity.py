"""`/clients/…/activity` of an app with a long past: bounded, and read to its end."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.audit.models import AuditEvent
from app.database import new_id
from app.extensions import db
from app.web.counting import ENOUGH
from tests.factories import Factory
from tests.support.api_caller import Caller, is_problem, with_permissions
from tests.support.databases import count_statements

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def caller(app: Flask) -> Caller:
    return with_permissions(app, ["manage_system"])


def fill(app: Flask, client_id: str, count: int) -> None:
    """Let as much be done to an app as by it, and some by it to itself."""
    own = uuid.UUID(client_id)
    events = [
        {
            "id": new_id(),
            "happened_at": START + timedelta(seconds=number),
            "action": "client.updated",
            "actor_kind": "client",
            "actor_id": None if number % 3 == 0 else own,
            "actor_label": f"Number {number}",
            "subject_kind": "client",
            "subject_id": None if number % 3 == 1 else own,
            "subject_label": "App",
            "details": {},
        }
        for number in range(count)
    ]
    with app.app_context():
        db.session.execute(insert(AuditEvent), events)
        db.session.commit()


def numbers(page: dict[str, Any]) -> list[int]:
    labels = [event["actor"]["label"] for event in page["events"]]
    return [int(label.split()[1]) for label in labels if label.startswith("Number")]


def test_the_list_ends_and_goes_on_from_its_last_event(
    app: Flask, caller: Caller, make: Factory
) -> None:
    client = make.client()
    address = f"/clients/{client.id}/activity"
    fill(app, client.id, ENOUGH + 500)

    def page(**query: Any) -> dict[str, Any]:
        found: dict[str, Any] = caller.get(address, query_string=query).get_json()
        return found

    first = page(per_page=100)
    assert (first["total"], first["pages"]) == (ENOUGH, 10)
    seen = [
        number for n in range(1, 11) for number in numbers(page(page=n, per_page=100))
    ]
    newest = ENOUGH + 499
    made = ENOUGH - len(seen)
    assert made <= 3, "what made the app happened later"
    assert seen == [*range(newest, newest - len(seen), -1)]
    assert page(page=11, per_page=100)["events"] == []
    assert len(page(page=15, per_page=70)["events"]) == ENOUGH - 14 * 70
    end = page(page=10, per_page=100)["events"][-1]["happened_at"]
    rest = page(per_page=100, up_to=end)
    assert rest["total"] == seen[-1] + 1
    assert numbers(rest)[0] == seen[-1]
    assert numbers(page(page=rest["pages"], per_page=100, up_to=end))[-1] == 0


def test_a_short_past_is_counted_in_full(caller: Caller, make: Factory) -> None:
    client = make.client()
    page = caller.get(f"/clients/{client.id}/activity").get_json()
    assert page["total"] == len(page["events"]) > 0
    assert page["pages"] == 1


@pytest.mark.parametrize(
    "up_to",
    [
        "yesterday",
        "2026-03-01T00:00:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:00:00-05:00",
    ],
)
def test_only_a_moment_will_do(caller: Caller, make: Factory, up_to: str) -> None:
    address = f"/clients/{make.client().id}/activity"
    response = caller.get(address, query_string={"up_to": up_to})
    assert "up_to" in is_problem(response, 422)["errors"]


def test_what_is_read_has_a_bound(app: Flask, caller: Caller, make: Factory) -> None:
    """Each side is read off the end of its index, and so is what is counted."""
    client = make.client()
    with count_statements(app) as statements:
        caller.get(f"/clients/{client.id}/activity")
    asked = [s for s in statements if "FROM audit_events" in s]
    assert len(asked) == 2
    for statement in asked:
        # What was done to it, by it and by people through it, and the page.
        assert statement.count("LIMIT") == 4
        assert " OR " not in statement
