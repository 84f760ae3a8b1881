"""What people read of their apps and of their account: true, bounded, their own."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.models import Permission
from app.accounts import authentication
from app.accounts.models import User
from app.audit.actor import SERVER, Actor
from app.audit.services import record
from app.clients.queries import find_client
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.databases import count_statements
from tests.support.markup import Element, parse
from tests.support.parties import Parties

TURNED = "Right \u05d0\u05d1\u05d2 to left"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait after a failed sign-in."""
    monkeypatch.setattr(authentication, "FAILURE_SECONDS", 0.0)


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user("ada@example.com", name="Ada", permissions=["view_users"])


def cards(browser: Browser) -> list[Element]:
    return parse(browser.get("/account/apps").text).all("article")


def fact(card: Element, label: str) -> str:
    names, values = card.all("dt"), card.all("dd")
    return next(v.text for n, v in zip(names, values, strict=True) if n.text == label)


def happenings(browser: Browser) -> list[str]:
    page = parse(browser.get("/account/security").text)
    return [item.text for item in page.one(id="happenings").all("li")]


def test_a_card_says_until_when_and_what_was_done_last(
    parties: Parties, person: MadeUser
) -> None:
    party = parties.confidential(user=person, name=TURNED)
    party.ask(scope="view_users")
    month = {"decision": "allow", "duration": "month"}
    page = party.browser.submit(month, action="/oauth/consent", follow=False)
    code = party.answer(page)["code"]
    (card,) = cards(party.browser)
    assert card.one("h2").one("bdi").text == TURNED
    last = utcnow() + timedelta(days=30)
    date = f"{last.day} {last:%B %Y}"
    assert fact(card, "Access ends") == f"in 30 days, on {date}"
    assert fact(card, "Last connected") == "not recently"
    assert fact(card, "Last used") == "not yet"
    tokens = party.redeem(code).get_json()
    assert fact(cards(party.browser)[0], "Last connected") == "just now"
    party.call(tokens["access_token"])
    (card,) = cards(party.browser)
    assert fact(card, "Last used") == "just now"
    assert fact(card, "Last change by the app") == "No changes recorded"


def test_once_and_always_are_one_card(parties: Parties, person: MadeUser) -> None:
    party = parties.confidential(user=person, name="Invoice Sync")
    for duration, until in (
        ("once", "in 1 hour"),
        ("always", "When you remove it"),
        ("once", "When you remove it"),
    ):
        party.ask(prompt="consent")
        answer = {"decision": "allow", "duration": duration}
        party.browser.submit(answer, action="/oauth/consent", follow=False)
        (card,) = cards(party.browser)
        assert fact(card, "Access ends") == until
    party.browser.get(party.browser.page.request.path)
    card_id = cards(party.browser)[0]["aria-labelledby"].removeprefix("app-")
    party.browser.get(f"/account/apps/{card_id}/remove")
    party.browser.submit(action="/remove$")
    assert cards(party.browser) == []


def test_a_change_made_by_an_app_in_their_name_is_told(
    app: Flask, parties: Parties
) -> None:
    make = parties.make
    with app.app_context():
        delegable = db.session.scalars(
            select(Permission).where(Permission.name == "manage_users")
        ).one()
        delegable.is_delegable = True
        db.session.commit()
    person = make.user(name="Ada", permissions=["manage_users", "view_users"])
    party = parties.confidential(user=person, name="People Sync")
    quiet = parties.confidential(user=person, name="Other App")
    quiet.allow()
    tokens = party.tokens(scope="manage_users view_users")
    made = app.test_client().post(
        "/api/v1/users",
        json={"email": "grace@example.com", "name": "Grace <i>Hopper</i>"},
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    )
    assert made.status_code == 201, made.text
    told = {
        c.one("h2").text: fact(c, "Last change by the app")
        for c in cards(party.browser)
    }
    assert "Grace <i>Hopper</i>" in told["People Sync"]
    assert told["Other App"] == "No changes recorded"
    with app.app_context():
        delegable = db.session.scalars(
            select(Permission).where(Permission.name == "manage_users")
        ).one()
        delegable.is_delegable = False
        db.session.commit()


