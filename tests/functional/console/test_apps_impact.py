"""What depends on an app is counted before anything of it is ended."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.clients.models import Client
from app.clock import utcnow
from app.database import new_id
from app.developer.danger.new_owner import MOST_SUGGESTED
from app.extensions import db
from app.tokens.models import AccessToken
from app.traffic.models import HourlyCount, begin_of_hour
from app.traffic.request_recorder import settle
from tests.factories import Factory
from tests.support.clock import MovableClock
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ACTS = ("danger", "disable", "tokens/revoke-all")
MANY = 1_001


@pytest.fixture
def console(parties: Parties, make: Factory) -> Console:
    ada = make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(ada), ada)


def address(party: RelyingParty, act: str) -> str:
    return f"/developer/apps/{party.client_id}/{act}"


def impact(console: Console, party: RelyingParty, act: str = "danger") -> list[str]:
    """Return what a page says that depends on the app now."""
    page = parse(console.get(address(party, act)).text)
    return [item.text for item in page.one("ul", class_="impact").all("li")]


def fill(app: Flask, party: RelyingParty, number: int) -> None:
    """Let the app hold so many copies of its one token."""
    with app.app_context():
        row = db.session.execute(select(AccessToken.__table__)).mappings().one()
        copies = [dict(row) | {"id": new_id()} for _ in range(number)]
        db.session.execute(insert(AccessToken), copies)
        db.session.commit()


def test_every_question_counts_the_same(
    app: Flask, console: Console, parties: Parties
) -> None:
    party = parties.confidential()
    for _ in range(2):
        party.tokens()
    for _ in range(3):
        party.act_as_itself()
    with app.app_context():
        settle()
        client = db.session.get(Client, uuid.UUID(party.client_id))
        assert client is not None
        client.last_used_at = utcnow() - timedelta(hours=3)
        hour = begin_of_hour(utcnow())
        counts = {"client_id": client.id, "calls": 1_200, "refusals": 9}
        db.session.merge(HourlyCount(hour=hour, tokens=34, **counts))
        old = hour - timedelta(days=2)
        db.session.add(HourlyCount(hour=old, tokens=5_000, **counts))
        db.session.commit()
    expected = [
        "5 live tokens, 2 for people",
        "1 person who allowed the app",
        "1 person with refresh tokens",
        "1 working secret",
        "1,234 requests in the last 24 hours, last used 3 hours ago",
    ]
    (secret,) = secrets_of(console, party)
    for act in (*ACTS, secret):
        assert impact(console, party, act) == expected, act


def test_each_person_is_counted_once(console: Console, parties: Parties) -> None:
    party = parties.confidential()
    ada, grace = (parties.browser_of(parties.person("view_users")) for _ in range(2))
    for browser in (ada, ada, grace):
        party.browser = browser
        party.tokens()
    assert impact(console, party)[:3] == [
        "3 live tokens, 3 for people",
        "2 people who allowed the app",
        "2 people with refresh tokens",
    ]


def secrets_of(console: Console, party: RelyingParty) -> list[str]:
    page = parse(console.get(address(party, "settings")).text)
    found = [link["href"] for link in page.all("a") if link["href"].endswith("/revoke")]
    return [href.partition(f"{party.client_id}/")[2] for href in found]


def test_what_nothing_used_is_said_plainly(
    console: Console, parties: Parties, clock: MovableClock
) -> None:
    party = parties.service("view_users")
    said = impact(console, party)
    assert said[0] == "0 live tokens"
    assert said[-1] == "Never used"
    party.call(party.act_as_itself().get_json()["access_token"])
    used = impact(console, party)[-1]
    assert used == "2 requests in the last 24 hours, last used just now"
    clock.forward(hours=26)
    assert impact(console, party) == [
        "0 live tokens",
        "0 people who allowed the app",
        "0 people with refresh tokens",
        "1 working secret",
        "No requests in the last 24 hours, last used 1 day ago",
    ]


def test_what_has_ended_counts_no_more(console: Console, parties: Parties) -> None:
    party = parties.confidential()
    party.tokens()
    party.act_as_itself()
    console.send(address(party, "tokens/revoke-all"))
    assert impact(console, party)[:3] == [
        "0 live tokens",
        "1 person who allowed the app",
        "0 people with refresh tokens",
    ]


def test_very_many_are_not_counted_to_the_end(
    app: Flask, console: Console, parties: Parties
) -> None:
    party = parties.service("view_users")
    party.act_as_itself()
    impact(console, party)
    with count_statements(app) as few:
        impact(console, party)
    fill(app, party, MANY)
    with count_statements(app) as many:
        said = impact(console, party)
    assert said[0] == "more than 1,000 live tokens, none for people"
    assert len(few) == len(many)


def suggestions(page: str) -> list[Element]:
    return parse(page).one(id="owner-suggestions").all("button")


def test_the_new_owner_is_found_by_a_part_of_the_name(
    console: Console, make: Factory, parties: Parties
) -> None:
    party = parties.service()
    grace = make.user("gh@example.com", name="Grace <b>Hopper</b>")
    make.user("other@example.com", name="Gracious")
    danger = address(party, "danger")
    # While typing, or without JavaScript by sending the form.
    found = suggestions(console.get(f"{danger}?owner=hopp").text)
    assert [button["value"] for button in found] == [str(grace.id)]
    page = console.send(danger, {"owner": "GRAC"}, action="/transfer$")
    assert page.status_code == 422
    assert "<b>Hopper" not in page.text
    assert len(suggestions(page.text)) == 2
    # Whoever has the name alone gets nothing without being chosen.
    values = {"owner": "hopp", "person": str(grace.id)}
    assert console.send(danger, values, action="/transfer$").status_code == 303
    assert "Grace &lt;b&gt;Hopper&lt;/b&gt;</bdi> owns" in console.get(danger).text
    # The owner of now is no suggestion.
    assert suggestions(console.get(f"{danger}?owner=hopp").text) == []


def test_few_people_are_suggested_and_only_such_as_can_own(
    app: Flask, console: Console, make: Factory, parties: Parties
) -> None:
    party = parties.service()
    for number in range(MOST_SUGGESTED + 3):
        make.user(f"many{number}@example.com", name="Many")
    danger = address(party, "danger")
    assert len(suggestions(console.get(f"{danger}?owner=many").text)) == MOST_SUGGESTED
    for typed in ("m", "%25", "_", "", "x" * 9000, "%F0%9F%92%A9%F0%9F%92%A9"):
        assert suggestions(console.get(f"{danger}?owner={typed}").text) == []
    for person in ("not-an-id", "0" * 32, "", "é" * 999):
        values = {"owner": "many", "person": person}
        page = console.send(danger, values, action="/transfer$")
        assert page.status_code == 422
        assert 'id="owner-error"' in page.text
