"""Registering a redirect URI from the row of its refusal, and taking it back."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.clients.models import Client
from app.clients.statements import parse_client_id
from app.extensions import db
from app.traffic.reasons import RefusalReason as R
from tests.factories import Factory
from tests.support.clock import MovableClock
from tests.support.console import Console
from tests.support.markup import parse
from tests.support.parties import CALLBACK, Parties
from tests.support.refusing import REFUSED as REFUSED_FOR
from tests.support.refusing import Scene, delete, disable, enable, restore
from tests.support.relying_party import RelyingParty

REFUSED = "/developer/refused"


@pytest.fixture
def parties(app: Flask, make: Factory) -> Parties:
    return Parties(app, make)


@pytest.fixture
def party(parties: Parties) -> RelyingParty:
    return parties.confidential()


@pytest.fixture
def console(parties: Parties) -> Console:
    person = parties.make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(person), person)


def registered(party: RelyingParty) -> list[str]:
    with party.browser.app.app_context():
        client = db.session.get_one(Client, parse_client_id(party.client_id))
        return list(client.redirect_uris)


def _change(party: RelyingParty, **values: Any) -> None:
    with party.browser.app.app_context():
        client = db.session.get_one(Client, parse_client_id(party.client_id))
        for name, value in values.items():
            setattr(client, name, value)
        db.session.commit()


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize("place", ["all", "app"])
def test_add_this_uri(
    console: Console, party: RelyingParty, hx: bool, place: str
) -> None:
    party.ask(redirect_uri=f"{CALLBACK}/")
    page = REFUSED
    if place == "app":
        page = f"/developer/apps/{party.client_id}/activity/refused"
    answer = console.send(page, action="add-redirect-uri", hx=hx)
    assert answer.status_code == (200 if hx else 303)
    if hx:
        assert "is now registered" in answer.text
        assert "No refused requests" in answer.text
    else:
        assert answer.location == page
        assert "is now registered" in console.get(page).text
    assert registered(party) == [CALLBACK, f"{CALLBACK}/"]
    assert party.ask(redirect_uri=f"{CALLBACK}/").status_code == 200
    with party.browser.app.app_context():
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "client.updated")
        ).one()
        assert event.actor_id == console.person.id
        assert event.details == {
            "redirect_uris": [[CALLBACK], [CALLBACK, f"{CALLBACK}/"]]
        }


def test_another_host_is_warned_of(console: Console, party: RelyingParty) -> None:
    party.ask(redirect_uri="https://evil.example/callback")
    page = parse(console.get(REFUSED).text).one("article").text
    assert (
        "evil.example is not registered for this app. Add it only if you control it."
        in page
    )
    assert "If this address is yours, add it. Otherwise change the app" in page
    assert "A different host." in page
    party.ask(redirect_uri=f"{CALLBACK}/")
    page = console.get(f"{REFUSED}?app={party.client_id}").text
    assert page.count("Add it only if you control it.") == 1


@pytest.mark.parametrize("hx", [False, True])
def test_another_host_is_added_only_by_typing_it(
    console: Console, party: RelyingParty, hx: bool
) -> None:
    # Anybody can fill the list by sending a link: one click must not be enough.
    evil = "https://evil.example/callback"
    party.allow()
    party.ask(redirect_uri=evil)
    page = parse(console.get(f"{REFUSED}?state=all").text)
    assert not [f for f in page.all("form") if "add-re" in f.attributes["action"]]
    (link,) = [a for a in page.all("a") if "add-re" in a.attributes.get("href", "")]
    asked = console.get(link["href"], hx=hx)
    assert "Let Invoice Sync send people to evil.example?" in asked.text
    assert "1 person allows this app access now." in asked.text
    assert evil in asked.text
    assert CALLBACK in asked.text
    console.get(link["href"])
    for typed in ({}, {"typed": ""}, {"typed": "app.example.com"}):
        answer = console.send_again(console.filled(typed, action="add-re"), hx=hx)
        assert answer.status_code == 422
        assert "evil.example" in parse(answer.text).one("p", id="typed-error").text
        assert registered(party) == [CALLBACK]
    typed = {"typed": " Evil.Example "}
    answer = console.send_again(console.filled(typed, action="add-re"), hx=hx)
    place = answer.headers["HX-Push-Url"] if hx else answer.location
    assert place == f"{REFUSED}?state=all"
    assert registered(party) == [CALLBACK, evil]
    # Nothing is left to ask.
    assert console.browser.client.get(link["href"]).location == place


@pytest.mark.parametrize(
    ("redirect_uris", "uri", "place"),
    [
        ([], CALLBACK, "app.example.com"),
        ([CALLBACK], "https://app.example.com:8443/callback", "app.example.com:8443"),
        ([CALLBACK], "http://localhost:3000/callback", "localhost:3000"),
    ],
)
def test_what_is_typed_is_the_place_that_it_leads_to(
    console: Console,
    party: RelyingParty,
    redirect_uris: list[str],
    uri: str,
    place: str,
) -> None:
    _change(party, redirect_uris=redirect_uris)
    party.ask(redirect_uri=uri)
    page = parse(console.get(REFUSED).text)
    (link,) = [a for a in page.all("a") if "add-re" in a.attributes.get("href", "")]
    assert f"Type {place} to confirm." in console.get(link["href"]).text
    console.send_again(console.filled({"typed": place}, action="add-re"))
    assert registered(party) == [*redirect_uris, uri]


@pytest.mark.parametrize("hx", [False, True])
def test_adding_is_undone_from_its_answer(
    console: Console, party: RelyingParty, hx: bool
) -> None:
    party.ask(redirect_uri=f"{CALLBACK}/")
    answer = console.send(f"{REFUSED}?state=all", action="add-redirect-uri", hx=hx)
    page = parse(answer.text if hx else console.get(answer.location).text)
    (undo,) = [
        form for form in page.all("form") if "remove-re" in form.attributes["action"]
    ]
    card = page.one("article")
    assert "This redirect URI is now registered." in card.text
    assert "Dismiss" not in card.text
    if hx:
        # Reading goes on beside the row, not at the top of the page.
        (focused,) = [one for one in page.walk() if "autofocus" in one.attributes]
        assert "Undo" in focused.text
    assert "Reopen" in card.text
    for words in (
        "is not registered",
        "Nearest registered",
        "If this address is yours",
    ):
        assert words not in card.text
    assert not card.all("mark")
    answer = console.send_again(
        (undo["action"], console.filled(action="put-")[1]), hx=hx
    )
    assert answer.status_code == (200 if hx else 303)
    assert registered(party) == [CALLBACK]
    page = parse(answer.text if hx else console.get(answer.location).text)
    assert "The redirect URI is not registered." in page.one("article").text
    # Once more, from another tab: it says so, and nothing else is taken away.
    answer = console.send_again(
        (undo["action"], console.filled(action="put-")[1]), hx=hx
    )
    assert answer.status_code == 409
    assert "It is no longer registered." in answer.text
    assert registered(party) == [CALLBACK]


def test_a_row_that_was_mended_in_settings_says_so(
    console: Console, party: RelyingParty
) -> None:
    party.ask(redirect_uri="http://127.0.0.1:5000/callback")
    # Of a loopback address any port is registered.
    _change(party, redirect_uris=["http://127.0.0.1/callback"])
    card = parse(console.get(REFUSED).text).one("article")
    assert "This redirect URI is now registered." in card.text
    (link,) = [a for a in card.all("a") if "activity?" in a.attributes["href"]]
    assert "Undo in Activity" in link.text
    assert console.get(link["href"]).status_code == 200


def test_links_to_other_hosts_do_not_hide_the_app_s_own_mistake(
    console: Console, party: RelyingParty
) -> None:
    for number in range(90):
        party.ask(redirect_uri=f"https://spam{number}.example/cb")
    own = party.ask(redirect_uri="https://app.example.com/callbak")
    card = console.get(f"{REFUSED}?reference={own.headers['X-Reference-Id']}").text
    assert "A letter is missing: c before k." in card
    spam = party.ask(redirect_uri="https://spam.example/cb")
    card = console.get(f"{REFUSED}?reference={spam.headers['X-Reference-Id']}").text
    assert "Many addresses on hosts not registered for the app" in card
    assert "Anyone can cause these by sending links." in card
    assert "Add this URI" not in card


@pytest.mark.parametrize(
    ("reason", "change", "label", "tab"),
    [
        (R.GRANT_NOT_REGISTERED, None, "Open settings", "settings"),
        (R.CHALLENGE_MISSING, None, "Open settings", "settings"),
        (R.CODE_VERIFIER, None, "Open settings", "settings"),
        (R.METHOD_WRONG, None, "Open settings", "settings"),
        (R.REDIRECT_URI_MISSING, None, "Open settings", "settings"),
        (R.TOKEN_ENDED, None, "Open Danger zone", "danger"),
        (R.SECRET_WRONG, delete, "Open trash", "danger"),
        (R.SCOPE_NOT_HELD, delete, "Open trash", "danger"),
        (R.REDIRECT_URI_UNKNOWN, delete, "Open trash", "danger"),
    ],
)
def test_a_row_leads_to_where_it_is_mended(
    parties: Parties,
    console: Console,
    clock: MovableClock,
    reason: R,
    change: Callable[[Client], None] | None,
    label: str,
    tab: str,
) -> None:
    refuse_and_open = REFUSED_FOR[reason](Scene(parties, clock))
    reference = refuse_and_open.headers["X-Reference-Id"]
    console.get(REFUSED)
    if change is not None:
        with parties.app.app_context():
            change(db.session.scalars(select(Client)).one())
            db.session.commit()
    card = parse(console.get(f"{REFUSED}?reference={reference}").text).one("article")
    (link,) = [a for a in card.all("a") if "button" in a.attributes.get("class", "")]
    assert link.text == label
    assert link["href"].endswith(f"/{tab}")
    assert console.get(link["href"]).status_code == 200


def test_an_app_that_was_off_is_told_as_it_is_now(
    parties: Parties, party: RelyingParty, console: Console, clock: MovableClock
) -> None:
    scene = Scene(parties, clock)
    scene.change(party, disable)
    party.act_as_itself()
    for change, words, label in (
        (None, "To use the app again, enable it in its Danger zone.", "Danger zone"),
        (delete, "To use the app again, restore it.", "Open trash"),
        (restore, "enable it in its Danger zone.", "Open Danger zone"),
        (enable, "Nothing left to fix: the app is enabled now.", ""),
    ):
        if change is not None:
            scene.change(party, change)
        card = parse(console.get(REFUSED).text).one("article").text
        assert "The app was disabled." in card
        assert words in card
        assert label in card
        assert ("Open" in card) is bool(label)
