"""The first page of an app: what it is, what is odd about it, code that runs."""

import json
import re
import shlex
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.clients.models import Client
from app.clients.queries import find_client
from app.clock import utcnow
from app.developer.snippets.code import quote_for_php, quote_for_scripts
from app.developer.snippets.shell import quoted
from app.extensions import db
from app.traffic.models import HourlyCount, begin_of_hour
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.markup import Element, parse

BOTH = ("authorization_code", "client_credentials")
DAY = timedelta(days=1)


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def page_of(console: Console, made: MadeClient) -> Element:
    page = console.get(f"/developer/apps/{made.id}")
    assert page.status_code == 200
    return parse(page.text)


def hints(console: Console, made: MadeClient) -> dict[str, str]:
    """Return each hint with the address where it is mended."""
    found = page_of(console, made).all("section", id="hints")
    items = found[0].all("li") if found else []
    return {item.one("bdi").text: item.all("a")[-1]["href"] for item in items}


def change(app: Flask, made: MadeClient, **values: Any) -> None:
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        for name, value in values.items():
            setattr(client, name, value)
        db.session.commit()


def sound(make: Factory, console: Console, **details: Any) -> MadeClient:
    """Make an app that nothing is odd about."""
    make.user(permissions=["view_users"])
    values = {"grant_types": BOTH, "permissions": ["view_users"]}
    return make.client(owner=console.person, **(values | details))


def test_nothing_is_said_of_a_sound_app(console: Console, make: Factory) -> None:
    assert hints(console, sound(make, console)) == {}
    device = sound(
        make,
        console,
        grant_types=BOTH[:1],
        is_confidential=False,
        permissions=[],
        redirect_uris=["http://127.0.0.1/cb"],
    )
    assert hints(console, device) == {}


@pytest.mark.parametrize(
    ("details", "changes", "words", "place"),
    [
        ({}, {"disabled_at": utcnow()}, "It has been disabled since", "/danger"),
        (
            {},
            {"created_at": utcnow() - 2 * DAY},
            "never been used",
            "#snippets",
        ),
        ({"is_pkce_required": False}, {}, "PKCE is off", "#is_pkce_required"),
        (
            {"redirect_uris": ["http://localhost/cb", "http://[::1]/cb"]},
            {},
            "point to the user's own device",
            "#redirect_uris",
        ),
        ({"permissions": []}, {}, "has no permissions", "/permissions"),
        ({"scopes": []}, {}, "only for who they are", "/permissions"),
        ({}, {"owner_id": None}, "It has no owner", "/danger"),
    ],
)
def test_what_is_odd_is_said_with_the_way_to_mend_it(
    app: Flask,
    console: Console,
    make: Factory,
    details: dict[str, Any],
    changes: dict[str, Any],
    words: str,
    place: str,
) -> None:
    made = sound(make, console, **details)
    change(app, made, **changes)
    ((sentence, url),) = hints(console, made).items()
    assert words in sentence
    assert url.endswith(place)
    assert url.startswith(f"/developer/apps/{made.id}")
    assert console.get(url.partition("#")[0]).status_code == 200


def test_a_last_secret_that_ends_soon_is_noticed(
    app: Flask, console: Console, make: Factory
) -> None:
    made = sound(make, console)
    for left, is_said in ((13 * DAY, True), (15 * DAY, False), (-DAY, True)):
        with app.app_context():
            client = find_client(made.id)
            assert client is not None
            client.secrets[0].expires_at = utcnow() + left
            db.session.commit()
        said = " ".join(hints(console, made))
        assert ("expires on" in said or "no active secret" in said) is is_said


def test_an_owner_who_is_deactivated_is_noticed(
    app: Flask, console: Console, make: Factory
) -> None:
    owner = make.user(name="<i>Bob</i>")
    made = sound(make, console)
    change(app, made, owner_id=owner.id)
    with app.app_context():
        client = db.session.get_one(Client, find_client(made.id).id)  # type: ignore[union-attr]
        assert client.owner is not None
        client.owner.deactivated_at = utcnow()
        db.session.commit()
    assert "Its owner, <i>Bob</i>, is deactivated." in hints(console, made)


