"""Secrets of an app: stored or perhaps lost, overlapping, ending, retired."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import digests
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.models import Client, ClientSecret
from app.clients.queries import find_client
from app.clients.secrets import add_secret
from app.clients.trials import secret_of, start_trial
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.markup import Element, parse

NEW = "/developer/apps/new"
SERVICE = {"who": "service", "name": "Nightly export"}
SECRET = re.compile(r"gps_[0-9A-Za-z]{49}")
DAY = timedelta(days=1)


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def made(make: Factory) -> MadeClient:
    return make.client("Nightly", permissions=["view_users"])


@contextmanager
def kept(app: Flask, made: MadeClient) -> Iterator[tuple[Client, list[ClientSecret]]]:
    """Open the client with its secrets, oldest first; what is changed is kept."""
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        yield client, list(client.secrets)
        db.session.commit()


def address(made: MadeClient, tab: str = "/settings") -> str:
    return f"/developer/apps/{made.id}{tab}"


def row_of(console: Console, made: MadeClient, hint: str) -> Element:
    """Return the row of the secret that ends so."""
    rows = parse(console.get(address(made)).text).one(id="secret-rows").all("tr")
    (row,) = [row for row in rows[1:] if row.all("code")[0].text == f"…{hint}"]
    return row


def end_url(console: Console, made: MadeClient) -> str:
    """Return where the end of the first secret is set."""
    found = re.search(r'href="([^"]+/end)"', console.get(address(made)).text)
    assert found
    return found[1]


@pytest.mark.parametrize("hx", [False, True])
def test_who_has_stored_a_secret_says_so_and_is_led_on(
    app: Flask, console: Console, hx: bool
) -> None:
    shown = console.send(NEW, SERVICE)
    console.browser.page = shown
    answer = console.send_again(console.filled(action="/stored$"), hx=hx)
    assert answer.status_code == (204 if hx else 303)
    where = answer.headers["HX-Redirect" if hx else "Location"]
    page = console.get(where)
    assert "Nobody confirmed that secret" not in page.text
    assert not SECRET.search(page.text)
    with app.app_context():
        (secret,) = db.session.scalars(select(ClientSecret))
        assert secret.shown_at is not None
        assert secret.stored_at is not None
        actions = [event.action for event in db.session.scalars(select(AuditEvent))]
        assert actions.count("client_secret.stored") == 1


def test_leaving_without_a_word_is_remembered_until_the_secret_is_used(
    app: Flask, console: Console
) -> None:
    console.send(NEW, SERVICE)
    with app.app_context():
        (secret,) = db.session.scalars(select(ClientSecret))
        client_id, hint = secret.client_id, secret.hint
    page = console.get(f"/developer/apps/{client_id}")
    assert f"Nobody confirmed that secret …{hint} was saved" in page.text
    assert "hint" in console.get("/developer/apps").text
    with app.app_context():
        (secret,) = db.session.scalars(select(ClientSecret))
        secret.last_used_at = utcnow()
        db.session.commit()
    after = console.get(f"/developer/apps/{client_id}")
    assert "Nobody confirmed" not in after.text


def test_it_can_be_said_later_too(console: Console) -> None:
    console.send(NEW, SERVICE)
    listed = parse(console.get("/developer/apps").text).one(id="app-rows")
    url = listed.one("th", scope="row").one("a")["href"]
    console.get(url)
    console.browser.submit(action="/stored$")
    assert "Nobody confirmed" not in console.get(url).text


@pytest.mark.parametrize("hx", [False, True])
def test_settings_say_it_too_and_take_the_word_there(
    console: Console, hx: bool
) -> None:
    console.send(NEW, SERVICE)
    listed = parse(console.get("/developer/apps").text).one(id="app-rows")
    settings = f"{listed.one('th', scope='row').one('a')['href']}/settings"
    assert "Nobody confirmed that it was saved" in console.get(settings).text
    page = console.send_again(console.filled(action="/stored$"), hx=hx)
    if not hx:
        assert page.headers["Location"] == settings
        page = console.get(settings)
    assert "Nobody confirmed" not in page.text
    assert "is marked as saved." in page.text
    assert parse(page.text).one("section", id="secrets")


def test_secrets_of_commands_and_the_api_are_nobodys_to_store(
    console: Console, made: MadeClient
) -> None:
    assert "Nobody confirmed" not in console.get(address(made, "")).text


def test_another_apps_secret_is_not_stored_here(
    app: Flask, console: Console, made: MadeClient, make: Factory
) -> None:
    other = make.client("Other")
    with kept(app, other) as (_, secrets):
        wrong = f"{address(made)[:-9]}/secrets/{secrets[0].id}"
    console.get(address(made))
    _, data = console.filled(action="/secrets$")
    for act in ("stored", "end", "revoke"):
        assert console.send_again((f"{wrong}/{act}", data)).status_code == 404
    for nothing in ("x", "0" * 32, "%00"):
        url = f"{address(made)[:-9]}/secrets/{nothing}/stored"
        assert console.send_again((url, data)).status_code in {400, 404}


@pytest.mark.parametrize(
    ("ends", "left"), [("30d", 30 * DAY), ("at", 3 * DAY), ("keep", None)]
)
def test_the_others_end_when_it_was_said(
    app: Flask, console: Console, made: MadeClient, ends: str, left: timedelta | None
) -> None:
    at = (utcnow() + 3 * DAY).strftime("%Y-%m-%dT%H:%M")
    values = {"ends": ends, "ends_at": at}
    assert console.send(address(made), values, action="/secrets$").status_code == 200
    with kept(app, made) as (_, (old, new)):
        assert new.expires_at is None
        if left is None:
            assert old.expires_at is None
        else:
            assert old.expires_at is not None
            assert abs(old.expires_at - utcnow() - left) < timedelta(minutes=2)


@pytest.mark.parametrize("hx", [False, True])
def test_who_ends_the_others_now_is_asked_first(
    app: Flask, console: Console, made: MadeClient, hx: bool
) -> None:
    with kept(app, made) as (client, (used,)):
        used.last_used_at = utcnow()
        hints = used.hint, add_secret(actor=SERVER, client=client)[0].hint
    answer = console.send(address(made), {"ends": "now"}, action="/secrets$", hx=hx)
    url = address(made, "/secrets/replace")
    assert answer.headers["HX-Redirect" if hx else "Location"] == url
    question = console.get(url).text
    for hint, words in zip(hints, ("still in use", "never been used"), strict=True):
        assert re.search(f"ending in {hint} stops working at once. .*{words}", question)
    assert "What depends on this app" in question
    with kept(app, made) as (_, secrets):
        assert [secret.expires_at for secret in secrets] == [None, None]
    filled = console.filled(action="/replace$")
    page = console.send_again(filled, hx=hx)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert SECRET.search(page.text)
    told = parse(page.text).one(id="other-secrets").text
    assert all(f"…{hint} no longer works" in told for hint in hints)
    again = console.send_again(filled, hx=hx)
    assert again.status_code == 409
    assert "No other was created" in again.text
    with kept(app, made) as (_, secrets):
        now = utcnow()
        assert [bool(s.expires_at and s.expires_at <= now) for s in secrets] == [
            True,
            True,
            False,
        ]


def test_where_nothing_works_nothing_is_asked(
    app: Flask, console: Console, made: MadeClient
) -> None:
    with kept(app, made) as (_, secrets):
        secrets[0].revoked_at = utcnow()
    answer = console.browser.client.get(address(made, "/secrets/replace"))
    assert answer.headers["Location"] == address(made)
    page = console.send(address(made), {"ends": "now"}, action="/secrets$")
    assert SECRET.search(page.text)
    assert not parse(page.text).all(id="other-secrets")


@pytest.mark.parametrize(
    ("ends", "words"), [("keep", "stays active"), ("1d", "expires on")]
)
def test_the_page_of_a_new_secret_tells_what_becomes_of_the_others(
    console: Console, made: MadeClient, ends: str, words: str
) -> None:
    page = console.send(address(made), {"ends": ends}, action="/secrets$")
    told = parse(page.text).one(id="other-secrets").text
    assert f"…{made.secret[-4:]} {words}" in told


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("", "Enter the date"),
        ("soon", "Enter a date"),
        ("2001-01-01T00:00", "in the future"),
        ("2999-01-01T00:00", "within ten years"),
        ("0001-01-01T00:00+23:59", "Enter a date"),
        ("9" * 4000, "Enter a date"),
        ("<b>", "Enter a date"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_at_its_field(
    app: Flask, console: Console, made: MadeClient, moment: str, words: str, hx: bool
) -> None:
    values = {"ends": "at", "ends_at": moment}
    page = console.send(address(made), values, action="/secrets$", hx=hx)
    assert page.status_code == 422
    error = re.search(r'id="ends_at-error">(.*?)</p>', page.text, re.DOTALL)
    assert error
    assert words in error[1]
    assert not SECRET.search(page.text)
    page = console.send(end_url(console, made), values, hx=hx)
    assert page.status_code == 422
    with kept(app, made) as (_, secrets):
        assert [secret.expires_at for secret in secrets] == [None]


@pytest.mark.parametrize("hx", [False, True])
def test_an_end_is_set_changed_and_lifted(
    app: Flask, console: Console, made: MadeClient, hx: bool
) -> None:
    url = end_url(console, made)

    def end() -> datetime | None:
        with kept(app, made) as (_, secrets):
            return secrets[0].expires_at

    answer = console.send(url, {"ends": "7d"}, hx=hx)
    assert answer.status_code == (200 if hx else 303)
    first = end()
    assert first is not None
    form = parse(console.get(url).text)
    assert form.one("input", id="ends_at")["value"] == f"{first:%Y-%m-%dT%H:%M}"
    assert form.one("option", value="at").attributes.get("selected") is not None
    console.send(url, {"ends": "at", "ends_at": "2031-05-06T07:08"}, hx=hx)
    changed = end()
    assert changed is None or changed == datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    console.send(url, {"ends": "keep"}, hx=hx)
    assert end() is None
    with app.app_context():
        events = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action == "client_secret.expiring")
            .order_by(AuditEvent.happened_at)
        )
        before_and_after = [event.details["expires_at"] for event in events]
    assert before_and_after[0] == [None, first.isoformat()]
    assert before_and_after[-1][1] is None


@pytest.mark.parametrize("is_revoked", [True, False])
def test_what_has_ended_stays_ended(
    app: Flask, console: Console, made: MadeClient, is_revoked: bool
) -> None:
    url = end_url(console, made)
    with kept(app, made) as (_, secrets):
        if is_revoked:
            secrets[0].revoked_at = utcnow()
        else:
            secrets[0].expires_at = utcnow() - DAY
    answer = console.send(url, {"ends": "keep"})
    assert answer.status_code == 409
    assert "has already ended" in answer.text
    assert "no active secret" in console.get(address(made)).text


def test_each_secret_says_whether_it_is_still_needed(
    app: Flask, console: Console, made: MadeClient
) -> None:
    now = utcnow()
    with kept(app, made) as (client, (old,)):
        new, _ = add_secret(actor=SERVER, client=client)
        busy, _ = add_secret(actor=SERVER, client=client)
        hints = old.hint, new.hint, busy.hint
        old.created_at, old.last_used_at = now - 60 * DAY, now - 9 * DAY
        new.created_at, new.last_used_at = now - 8 * DAY, now - 2 * DAY
        busy.created_at, busy.last_used_at = now - 3 * DAY, now
    first, second, third = (row_of(console, made, hint).text for hint in hints)
    assert f"Safe to retire: …{hints[2]} is in use" in first
    assert "Safe to retire" not in second
    assert "In use today: do not revoke it yet" in third


def test_what_nobody_ever_used_is_safe_to_retire(
    app: Flask, console: Console, made: MadeClient
) -> None:
    hint = made.secret[-4:]
    assert "Safe to retire" not in row_of(console, made, hint).text
    with kept(app, made) as (_, secrets):
        secrets[0].created_at = utcnow() - 31 * DAY
    assert "never used in 30 days" in row_of(console, made, hint).text


def test_revoking_says_when_the_secret_was_last_used(
    app: Flask, console: Console, made: MadeClient
) -> None:
    url = end_url(console, made).removesuffix("/end") + "/revoke"
    assert "It has never been used." in console.get(url).text
    with kept(app, made) as (_, secrets):
        secrets[0].last_used_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert "last used on 2 January 2026, 03:04:05 UTC" in console.get(url).text


def test_secrets_that_ended_of_late_are_folded_away(
    app: Flask, console: Console, made: MadeClient
) -> None:
    now = utcnow()
    ends: list[dict[str, Any]] = [
        {"revoked_at": now - DAY},
        {"expires_at": now - 2 * DAY},
        {"revoked_at": now - 91 * DAY},
        {"expires_at": now - 91 * DAY},
    ]
    hints = []
    with kept(app, made) as (client, _):
        for end in ends:
            secret, _ = add_secret(actor=SERVER, client=client)
            hints.append(secret.hint)
            for name, value in end.items():
                setattr(secret, name, value)
    fold = parse(console.get(address(made)).text).one("details", id="retired-secrets")
    assert "Ended in the last 90 days: 2" in fold.text
    assert f"…{hints[0]}" in fold.text
    assert "expired" in fold.text
    assert f"…{hints[2]}" not in fold.text


def test_who_ended_a_secret_is_named(
    app: Flask, console: Console, made: MadeClient
) -> None:
    with kept(app, made) as (client, (replaced,)):
        hints = [replaced.hint, add_secret(actor=SERVER, client=client)[0].hint]
    console.get(address(made, "/secrets/replace"))
    console.send_again(console.filled(action="/replace$"))
    with kept(app, made) as (_, secrets):
        newest = secrets[-1]
        hints.append(newest.hint)
        url = address(made, f"/secrets/{newest.id}/revoke")
    console.send(url, {}, action="/revoke$")
    fold = parse(console.get(address(made)).text).one("details", id="retired-secrets")
    for hint in hints:
        (row,) = [row for row in fold.all("tr") if f"…{hint}" in row.text]
        assert f"revoked by {console.person.name}" in row.text
    assert "expired" not in fold.text


def test_the_ten_minute_secrets_of_trials_are_not_listed(
    app: Flask, console: Console, made: MadeClient
) -> None:
    with kept(app, made) as (client, _):
        trial = start_trial(
            actor=SERVER,
            client=client,
            user_id=console.person.id,
            grant_type="client_credentials",
        )
        hint = digests.hint(secret_of(trial.id))
    for tab in ("", "/settings"):
        assert f"…{hint}" not in console.get(address(made, tab)).text
