"""Apps of a person, as administrators see and end them: now, and on the record."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.access_routes import post
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

NAME = "Invoice <b>Sync</b> \u05d0\u05d1\u05d2"
ENDINGS = ("consent.withdrawn", "consent.ended", "user.app_ended")


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user("grace@example.com", name="Grace", permissions=["view_users"])


@pytest.fixture
def party(parties: Parties, person: MadeUser) -> RelyingParty:
    return parties.confidential(user=person, name=NAME)


@pytest.fixture
def clerk(app: Flask, make: Factory) -> Console:
    """The console of somebody who manages people, and no apps."""
    clerk = make.user(name="Ada", permissions=["view_users", "manage_users"])
    return Console.of(clerk, app, make)


def page_of(person: MadeUser, party: RelyingParty | None = None) -> str:
    tab = f"/access/users/{person.id}/apps"
    return f"{tab}/{party.client_id}/end" if party else tab


def cards(console: Console, where: str) -> list[Element]:
    return parse(console.get(where).text).all("article")


def endings(app: Flask) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what the log has of ended access: action, subject and details."""
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action.in_(ENDINGS))
        events = db.session.scalars(query.order_by(AuditEvent.id)).all()
        return [(e.action, e.subject_label, e.details) for e in events]


def test_the_tab_says_what_connected_apps_says(
    clerk: Console, party: RelyingParty, person: MadeUser
) -> None:
    party.tokens(scope="openid view_users")
    page = clerk.get(f"/access/users/{person.id}").text
    assert f'href="{page_of(person)}"' in page
    (theirs,) = cards(Console(party.browser, person), "/account/apps")
    (ours,) = cards(clerk, page_of(person))
    assert ours.one("h2").one("bdi").text == NAME
    for part in ("li", "dt"):
        assert [e.text for e in ours.all(part)] == [e.text for e in theirs.all(part)]
    told = [e.text for e in theirs.all("dd")]
    told[1] = "When the person removes it"
    assert [e.text for e in ours.all("dd")] == told


def test_whoever_only_looks_sees_them_and_ends_nothing(
    app: Flask, make: Factory, party: RelyingParty, person: MadeUser
) -> None:
    party.allow()
    viewer = Console.of(make.user(permissions=["view_users"]), app, make)
    (card,) = cards(viewer, page_of(person))
    assert card.all("a") == []
    viewer.get("/account/security")
    where = page_of(person, party)
    assert viewer.browser.client.get(where).status_code == 403
    assert post(viewer.browser, where).status_code == 403
    assert endings(app) == []


def test_only_who_manages_apps_is_led_to_them(
    app: Flask, make: Factory, clerk: Console, party: RelyingParty, person: MadeUser
) -> None:
    party.allow()
    overview = f'href="/developer/apps/{party.client_id}"'
    assert overview not in clerk.get(page_of(person)).text
    boss = Console.of_administrator(app, make)
    assert overview in boss.get(page_of(person)).text
    assert boss.get(f"/developer/apps/{party.client_id}").status_code == 200


