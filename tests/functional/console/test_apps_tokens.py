"""The Tokens tab: found by what is known of them, by person, and ended."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.clock import utcnow
from app.extensions import db
from app.tokens.models import AccessToken
from tests.factories import Factory, MadeUser
from tests.support.clock import MovableClock
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

HOSTILE = ["\x01", "%", "_", "'; --", "é" * 300, "<b>", "\u202e", "a" * 9000, "{}"]


@pytest.fixture
def console(parties: Parties, make: Factory) -> Console:
    ada = make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(ada), ada)


@pytest.fixture
def grace(make: Factory) -> MadeUser:
    make.permission("view_orders", is_delegable=True)
    held = ["view_users", "view_orders"]
    return make.user("grace@example.com", name="Grace", permissions=held)


@pytest.fixture
def party(parties: Parties, grace: MadeUser) -> RelyingParty:
    """An app with a token of its own, of one scope, and one for Grace, of another."""
    party = parties.confidential(user=grace, permissions=["view_users"])
    party.act_as_itself()
    party.tokens(scope="view_orders")
    return party


def address(party: RelyingParty, rest: str = "") -> str:
    return f"/developer/apps/{party.client_id}/tokens{rest}"


def rows(console: Console, where: str) -> list[Element]:
    """Return the rows of the list of tokens, or of people, at an address."""
    page = console.get(where)
    assert page.status_code == 200, page.text
    tables = [t for t in parse(page.text).all("table") if "id" in t]
    return [row for table in tables for row in table.all("tr")][1:]


def whom(console: Console, where: str) -> list[str]:
    return [row.one("th").text.split()[0] for row in rows(console, where)]


FOUND = {
    "": ["Grace", "Itself"],
    "?sort=expires_at": ["Itself", "Grace"],
    "?sort=scope": ["Grace", "Itself"],
    "?acts=itself": ["Itself"],
    "?acts=people": ["Grace"],
    "?acts=nobody": ["Grace", "Itself"],
    "?scope=view_orders": ["Grace"],
    "?scope=%20view_users++": ["Itself"],
    "?scope=view_users+view_orders": [],
    "?scope=view_": [],
    "?scope=view_users.all": [],
    "?scope=%20": ["Grace", "Itself"],
    "?scope=%25": [],
    "?person=GRACE@example.com": ["Grace"],
    "?person=nobody@example.com": [],
    "?person=grace@example.com&acts=itself": [],
    "?person=grace@example.com&scope=view_users": [],
    "?token=not-an-id": [],
    "?token=00000000-0000-0000-0000-000000000000": [],
}


def test_tokens_are_found_by_what_is_known_of_them(
    console: Console, party: RelyingParty
) -> None:
    assert {query: whom(console, address(party, query)) for query in FOUND} == FOUND


def test_a_token_is_found_by_its_id_in_its_own_app_only(
    console: Console, party: RelyingParty, parties: Parties
) -> None:
    for row in rows(console, address(party)):
        token_id = row.one("th").one("code").text
        assert whom(console, address(party, f"?token={token_id}")) == [
            row.one("th").text.split()[0]
        ]
        other = parties.service()
        assert rows(console, address(other, f"?token={token_id}")) == []


def test_nothing_in_the_address_is_too_much(
    console: Console, party: RelyingParty
) -> None:
    names = ("acts", "person", "scope", "token", "sort", "page")
    tries = [("", name) for name in names] + [("/people", "q"), ("/people", "page")]
    for rest, name in tries:
        for value in HOSTILE:
            page = console.browser.client.get(
                address(party, rest), query_string={name: value}
            )
            assert page.status_code == 200, (name, value)
            assert "<b>" not in page.text


def test_what_is_said_of_a_token(
    console: Console, party: RelyingParty, grace: MadeUser
) -> None:
    mine, own = rows(console, address(party))
    assert "renewable" in mine.text
    assert "renewable" not in own.text
    assert "view_orders" in mine.text
    # Its audience is this server's own, which goes without saying.
    assert " for " not in mine.one("td", data_label="Scope").text
    question = mine.one("a")["href"]
    text = parse(console.get(question).text).text
    assert "acts for Grace" in text
    assert "The refresh token issued with it is revoked too" in text


def test_another_audience_is_named(
    app: Flask, console: Console, party: RelyingParty
) -> None:
    with app.app_context():
        db.session.query(AccessToken).update({"audience": "https://other.example"})
        db.session.commit()
    assert "for https://other.example" in rows(console, address(party))[0].text


def test_people_are_listed_with_pages_and_a_search(
    console: Console,
    make: Factory,
    parties: Parties,
    party: RelyingParty,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = address(party, "/people")
    assert whom(console, people) == ["Grace"]
    for number in range(3):
        user = make.user(f"p{number}@example.com", permissions=["view_users"])
        browser = parties.browser_of(user)
        RelyingParty(browser, party.client_id, party.client_secret).tokens()
    monkeypatch.setattr("app.developer.tokens.views.PEOPLE_A_PAGE", 2)
    assert whom(console, people) == ["Grace", "p0@example.com"]
    assert whom(console, f"{people}?page=2") == ["p1@example.com", "p2@example.com"]
    assert whom(console, f"{people}?page=9") == ["p1@example.com", "p2@example.com"]
    assert whom(console, f"{people}?q=P1") == ["p1@example.com"]
    assert whom(console, f"{people}?q=race") == ["Grace"]
    assert whom(console, f"{people}?q=%25") == []


def test_a_person_without_live_access_is_not_listed(
    console: Console, party: RelyingParty, clock: MovableClock
) -> None:
    people = address(party, "/people")
    # Two families are one line, and revoking ends both.
    party.tokens()
    (row,) = rows(console, people)
    show, revoke = (link["href"] for link in row.all("a"))
    assert len(rows(console, show)) == 2
    text = parse(console.get(revoke).text).text
    assert "Access tokens that stop working: 2." in text
    assert "Refresh tokens that stop working: 2." in text
    assert console.send(revoke).status_code == 303
    assert rows(console, people) == []
    assert whom(console, address(party)) == ["Itself"]
    party.tokens()
    assert whom(console, people) == ["Grace"]
    clock.forward(hours=2)
    assert whom(console, address(party)) == []
    assert whom(console, people) == ["Grace"]


def test_what_can_no_longer_be_renewed_is_not_listed(
    console: Console, party: RelyingParty, parties: Parties, clock: MovableClock
) -> None:
    # Idle for too long, though the family would have lasted for 90 days.
    clock.forward(days=31)
    again = Console(parties.browser_of(console.person), console.person)
    assert rows(again, address(party, "/people")) == []


def test_lists_cost_the_same_however_long_they_are(
    app: Flask, console: Console, party: RelyingParty
) -> None:
    costs = []
    for _ in range(2):
        for where in ("", "?acts=people", "?scope=view", "/people", "/revoke-all"):
            with count_statements(app) as statements:
                console.get(address(party, where))
            costs.append(len(statements))
        for _ in range(3):
            party.act_as_itself()
            party.tokens()
    assert costs[:5] == costs[5:]


def test_only_so_many_tokens_are_looked_through(
    app: Flask, console: Console, party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tokens.listing.LOOKED_THROUGH", 1)
    assert whom(console, address(party, "?acts=itself")) == []
    assert whom(console, address(party, "?acts=itself&sort=expires_at")) == ["Itself"]
    assert whom(console, address(party)) == ["Grace", "Itself"]


def test_a_token_that_has_ended_cannot_be_asked_about(
    app: Flask, console: Console, party: RelyingParty
) -> None:
    links = [row.one("a")["href"] for row in rows(console, address(party))]
    with app.app_context():
        db.session.query(AccessToken).update(
            {"expires_at": utcnow() - timedelta(seconds=1)}
        )
        db.session.commit()
    assert [console.get(link).status_code for link in links] == [404, 404]
    assert re.search("No live token", console.get(address(party)).text)
