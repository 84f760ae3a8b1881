"""The Settings tab: what is registered, secrets, verification."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import digests
from app.audit.models import AuditEvent
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.secret_lists import live_secrets
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.markup import parse

URI = "https://portal.example.com/cb"
BOTH = ("authorization_code", "client_credentials")
SECRET = re.compile(r'<output id="client-secret">(gps_[0-9A-Za-z]{49})</output>')


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def portal(make: Factory) -> MadeClient:
    return make.client("Portal", grant_types=BOTH, redirect_uris=[URI])


def address(made: MadeClient, tab: str = "settings") -> str:
    return f"/developer/apps/{made.id}/{tab}"


def stands(app: Flask, made: MadeClient) -> Client:
    """Return the client as it is kept, detached."""
    with app.app_context():
        client = find_client(made.id, with_deleted=True)
        assert client is not None
        return client


def hints(app: Flask, made: MadeClient) -> list[str]:
    """Return the last characters of the secrets that work."""
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        return [secret.hint for secret in live_secrets(client)]


def save(
    console: Console, made: MadeClient, values: dict[str, Any], *, hx: bool = False
) -> TestResponse:
    given = {"redirect_uris": URI, "description": ""} | values
    return console.send(address(made), given, action="/settings$", hx=hx)


@pytest.mark.parametrize("hx", [False, True])
def test_changes_are_saved_and_told(
    app: Flask, console: Console, portal: MadeClient, hx: bool
) -> None:
    values = {
        "name": "Customer Portal",
        "description": "For customers",
        "redirect_uris": f"{URI}\n\nhttp://[::1]/cb ",
        "grant_types": ["authorization_code"],
        "is_pkce_required": None,
        "access_token_ttl": "600",
    }
    answer = save(console, portal, values, hx=hx)
    if hx:
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert ">Saved.<" in answer.text
        assert answer.headers["HX-Push-Url"] == address(portal)
    else:
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{address(portal)}#done"
        assert "Saved." in console.get(address(portal)).text
    client = stands(app, portal)
    assert client.name == "Customer Portal"
    assert client.redirect_uris == [URI, "http://[::1]/cb"]
    assert client.grant_types == ["authorization_code"]
    assert not client.is_pkce_required
    assert client.access_token_ttl == 600
    assert client.version == 2
    page = console.get(address(portal))
    assert "PKCE not required" in page.text
    assert "Now 600" in page.text
    assert ">Customer Portal</bdi>" in page.text
    with app.app_context():
        event = db.session.scalar(
            select(AuditEvent).where(AuditEvent.action == "client.updated")
        )
        assert event.actor_id == console.person.id
        assert event.reference_id
        assert event.details["name"] == ["Portal", "Customer Portal"]


def test_saving_nothing_new_changes_nothing(
    app: Flask, console: Console, portal: MadeClient
) -> None:
    assert "Nothing has changed" in save(console, portal, {}, hx=True).text
    assert stands(app, portal).version == 1


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"name": ""}, "name", "Give the app a name"),
        ({"redirect_uris": " "}, "redirect_uris", "at least one redirect URI"),
        (
            {"redirect_uris": "https://a/#x"},
            "redirect_uris",
            "Correct the address marked",
        ),
        ({"grant_types": []}, "grant_types", "Choose at least one grant"),
        ({"grant_types": ["implicit"]}, "grant_types", "valid choice"),
        ({"access_token_ttl": "soon"}, "access_token_ttl", "whole number"),
        ({"access_token_ttl": "-5"}, "access_token_ttl", "whole number"),
        ({"access_token_ttl": "0"}, "access_token_ttl", "from 1 to"),
        ({"access_token_ttl": "9" * 5000}, "access_token_ttl", "whole number"),
        ({"access_token_ttl": "٣"}, "access_token_ttl", "whole number"),
        ({"refresh_token_idle_ttl": "99999999"}, "refresh_token_idle_ttl", "longer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    app: Flask,
    console: Console,
    portal: MadeClient,
    values: dict[str, Any],
    field: str,
    words: str,
    hx: bool,
) -> None:
    page = save(console, portal, values, hx=hx)
    assert page.status_code == 422
    error = re.search(rf'id="{field}-error">(.*?)</p>', page.text, re.DOTALL)
    assert error, page.text
    assert words in error[1]
    assert 'role="alert"' in page.text
    assert page.text.count("autofocus") == 1
    assert stands(app, portal).version == 1


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize(
    ("typed", "reason"),
    [("https://a.example/#x", "Remove the #"), ("com.example:/x", "public apps")],
)
def test_why_an_address_cannot_be_used_is_said_where_it_is_judged(
    console: Console, portal: MadeClient, typed: str, reason: str, hx: bool
) -> None:
    page = save(console, portal, {"redirect_uris": typed}, hx=hx)
    assert page.status_code == 422
    assert reason in parse(page.text).one("ul", **{"class": "judged"}).text


@pytest.mark.parametrize("hx", [False, True])
def test_a_stale_form_saves_nothing_and_says_so(
    app: Flask, console: Console, portal: MadeClient, hx: bool
) -> None:
    console.get(address(portal))
    given = {"redirect_uris": URI, "description": ""}
    stale = console.filled(given | {"name": "Mine"}, action="/settings$")
    save(console, portal, {"name": "Theirs"})
    page = console.send_again(stale, hx=hx)
    assert page.status_code == 409
    assert "while you were editing" in page.text
    assert 'value="Mine"' in page.text
    assert "<bdi>Theirs</bdi>" in page.text
    assert stands(app, portal).name == "Theirs"


@pytest.mark.parametrize("version", [None, "", "x", "-1", "9" * 400])
def test_a_form_that_does_not_know_its_state_is_stale(
    app: Flask, console: Console, portal: MadeClient, version: str | None
) -> None:
    page = save(console, portal, {"name": "Mine", "version": version})
    assert page.status_code in {303, 409}
    # Without the field the form speaks of what stands: nobody else can be overwritten.
    assert stands(app, portal).name == ("Mine" if version is None else "Portal")


def test_a_form_without_its_fields_changes_nothing_else(
    app: Flask, console: Console, portal: MadeClient
) -> None:
    values = {"redirect_uris": None, "description": None, "name": "New name"}
    assert save(console, portal, values).status_code == 303
    assert stands(app, portal).redirect_uris == [URI]


def test_a_public_app_keeps_its_grant_and_pkce(
    app: Flask, console: Console, make: Factory
) -> None:
    made = make.client(
        grant_types=BOTH[:1], is_confidential=False, redirect_uris=["com.example.a:/cb"]
    )
    page = console.get(address(made))
    assert 'name="grant_types"' not in page.text
    assert 'name="is_pkce_required"' not in page.text
    values = {
        "redirect_uris": "com.example.a:/other",
        "grant_types": ["client_credentials"],
        "is_confidential": "y",
    }
    assert save(console, made, values).status_code == 303
    client = stands(app, made)
    assert client.redirect_uris == ["com.example.a:/other"]
    assert client.grant_types == ["authorization_code"]
    assert client.is_pkce_required
    assert not client.is_confidential


@pytest.mark.parametrize("hx", [False, True])
def test_an_app_is_verified_and_unverified(
    app: Flask, console: Console, portal: MadeClient, hx: bool
) -> None:
    console.send(address(portal), action="/verify$", hx=hx)
    assert stands(app, portal).verified_at is not None
    console.send(address(portal), action="/unverify$", hx=hx)
    assert stands(app, portal).verified_at is None


@pytest.mark.parametrize("hx", [False, True])
def test_a_new_secret_is_shown_once_beside_the_old_one(
    app: Flask, console: Console, portal: MadeClient, hx: bool
) -> None:
    page = console.send(address(portal), action="/secrets$", hx=hx)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    found = SECRET.search(page.text)
    assert found
    assert hints(app, portal) == [portal.secret[-4:], found[1][-4:]]
    after = console.get(address(portal))
    assert found[1] not in after.text
    assert f"…{found[1][-4:]}" in after.text


@pytest.mark.parametrize(
    ("overlap", "left"),
    [("7d", timedelta(days=7)), ("1d", timedelta(days=1)), ("now", None)],
)
def test_the_others_end_as_was_chosen(
    app: Flask, console: Console, portal: MadeClient, overlap: str, left: timedelta
) -> None:
    console.send(address(portal), {"ends": overlap}, action="/secrets$")
    with app.app_context():
        client = find_client(portal.id)
        assert client is not None
        works = live_secrets(client)
        assert works[-1].expires_at is None
        if left is None:
            assert len(works) == 1
        else:
            off = works[0].expires_at - utcnow() - left
            assert abs(off) < timedelta(minutes=1)


def test_an_unknown_overlap_makes_no_secret(
    app: Flask, console: Console, portal: MadeClient
) -> None:
    page = console.send(address(portal), {"ends": "never"}, action="/secrets$")
    assert page.status_code == 422
    assert hints(app, portal) == [portal.secret[-4:]]


@pytest.mark.parametrize("hx", [False, True])
def test_the_same_form_again_makes_no_second_secret(
    app: Flask, console: Console, portal: MadeClient, hx: bool
) -> None:
    console.get(address(portal))
    filled = console.filled(action="/secrets$")
    assert SECRET.search(console.send_again(filled, hx=hx).text)
    again = console.send_again(filled, hx=hx)
    assert again.status_code == 409
    assert not SECRET.search(again.text)
    assert "No other was created" in again.text
    assert len(hints(app, portal)) == 2


def test_too_many_secrets_are_refused(
    app: Flask, console: Console, portal: MadeClient
) -> None:
    statuses = [
        console.send(address(portal), action="/secrets$").status_code for _ in range(10)
    ]
    assert statuses == [200] * 9 + [409]
    assert len(hints(app, portal)) == 10


@pytest.mark.parametrize("hx", [False, True])
def test_a_secret_is_revoked_after_a_question(
    app: Flask, console: Console, portal: MadeClient, hx: bool
) -> None:
    link = re.search(
        r'href="([^"]+/secrets/[^"]+/revoke)"', console.get(address(portal)).text
    )
    assert link
    question = console.get(link[1], hx=hx)
    assert "cannot be restored" in question.text
    assert hints(app, portal) == [portal.secret[-4:]]
    answer = console.send_again(console.filled(), hx=hx)
    assert answer.status_code == (200 if hx else 303)
    assert hints(app, portal) == []
    assert "no active secret" in console.get(address(portal)).text
    assert SECRET.search(console.send(address(portal), action="/secrets$").text)


def test_another_apps_secret_cannot_be_revoked_here(
    app: Flask, console: Console, portal: MadeClient, make: Factory
) -> None:
    other = make.client("Other")
    link = re.search(
        r'href="([^"]+/secrets/[^"]+/revoke)"', console.get(address(portal)).text
    )
    assert link
    wrong = link[1].replace(portal.id, other.id)
    assert console.get(wrong).status_code == 404
    console.get(address(portal))
    _, data = console.filled(action="/secrets$")
    assert console.send_again((wrong, data)).status_code == 404
    assert hints(app, portal) == [portal.secret[-4:]]


def test_secrets_say_who_made_them_and_when_they_were_used(
    app: Flask, console: Console, portal: MadeClient
) -> None:
    console.send(address(portal), action="/secrets$")
    page = console.get(address(portal))
    assert "by <bdi>Ada</bdi>" in page.text
    with app.app_context():
        client = find_client(portal.id)
        assert client is not None
        digest = live_secrets(client)[0].digest
    assert digest == digests.digest(portal.secret)
    assert digest.hex() not in page.text