@pytest.mark.parametrize("hx", [False, True])
def test_ending_asks_first_and_ends_this_app_for_this_person_alone(
    app: Flask,
    parties: Parties,
    clerk: Console,
    party: RelyingParty,
    person: MadeUser,
    hx: bool,
) -> None:
    tokens = party.tokens(scope="openid view_users")
    other_app = parties.confidential(user=person, name="Other")
    kept = other_app.tokens(scope="openid")
    party.browser = parties.browser_of(parties.person("view_users"))
    kept_too = party.tokens(scope="openid")
    question = clerk.get(page_of(person, party), hx=hx)
    assert "Remove this app&#39;s access?" in question.text
    assert "Live tokens that end immediately: 1." in question.text
    assert party.call(tokens["access_token"]).status_code == 200
    answer = clerk.send(page_of(person, party), action="/end$", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    page = answer if hx else clerk.get(page_of(person))
    assert "can no longer use this account." in page.text
    assert [c.one("h2").text for c in parse(page.text).all("article")] == ["Other"]
    assert party.call(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    for owner, still in ((other_app, kept), (party, kept_too)):
        assert owner.call(still["access_token"]).status_code == 200


def test_the_log_has_it_by_the_app_and_by_the_person(
    app: Flask, make: Factory, clerk: Console, party: RelyingParty, person: MadeUser
) -> None:
    party.allow(scope="openid view_users")
    assert clerk.send(page_of(person, party), action="/end$").status_code == 303
    assert endings(app) == [
        (
            "consent.ended",
            NAME,
            {"scope": ["openid view_users", ""], "user": "Grace"},
        ),
        ("user.app_ended", "Grace", {"app": NAME}),
    ]
    own = Console(party.browser, person).get("/account/security")
    told = parse(own.text).one(id="happenings").all("li")[0].text
    assert told.startswith(f"Access ended for {NAME} by Ada")
    # It is none of the clerk's own apps; what was announced is read before.
    clerk.get(page_of(person))
    assert NAME not in parse(clerk.get("/account/security").text).text
    boss = Console.of_administrator(app, make)
    history = parse(boss.get(f"/access/users/{person.id}/history").text).text
    assert "ended an app's access to the account of Grace" in history
    activity = parse(boss.get(f"/developer/apps/{party.client_id}/activity").text).text
    assert "ended a person's consent" in activity


def test_what_stands_no_more_is_not_ended_again(
    app: Flask, parties: Parties, clerk: Console, party: RelyingParty, person: MadeUser
) -> None:
    party.allow()
    clerk.get(page_of(person, party))
    filled = clerk.filled(action="/end$")
    assert clerk.send_again(filled).status_code == 303
    before = endings(app)
    answer = clerk.send_again(filled, hx=True)
    assert answer.status_code == 404
    assert "This app no longer has access to the account." in answer.text
    assert clerk.get(page_of(person, party)).status_code == 404
    assert endings(app) == before


@pytest.mark.parametrize("which", ["of somebody else", "never allowed", "no app"])
def test_an_app_that_the_person_does_not_allow_is_not_found(
    app: Flask,
    parties: Parties,
    clerk: Console,
    party: RelyingParty,
    which: str,
) -> None:
    stranger = parties.person("view_users")
    if which == "of somebody else":
        party.allow()
    if which == "no app":
        party.client_id = str(uuid.uuid4())
    where = page_of(stranger, party)
    assert clerk.get(where).status_code == 404
    clerk.get("/access/users")
    assert post(clerk.browser, where).status_code == 404
    assert endings(app) == []


def test_ones_own_are_ended_under_connected_apps(
    app: Flask, parties: Parties, clerk: Console
) -> None:
    own = parties.confidential(user=clerk.person, name="Own App")
    own.browser = clerk.browser
    own.allow(scope="view_users")
    page = parse(clerk.get(page_of(clerk.person)).text).one(id="panel")
    assert "Remove access" not in page.text
    assert [a["href"] for a in page.all("a") if a.text == "Connected apps"] == [
        "/account/apps"
    ]
    answer = post(clerk.browser, page_of(clerk.person, own), hx=True)
    assert answer.status_code == 403
    assert "Do this under Connected apps." in answer.text
    assert endings(app) == []


def test_nothing_there_and_nobody_there_are_said(
    clerk: Console, party: RelyingParty, person: MadeUser
) -> None:
    assert "No connected apps" in clerk.get(page_of(person)).text
    party.allow()
    where = f"/access/users/{person.id}/deactivate"
    assert clerk.send(where, action="/deactivate$").status_code == 303
    page = clerk.get(page_of(person)).text
    assert "This account is deactivated: no app can act for it" in page


def test_the_number_of_queries_does_not_grow_with_the_apps(
    app: Flask, parties: Parties, clerk: Console, person: MadeUser
) -> None:
    counts = []
    for number in (1, 4):
        for index in range(number):
            parties.confidential(user=person, name=f"App {number} {index}").allow()
        clerk.get(page_of(person))
        with count_statements(app) as statements:
            clerk.get(page_of(person))
        counts.append(len(statements))
    assert counts[0] == counts[1]
