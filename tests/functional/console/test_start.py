"""The start page of Developer: how the server is doing, at a glance."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.clients.models import Client
from app.clock import utcnow
from app.extensions import db
from app.traffic.models import NO_CLIENT, HourlyCount, RefusedRequest, begin_of_hour
from app.traffic.reasons import RefusalReason
from tests.factories import Factory, MadeClient
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse

START = "/developer"
HOSTILE = "<img src=x>\u202e" + "W" * 80


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def card(page: Any, name: str) -> Element:
    """Return one of the page's cards."""
    return parse(page.text).one("section", id=name)


def numbers(page: Any) -> dict[str, str]:
    """Return the numbers at the top by their labels."""
    pairs = parse(page.text).one("dl", class_="numbers").all("div")
    return {pair.one("dt").text: pair.one("dd").text for pair in pairs}


def change(app: Flask, client: MadeClient, **values: Any) -> None:
    with app.app_context():
        row = db.session.get_one(Client, uuid.UUID(client.id))
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()


def counted(app: Flask, client_id: uuid.UUID, at: datetime, **values: int) -> None:
    row = {"tokens": 0, "calls": 0, "refusals": 0} | values
    with app.app_context():
        db.session.add(HourlyCount(client_id=client_id, hour=begin_of_hour(at), **row))
        db.session.commit()


def refused(app: Flask, **values: Any) -> None:
    with app.app_context():
        row = {
            "endpoint": "token",
            "reason": RefusalReason.SECRET_WRONG,
            "fold_key": "k1",
        }
        db.session.add(RefusedRequest(**(row | values)))
        db.session.commit()


def test_an_empty_installation_teaches_the_first_steps(console: Console) -> None:
    page = console.get(START)
    steps = card(page, "steps")
    assert steps.one("a", href="/developer/apps/new").text == "Register an app"
    assert "/oauth/token" in steps.text
    assert "/api/v1/me" in steps.text
    assert parse(page.text).all("figure", class_="plot") == []
    assert parse(page.text).all("dl") == []


def test_the_numbers_that_matter(app: Flask, console: Console, make: Factory) -> None:
    busy = make.client("Busy")
    change(app, busy, last_used_at=utcnow() - timedelta(hours=2))
    change(app, make.client("Idle"), last_used_at=utcnow() - timedelta(days=2))
    change(app, make.client("Gone"), deleted_at=utcnow(), last_used_at=utcnow())
    counted(app, uuid.UUID(busy.id), utcnow(), tokens=1000, calls=234, refusals=1)
    counted(app, NO_CLIENT, utcnow() - timedelta(hours=3), refusals=6)
    counted(app, NO_CLIENT, utcnow() - timedelta(hours=30), refusals=60)
    page = console.get(START)
    top = parse(page.text).one("dl", class_="numbers")
    for link in top.all("a"):
        assert console.get(link["href"]).status_code == 200
    assert [link.text for link in top.all("a")] == [
        "Apps",
        "Apps used in 24 hours",
        "Refused in 24 hours",
        "People",
    ]
    assert numbers(page) == {
        "Apps": "2",
        "Apps used in 24 hours": "1",
        "Granted in 24 hours": "1,234",
        "Refused in 24 hours": "7",
        "People": "1",
    }


def test_the_plot_sums_up_all_apps(app: Flask, console: Console, make: Factory) -> None:
    for client in (make.client("One"), make.client("Two")):
        counted(app, uuid.UUID(client.id), utcnow(), tokens=2, calls=3, refusals=1)
    plot = parse(console.get(START).text).one("figure", id="traffic")
    assert plot.one("p", id="traffic-sum").text == "10 granted, 2 refused"
    last = plot.one("tbody").all("tr")[-1]
    assert [cell.text for cell in last.all("td")] == ["10", "2"]


def test_without_keys_it_says_which_command_makes_them(
    console: Console, configure: Callable[..., None]
) -> None:
    configure(passport_private_key="", passport_public_key="")
    page = console.get(START)
    assert "No token can be issued" in page.text
    assert "flask passport:keys" in page.text


