"""Cases that people opened are looked into and closed, with a reason, for good."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.services import record
from app.clients.models import Client
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.markup import parse
from tests.support.racing import at_once

CLOSED = "consent.dispute_closed"
REASON = "The password was in a <b>leak</b>; both are changed."
Report = Callable[..., str]


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def client(make: Factory, console: Console) -> MadeClient:
    return make.client(name="Invoice Sync", owner=console.person)


@pytest.fixture
def report(app: Flask, client: MadeClient) -> Report:
    """Let somebody report the app, and return the case's number."""

    def report(name: str = "Grace Hopper") -> str:
        number = uuid.uuid4().hex[:12]
        with app.app_context():
            actor = Actor(kind="user", id=uuid.uuid4(), label=name, reference_id=number)
            record(
                actor=actor,
                action="consent.disputed",
                subject_kind="client",
                subject_id=uuid.UUID(client.id),
                subject_label="Invoice Sync",
                details={"scope": "view_users", "allowed_from": ["192.0.2.7"]},
            )
            db.session.commit()
        return number

    return report


def page_of(number: str) -> str:
    return f"/developer/cases/{number}"


def close(console: Console, number: str, *, hx: bool = False) -> TestResponse:
    page = page_of(number)
    return console.send(page, {"reason": REASON}, action=f"{page}$", hx=hx)


def closings(app: Flask) -> list[AuditEvent]:
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action == CLOSED)
        return list(db.session.scalars(query))


def is_hinted_at(console: Console, client: MadeClient) -> bool:
    start = console.get("/developer").text
    overview = console.get(f"/developer/apps/{client.id}").text
    words = "reported that they did not allow this app"
    assert (words in start) == (words in overview)
    return words in start


@pytest.mark.parametrize("hx", [False, True])
def test_closing_a_case_ends_its_hint_and_is_an_event(
    app: Flask, console: Console, client: MadeClient, report: Report, hx: bool
) -> None:
    number = report()
    assert is_hinted_at(console, client)
    page = console.get(page_of(number)).text
    for fact in ("Grace Hopper", "view_users", "192.0.2.7", number):
        assert fact in page
    answer = close(console, number, hx=hx)
    assert answer.status_code == (200 if hx else 303)
    page = answer.text if hx else console.get(page_of(number)).text
    assert "The case is closed." in page
    assert "a &lt;b&gt;leak&lt;/b&gt;; both" in page
    assert not is_hinted_at(console, client)
    (event,) = closings(app)
    assert (event.actor_id, str(event.subject_id)) == (console.person.id, client.id)
    assert event.details == {"case": number, "reason": REASON}


def test_another_case_of_the_app_stays_open(
    console: Console, client: MadeClient, report: Report
) -> None:
    first, second = report("Bob"), report("Alan")
    page = parse(console.get(page_of(first)).text)
    assert page.one("a", href=page_of(second)).text == "Alan"
    close(console, second)
    assert is_hinted_at(console, client)
    assert page_of(second) not in console.get(page_of(first)).text
    close(console, first)
    assert not is_hinted_at(console, client)


@pytest.mark.parametrize("reason", ["", "   ", "\u200b", "two\nlines", "x" * 301])
def test_a_case_is_not_closed_without_a_reason(
    app: Flask, console: Console, report: Report, reason: str
) -> None:
    number = report()
    page = page_of(number)
    answer = console.send(page, {"reason": reason}, action=f"{page}$")
    assert answer.status_code == 422
    assert closings(app) == []


def test_a_case_is_closed_once(app: Flask, console: Console, report: Report) -> None:
    number = report()
    console.get(page_of(number))
    filled = console.filled({"reason": REASON}, action=page_of(number))
    answers = at_once([lambda: console.send_again(filled).status_code] * 2)
    assert sorted(answers) == [303, 409]
    assert console.send_again(filled).status_code == 409
    assert len(closings(app)) == 1


def test_only_those_who_see_the_hint_open_and_close_a_case(
    app: Flask, console: Console, make: Factory, report: Report
) -> None:
    number = report()
    console.get(page_of(number))
    address, data = console.filled({"reason": REASON}, action=page_of(number))
    auditor = make.user(permissions=["view_audit_log", "manage_users"])
    other = Console.of(auditor, app, make)
    assert other.get(address).status_code == 403
    other.get("/audit")
    data["csrf_token"] = other.browser.form()["fields"]["csrf_token"][0]
    assert other.send_again((address, data)).status_code == 403
    assert "See the case" not in other.get("/audit?action=consent.disputed").text
    assert closings(app) == []
    for nobody in ("nothing", number.upper() + "x", "%00"):
        assert console.get(page_of(nobody)).status_code in {400, 404}


def test_the_log_is_narrowed_to_open_or_closed_cases(
    console: Console, report: Report
) -> None:
    opened, closed = report("Grace"), report("Alan")
    close(console, closed)
    for query, numbers in (
        ("", {opened, closed}),
        ("&case=open", {opened}),
        ("&case=closed", {closed}),
        ("&case=junk", {opened, closed}),
    ):
        page = parse(console.get(f"/audit?action=consent.disputed{query}").text)
        rows = page.one("table", id="event-rows")
        links = {a["href"] for a in rows.all("a") if a.text == "See the case"}
        assert links == {page_of(number) for number in numbers}, query
    # Other events are no cases, open or not.
    assert "closed the case" in console.get("/audit?case=open").text


def test_a_case_about_an_app_in_the_trash_is_closed_too(
    app: Flask, console: Console, client: MadeClient, report: Report
) -> None:
    number = report()
    with app.app_context():
        row = db.session.get_one(Client, uuid.UUID(client.id))
        row.deleted_at = utcnow()
        db.session.commit()
    assert close(console, number).status_code == 303
    assert len(closings(app)) == 1