def test_scopes_that_nobody_holds_are_noticed(console: Console, make: Factory) -> None:
    make.permission("fly", is_delegable=True)
    made = sound(make, console, scopes=["fly"])
    assert "Nobody holds a permission that it may ask for" in " ".join(
        hints(console, made)
    )
    make.role("Pilot", permissions=["fly"])
    make.user(roles=["Pilot"])
    assert hints(console, made) == {}


def test_many_refusals_are_noticed_and_plotted(
    app: Flask, console: Console, make: Factory
) -> None:
    made = sound(make, console)
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        hour = begin_of_hour(utcnow())
        db.session.add(
            HourlyCount(client_id=client.id, hour=hour, tokens=8, calls=22, refusals=25)
        )
        db.session.commit()
    assert "25 of its 55 requests in the last 24 hours were refused." in hints(
        console, made
    )
    plot = page_of(console, made).one("figure", id="traffic")
    assert "30 granted, 25 refused" in plot.text


def test_ids_endpoints_and_activity_are_shown(
    app: Flask, console: Console, make: Factory
) -> None:
    made = sound(make, console, description="For <b>partners</b>")
    page = page_of(console, made)
    assert page.one("code", id="client-id").text == made.id
    assert "Client ID, safe to share" in page.text
    assert "Client secret, keep secret" in page.text
    assert f"…{made.secret[-4:]}" in page.one(id="identity").text
    assert made.secret not in page.text
    assert "For <b>partners</b>" in page.text
    issuer = page.one("code", id="issuer").text
    addresses = page.one(id="endpoints").text
    for path in ("/oauth/authorize", "/oauth/token", "/.well-known/jwks.json"):
        assert f"{issuer}{path}" in addresses


def test_snippets_are_of_the_apps_own_grants_and_never_hold_a_secret(
    console: Console, make: Factory
) -> None:
    service = sound(make, console, grant_types=BOTH[1:], redirect_uris=[])
    snippets = page_of(console, service).one(id="snippets")
    languages = [label.text.strip() for label in snippets.all("label")]
    assert languages == ["curl", "Python", "PHP", "JavaScript"]
    assert len(snippets.all("figure")) == 4
    assert not snippets.all("details")
    assert "authorize" not in snippets.text
    both = page_of(console, sound(make, console)).one(id="snippets")
    assert len(both.all("figure")) == 8
    assert ["open" in part for part in both.all("details", name="samples")] == [
        True,
        False,
    ]
    assert not re.search(r"gps_\w{10}", both.text)
    device = sound(
        make, console, grant_types=BOTH[:1], is_confidential=False, permissions=[]
    )
    assert "OAUTH_CLIENT_SECRET" not in page_of(console, device).one(id="snippets").text


def test_scopes_that_are_no_longer_delegable_are_not_asked_for(
    app: Flask, console: Console, make: Factory
) -> None:
    made = sound(make, console, scopes=["view_users", "openid"])
    change(app, made, scopes=["openid", "view_users", "gone"])
    code = page_of(console, made).one("code", id="snippet-2-python").text
    assert '"scope": "openid view_users",' in code


HARD = ["it's", 'a "b"', "\\", "\\'", "$HOME", "`id`", "?>", "a\nb", "</script>", "é😀"]


@pytest.mark.parametrize("text", HARD)
def test_text_is_quoted_so_that_it_stays_text(text: str) -> None:
    assert json.loads(quote_for_scripts(text)) == text
    assert eval(quote_for_scripts(text)) == text
    assert shlex.split(quoted(text)) == [text]
    inside = quote_for_php(text)[1:-1]
    assert re.fullmatch(r"(?:[^'\\]|\\['\\])*", inside)
    assert re.sub(r"\\(['\\])", r"\1", inside) == text


@pytest.mark.parametrize("hx", [False, True])
def test_the_number_of_queries_is_small(
    app: Flask, console: Console, make: Factory, hx: bool
) -> None:
    made = sound(make, console)
    page = console.get(f"/developer/apps/{made.id}", hx=hx)
    assert ("<html" in page.text) is not hx
    assert len(page.data) < 30_000
