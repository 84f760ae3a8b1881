"""Names in the audit log: looked for so far and no further, and the page says so."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.audit.event_search import LOOKED_THROUGH
from app.audit.models import AuditEvent
from app.database import new_id
from app.extensions import db
from app.web.counting import ENOUGH
from tests.factories import Factory
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse

AUDIT = "/audit"
START = datetime(2026, 3, 1, tzinfo=UTC)
RARE = "Renamed Meanwhile"
ON = "Search further back"


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def fill(app: Flask, count: int, **values: Any) -> None:
    """Put many events into the log, a second apart, after a rare one."""
    usual = {
        "action": "client.updated",
        "actor_kind": "command",
        "actor_label": "many",
        "subject_kind": "client",
        "details": {},
    }
    rare = usual | {"subject_label": RARE, "subject_id": new_id()}
    events = [
        usual
        | {"subject_label": f"App {number}", "subject_id": None}
        | values
        | {"id": new_id(), "happened_at": START + timedelta(seconds=number)}
        for number in range(1, count + 1)
    ]
    with app.app_context():
        first = rare | {"id": new_id(), "happened_at": START}
        db.session.execute(insert(AuditEvent), [first, *events])
        db.session.commit()


def listed(page: Any) -> list[str]:
    """Return what the events of a page are about."""
    tables = parse(page.text).all("table", id="event-rows")
    rows = tables[0].one("tbody").all("tr") if tables else []
    return [row.all("p")[0].all("bdi")[1].text for row in rows]


def link(page: Any, words: str) -> Element | None:
    links = [a for a in parse(page.text).all("a") if a.text == words]
    return links[0] if links else None


def test_a_rare_name_is_looked_for_so_far_and_further_on_request(
    app: Flask, console: Console
) -> None:
    fill(app, LOOKED_THROUGH)
    page = console.get(f"{AUDIT}?subject=renamed&until=2026-03-31")
    assert listed(page) == []
    assert "No matching events so far" in page.text
    said = "Searched 10,000 events, back to 1 March 2026, 00:00:00 UTC."
    assert said in parse(page.text).text
    on = link(page, ON)
    assert on is not None
    assert on["hx-get"] == on["href"]
    page = console.get(on["href"])
    assert listed(page) == [RARE]
    assert link(page, ON) is None
    back = link(page, "Back to the newest events")
    assert back is not None
    assert "up_to" not in back["href"]
    assert "subject=renamed" in back["href"]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("subject=renamed", False),
        ("actor=man&kind=client", False),
        ("kind=client&action=client.updated", False),
        ("subject=renamed&until=2026-02-28", True),
        ("subject=renamed&action=client.deleted", True),
        ("action=client.deleted&kind=client", True),
    ],
)
def test_what_an_index_leaves_is_looked_through(
    app: Flask, console: Console, query: str, is_found: bool
) -> None:
    """Filters that an index answers narrow what is looked at."""
    after = timedelta(days=1)
    fill(app, LOOKED_THROUGH)
    with app.app_context():
        rare = {"subject_label": RARE, "action": "client.deleted"}
        usual = {"actor_kind": "command", "actor_label": "many"}
        events = [
            {"happened_at": START - after, "subject_kind": "client", **usual, **rare},
            {
                "happened_at": START + after,
                "subject_kind": "role",
                "subject_label": "Clerk",
                "action": "client.updated",
                **usual,
            },
        ]
        db.session.execute(
            insert(AuditEvent), [event | {"id": new_id()} for event in events]
        )
        db.session.commit()
    page = console.get(f"{AUDIT}?{query}&page=999999")
    assert (RARE in listed(page)) is is_found
    assert ("Searched 10,000 events" in page.text) is not is_found


def test_an_id_and_a_single_filter_find_all(app: Flask, console: Console) -> None:
    fill(app, LOOKED_THROUGH, action="client.enabled")
    for query in ("action=client.updated", "ip=192.0.2.7"):
        page = console.get(f"{AUDIT}?{query}")
        assert "Searched" not in page.text
    assert listed(console.get(f"{AUDIT}?action=client.updated")) == [RARE]
    with app.app_context():
        rare = db.session.query(AuditEvent).filter_by(subject_label=RARE).one()
        subject_id = rare.subject_id
    assert listed(console.get(f"{AUDIT}?subject={subject_id}")) == [RARE]


def test_a_list_that_ends_goes_on_with_its_last_event(
    app: Flask, console: Console
) -> None:
    fill(app, ENOUGH + 30)
    first = console.get(f"{AUDIT}?actor=many")
    assert link(first, ON) is None, "there are other pages first"
    last = console.get(f"{AUDIT}?actor=many&page=999999")
    assert "of more than 1,000 events. The list ends here" in parse(last.text).text
    on = link(last, ON)
    assert on is not None
    page = console.get(on["href"])
    assert listed(page)[0] == listed(last)[-1] == "App 31"
    assert listed(page)[1] == "App 30"
    rest = console.get(f"{on['href']}&page=2")
    assert listed(rest)[-1] == RARE
    assert (
        "Events from 1 March 2026, 00:00:31 UTC and earlier." in parse(rest.text).text
    )


def test_a_download_has_what_was_not_looked_at(app: Flask, console: Console) -> None:
    fill(app, LOOKED_THROUGH)
    address = f"{AUDIT}?subject=renamed"
    answer = console.send(address, {"format": "jsonl"}, action=r"/audit/export")
    (line,) = answer.text.splitlines()
    assert json.loads(line)["subject_label"] == RARE
    # Where the look began does not narrow it either.
    address = f"{AUDIT}?subject=App+9999&up_to=2026-02-01T00:00:00Z"
    answer = console.send(address, {"format": "jsonl"}, action=r"/audit/export")
    assert json.loads(answer.text)["subject_label"] == "App 9999"


def test_a_look_costs_two_statements_and_ends(app: Flask, console: Console) -> None:
    fill(app, LOOKED_THROUGH)
    with count_statements(app) as statements:
        console.get(f"{AUDIT}?actor=nobody-is-called-so&kind=client")
    asked = [s for s in statements if "audit_events" in s]
    assert len(asked) == 2
    assert "actor_label" not in asked[0]
    assert "happened_at > " in asked[1]