def test_of_two_apps_with_one_name_none_is_accused(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    twins = [parties.confidential(user=person, name="Twin") for _ in range(2)]
    for twin in twins:
        twin.allow()
    with app.app_context():
        actor = Actor(kind="user", id=person.id, label="Ada (by Twin)")
        record(actor=actor, action="user.updated", subject_kind="user")
        db.session.commit()
    for card in cards(twins[0].browser):
        assert fact(card, "Last change by the app") == "No changes recorded"


def test_an_app_that_is_switched_off_says_so_and_a_deleted_one_is_gone(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    party = parties.confidential(user=person, name="Invoice Sync")
    party.allow()
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        client.disabled_at = utcnow()
        db.session.commit()
    (card,) = cards(party.browser)
    assert "Disabled" in card.text
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        client.deleted_at = utcnow()
        db.session.commit()
    assert cards(party.browser) == []


def test_the_number_of_queries_does_not_grow_with_the_apps(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    browser, counts = parties.browser_of(person), []
    for number in (1, 4):
        for index in range(number):
            party = parties.confidential(user=person, name=f"App {number} {index}")
            party.tokens(scope="view_users")
        browser.get("/account/apps")
        with count_statements(app) as statements:
            browser.get("/account/apps")
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_what_happened_to_the_account_is_told_in_words(
    app: Flask, parties: Parties, person: MadeUser, make: Factory
) -> None:
    browser = Browser(app)
    for _ in range(2):
        browser.sign_in(person.email, "a wrong guess")
    browser.sign_in(person.email, person.password)
    parties.confidential(user=person, name="Invoice <b>Sync</b>").allow()
    administrator = make.user(name="Grace")
    with app.app_context():
        record(
            actor=Actor(kind="user", id=administrator.id, label="Grace"),
            action="user.updated",
            subject_kind="user",
            subject_id=person.id,
        )
        other = record(actor=SERVER, action="user.updated", subject_kind="user")
        other.subject_id = uuid.uuid4()
        db.session.commit()
    told = happenings(browser)
    assert len(told) == 4
    assert told[0].startswith("Your name or e-mail address was changed by Grace")
    assert told[1].startswith("You allowed Invoice <b>Sync</b>")
    assert told[2].startswith("You signed in From 127.0.0.1")
    assert told[3].startswith("Failed sign-in 2 times")


def test_the_list_is_bounded_and_forgets(
    app: Flask, parties: Parties, person: MadeUser, clock: MovableClock
) -> None:
    browser = parties.browser_of(person)
    assert (
        "No activity in the last three months." in browser.get("/account/security").text
    )
    with app.app_context():
        for number in range(100):
            record(
                actor=Actor(
                    kind="user",
                    id=person.id,
                    label="Ada",
                    ip_address=f"192.0.2.{number}",
                ),
                action="user.signed_in",
                subject_kind="user",
                subject_id=person.id,
            )
        db.session.commit()
    assert len(happenings(browser)) == 12
    clock.forward(days=91)
    assert happenings(parties.browser_of(person)) == []


def test_the_sign_in_before_this_one_is_told(app: Flask, person: MadeUser) -> None:
    first, second = Browser(app), Browser(app)
    first.sign_in(person.email, person.password)
    assert "before this one" not in first.get("/account/security").text
    second.sign_in(person.email, person.password)
    page = second.get("/account/security")
    assert "Your previous sign-in was <time" in page.text


def test_all_other_browsers_are_signed_out_at_once(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    here, *others = (parties.browser_of(person) for _ in range(25))
    page = here.get("/account/security")
    assert "And 5 more, last seen earlier." in page.text
    page = here.submit(action="/end-others$")
    assert "Other browsers are signed out." in page.text
    assert "Sign out other browsers" not in page.text
    assert "Other browsers were signed out" in page.text
    for other in others[:3]:
        assert other.get("/account/security").request.path == "/login"
    assert here.client.post("/account/security/sessions/end-others").status_code == 400
    with app.app_context():
        assert db.session.get_one(User, person.id).token_generation == 0