def test_the_latest_refusals_lead_to_their_explanation(
    app: Flask, console: Console, make: Factory
) -> None:
    client = make.client("Nightly")
    refused(app, client_id=uuid.UUID(client.id), count=1200)
    refused(app, fold_key="k2", endpoint="api", last_seen_at=utcnow() - timedelta(1))
    refused(app, fold_key="k3", reason="put_aside", dismissed_at=utcnow())
    lines = card(console.get(START), "refused")
    first, second = (row.text for row in lines.all("li"))
    wrong = "The secret is wrong."
    assert first == f"Nightly · Token, 1,200 times: {wrong} just now"
    assert second == f"Unknown app · API: {wrong} 1 day ago"
    app_link, *explained, everything = lines.all("a")
    assert app_link["href"] == f"/developer/apps/{client.id}/activity/refused"
    assert [link["href"] for link in explained] == [
        "/developer/refused#refusal-k1",
        "/developer/refused#refusal-k2",
    ]
    assert everything["href"] == "/developer/refused"


def test_a_refusal_with_a_reference_leads_to_its_row_alone(
    console: Console, make: Factory
) -> None:
    client = make.client("Nightly")
    for secret in ("wrong", client.secret + "x"):
        console.browser.client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client.id, secret),
        )
    console.browser.client.post(
        "/oauth/token", data={"grant_type": "x"}, auth=(client.id, client.secret)
    )
    lines = card(console.get(START), "refused").all("li")
    for line in lines:
        shown = parse(console.get(line.all("a")[-1]["href"]).text)
        (only,) = shown.all("article")
        assert only.one("h2").text in line.text


def test_the_latest_changes_are_told_without_everyday_events(
    console: Console, make: Factory
) -> None:
    make.client("Nightly")
    page = console.get(START)
    lines = [row.text for row in card(page, "changes").all("li")]
    assert any("Gatepass registered the app Nightly" in line for line in lines)
    assert not any("signed in" in line for line in lines)
    assert card(page, "changes").one("a", href="/audit")


def test_the_log_is_offered_only_to_those_who_may_open_it(
    make: Factory, browser: Browser
) -> None:
    make.client("Nightly")
    person = make.user(permissions=["manage_system"])
    browser.sign_in(person.email, person.password)
    page = browser.get(START)
    assert page.status_code == 200
    assert 'href="/audit"' not in page.text
    assert 'href="/access/users"' not in page.text


def fill(app: Flask, count: int) -> None:
    """Make so many apps without a secret, each refused, all with awkward names."""
    with app.app_context():
        now = utcnow()
        ids = [uuid.uuid4() for _ in range(count)]
        db.session.execute(
            insert(Client),
            [
                {
                    "id": id_,
                    "name": HOSTILE[:100],
                    "grant_types": ["client_credentials"],
                    "created_at": now - timedelta(days=30),
                    "disabled_at": now if number % 2 else None,
                }
                for number, id_ in enumerate(ids)
            ],
        )
        db.session.execute(
            insert(RefusedRequest),
            [
                {
                    "client_id": id_,
                    "fold_key": id_.hex[:16],
                    "endpoint": "authorize",
                    "reason": "redirect_uri_unknown",
                    "facts": {},
                    "count": 10**12,
                }
                for id_ in ids
            ],
        )
        db.session.commit()


def test_the_page_weighs_little_and_asks_few_questions(
    app: Flask, console: Console
) -> None:
    asked = []
    for count in (1, 100):
        fill(app, count)
        with count_statements(app) as statements:
            page = console.get(START)
        asked.append(len([s for s in statements if "SELECT" in s]))
    assert asked[0] == asked[1] <= 16
    assert len(page.data) < 30 * 1024
    assert "<img src=x" not in page.text
    # Six with hints, three that nobody uses, and a word on the others of both.
    assert len(card(page, "attention").all("li")) == 6 + 1 + 3 + 1


def test_the_start_is_a_page_or_a_panel(console: Console, make: Factory) -> None:
    make.client("Nightly")
    assert console.get(START, hx=True).text.lstrip().startswith('<section id="panel"')
    assert "<html" in console.get(START).text
