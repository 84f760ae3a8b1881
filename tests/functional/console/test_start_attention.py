"""What needs attention on the start page: found by queries, told by the hints."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.models import Permission
from app.accounts.models import User
from app.audit.actor import SERVER, Actor
from app.audit.models import AuditEvent
from app.audit.services import record
from app.audit.words import CASE
from app.clients.lifecycle import delete_client, disable_client
from app.clients.models import Client, ClientSecret
from app.clients.secrets import revoke_secret
from app.clients.trials import start_trial
from app.clock import utcnow
from app.extensions import db
from app.traffic.models import HourlyCount, RefusedRequest, begin_of_hour
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.markup import Element, parse

START = "/developer"
BOTH = ("authorization_code", "client_credentials")
NUMBER = "0123456789ab"
DAY = timedelta(days=1)


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def sound(make: Factory, console: Console, name: str = "Nightly") -> MadeClient:
    """Make an app that nothing is odd about."""
    return make.client(
        name, grant_types=BOTH, permissions=["view_users"], owner=console.person
    )


def card(console: Console) -> Element:
    return parse(console.get(START).text).one("section", id="attention")


def lines(console: Console) -> list[str]:
    return [line.text for line in card(console).all("li")]


def secret_of(client: Client) -> ClientSecret:
    return client.secrets[0]


def _ends_soon(client: Client) -> None:
    secret_of(client).expires_at = utcnow() + 13 * DAY


def _ends_soon_in_use(client: Client) -> None:
    _ends_later(client)
    _add_secret(client, expires_at=utcnow() + DAY, last_used_at=utcnow())


def _ends_soon_out_of_use(client: Client) -> None:
    _add_secret(client, expires_at=utcnow() + DAY, last_used_at=utcnow() - 2 * DAY)


def _add_secret(client: Client, **values: Any) -> None:
    digest = uuid.uuid4().bytes * 2
    secret = ClientSecret(client_id=client.id, digest=digest, hint="wxyz", **values)
    db.session.add(secret)


def _ends_later(client: Client) -> None:
    secret_of(client).expires_at = utcnow() + 15 * DAY


def _revoked(client: Client) -> None:
    revoke_secret(actor=SERVER, secret=secret_of(client))


def _expired(client: Client) -> None:
    secret_of(client).expires_at = utcnow()


def _lost(client: Client) -> None:
    secret_of(client).shown_at = utcnow()


def _stored(client: Client) -> None:
    secret_of(client).shown_at = secret_of(client).stored_at = utcnow()


def _disabled(client: Client) -> None:
    disable_client(actor=SERVER, client=client)


def _unprotected(client: Client) -> None:
    client.is_pkce_required = False


def _local(client: Client) -> None:
    client.redirect_uris = ["http://localhost/cb", "http://[::1]:8080/cb"]


def _local_too(client: Client) -> None:
    client.redirect_uris = ["http://localhost/cb", "https://a.example.com/cb"]


def _powerless(client: Client) -> None:
    client.grant_types = ["client_credentials"]
    for table in ("permission_grants", "role_assignments"):
        db.session.execute(db.text(f"DELETE FROM {table} WHERE client_id IS NOT NULL"))


def _asks_for_nothing(client: Client) -> None:
    client.scopes = ["openid", "no_such_permission"]


def _asks_for_what_only_looks_alike(client: Client) -> None:
    client.scopes = ["view.users", "view_usersx", "VIEW_USERS"]


def _asks_for_something(client: Client) -> None:
    client.scopes = ["openid", "view_users"]


def _orphaned(client: Client) -> None:
    # Whoever asks stays active.
    gone = User(
        email="gone@example.com",
        email_key="gone@example.com",
        name="Gone",
        password_hash="!",
        deactivated_at=utcnow(),
    )
    client.owner = gone


def _of_nobody(client: Client) -> None:
    client.owner_id = None


def _refused_a_lot(client: Client, *, granted: int = 0) -> None:
    hour = begin_of_hour(utcnow())
    counts = HourlyCount(
        client_id=client.id, hour=hour, tokens=granted, calls=0, refusals=25
    )
    row = RefusedRequest(
        endpoint="token",
        reason="secret_wrong",
        fold_key="k",
        client_id=client.id,
        count=25,
    )
    db.session.add_all([counts, row])


def _refused_seldom(client: Client) -> None:
    _refused_a_lot(client, granted=1000)


def _for_a_trial(client: Client) -> None:
    start_trial(
        actor=SERVER,
        client=client,
        user_id=client.owner_id or uuid.uuid4(),
        grant_type="client_credentials",
    )


def _only_for_a_trial(client: Client) -> None:
    _for_a_trial(client)
    _revoked(client)


def _disputed(client: Client, *, name: str = "Grace Hopper", days: int = 0) -> None:
    actor = Actor(kind="user", id=uuid.uuid4(), label=name, reference_id=NUMBER)
    event = record(
        actor=actor,
        action=CASE,
        subject_kind="client",
        subject_id=client.id,
        subject_label=client.name,
    )
    event.happened_at = utcnow() - days * DAY


def _disputed_long_ago(client: Client) -> None:
    _disputed(client, days=31)


def arrange(app: Flask, made: MadeClient, trouble: Callable[[Client], None]) -> None:
    with app.app_context():
        trouble(db.session.get_one(Client, uuid.UUID(made.id)))
        db.session.commit()


@pytest.mark.parametrize(
    ("trouble", "words", "way"),
    [
        (_disputed, "Fix now Nightly Grace Hopper reported that they", None),
        (_unprotected, "Fix now Nightly PKCE is off", "/settings#is_pkce_required"),
        (_revoked, "Fix now Nightly It has no active secret", "/settings#secrets"),
        (_expired, "Fix now Nightly It has no active secret", "/settings#secrets"),
        (_only_for_a_trial, "It has no active secret", "/settings#secrets"),
        (_ends_soon, "Check Nightly Its last secret expires on", "/settings#secrets"),
        (_ends_soon_in_use, "…wxyz expires on", "/settings#secrets"),
        (_lost, "Nobody confirmed that secret", "/settings#secrets"),
        (_disabled, "It has been disabled since", "/danger"),
        (_local, "point to the user's own device", "/settings#redirect_uris"),
        (_orphaned, "Its owner, Gone, is deactivated", "/danger"),
        (_powerless, "has no permissions", "/permissions"),
        (_asks_for_nothing, "only for who they are", "/permissions"),
        (_asks_for_what_only_looks_alike, "only for who they", "/permissions"),
        (_refused_a_lot, "25 of its 25 requests", "/activity"),
    ],
)
def test_whatever_is_more_than_a_remark_is_said_with_the_way_to_mend_it(
    app: Flask,
    console: Console,
    make: Factory,
    trouble: Callable[[Client], None],
    words: str,
    way: str | None,
) -> None:
    client = sound(make, console)
    arrange(app, client, trouble)
    (line,) = lines(console)
    assert words in line
    name, *_, mend = card(console).all("a")
    assert name["href"] == f"/developer/apps/{client.id}"
    if way:
        assert mend["href"] == f"{name['href']}{way}"
    assert console.get(mend["href"].partition("#")[0]).status_code == 200
    rows = parse(console.get("/developer/apps").text).one("table", id="app-rows")
    assert "1 hint" in rows.text, "the list says the same"


@pytest.mark.parametrize(
    "trouble",
    [
        lambda _client: None,
        _ends_later,
        _ends_soon_out_of_use,
        _stored,
        _local_too,
        _asks_for_something,
        _of_nobody,
        _refused_seldom,
        _for_a_trial,
        _disputed_long_ago,
    ],
)
def test_nothing_needs_attention_where_all_is_well(
    app: Flask, console: Console, make: Factory, trouble: Callable[[Client], None]
) -> None:
    arrange(app, sound(make, console), trouble)
    assert lines(console) == []
    assert "Nothing: no app has a warning" in card(console).text


def test_where_apps_may_ask_for_nothing_at_all_each_says_so(
    app: Flask, console: Console, make: Factory
) -> None:
    client = sound(make, console)

    def let_apps_ask(row: Client, *, is_delegable: bool = False) -> None:
        names = select(Permission).where(Permission.name == "view_users")
        db.session.scalars(names).one().is_delegable = is_delegable

    arrange(app, client, let_apps_ask)
    try:
        (line,) = lines(console)
    finally:
        # It is built in, and other tests count on it.
        arrange(app, client, lambda row: let_apps_ask(row, is_delegable=True))
    assert "It cannot ask people for any permission" in line
    assert lines(console) == []


def test_a_deleted_app_needs_no_attention(
    app: Flask, console: Console, make: Factory
) -> None:
    sound(make, console, "Fresh")
    client = sound(make, console)
    for trouble in (_unprotected, _local, _disputed, _disabled, _refused_a_lot):
        arrange(app, client, trouble)
    arrange(app, client, lambda row: delete_client(actor=SERVER, client=row))
    assert lines(console) == []


def test_an_app_that_nobody_uses_is_told_of(
    app: Flask, console: Console, make: Factory
) -> None:
    client = sound(make, console)
    arrange(
        app, client, lambda row: setattr(row, "created_at", utcnow() - timedelta(21))
    )
    (line,) = lines(console)
    assert line == "Never used Nightly was registered 3 weeks ago."


def test_the_worst_comes_first_and_what_else_is_wrong_is_counted(
    app: Flask, console: Console, make: Factory
) -> None:
    arrange(app, sound(make, console, "A"), _local)
    worse = sound(make, console, "B")
    for trouble in (_local, _unprotected, _disabled):
        arrange(app, worse, trouble)
    first, second = lines(console)
    assert "Fix now B PKCE is off" in first
    assert "2 more hints of B" in first
    assert "Check A" in second
    link = card(console).all("li")[0].all("a")[1]
    assert link["href"] == f"/developer/apps/{worse.id}#hints"


def test_a_case_leads_to_its_page_and_is_on_the_apps_own_page(
    app: Flask, console: Console, make: Factory
) -> None:
    client = sound(make, console)
    arrange(app, client, _disputed)
    hints = parse(console.get(f"/developer/apps/{client.id}").text).one(id="hints")
    assert "Grace Hopper reported that they did not allow this app" in hints.text
    link = hints.one("a", href=f"/developer/cases/{NUMBER}")
    assert link.text == "See the case"
    assert "Grace Hopper" in console.get(link["href"]).text
    arrange(app, client, lambda row: _disputed(row, name="<b>Bob</b>"))
    (line,) = lines(console)
    assert "<b>Bob</b> and 1 other person reported" in line
    assert card(console).all("a")[-1]["href"] == f"/developer/cases/{NUMBER}"


def test_very_many_cases_are_no_burden(
    app: Flask, console: Console, make: Factory
) -> None:
    client = sound(make, console)
    with app.app_context():
        row = db.session.get_one(Client, uuid.UUID(client.id))
        for _ in range(150):
            _disputed(row)
        db.session.commit()
        assert len(db.session.scalars(select(AuditEvent.id)).all()) > 150
    (line,) = lines(console)
    assert "Grace Hopper and 99 other people" in line
