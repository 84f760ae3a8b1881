"""Developer → Apps: the list, a new app, and its secret, shown once."""

import base64
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import digests
from app.access.effective import permission_names
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.lifecycle import delete_client, disable_client
from app.clients.models import Client, ClientSecret
from app.clients.queries import find_client
from app.extensions import db
from tests.factories import Factory
from tests.support.console import Console
from tests.support.markup import parse

LIST, NEW = "/developer/apps", "/developer/apps/new"
WEB = {
    "who": "web",
    "name": "Customer Portal",
    "description": "For customers",
    "redirect_uris": "https://portal.example.com/cb\r\nhttp://127.0.0.1/cb",
}
SERVICE = {"who": "service", "name": "Nightly export"}
SECRET = re.compile(r"gps_[0-9A-Za-z]{49}")


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def registered(app: Flask) -> list[Client]:
    """Return every client there is, detached."""
    with app.app_context():
        return list(db.session.scalars(select(Client).order_by(Client.created_at)))


def secret_in(page: TestResponse) -> str:
    """Return the secret that a page shows."""
    found = re.search(r'<output id="client-secret">(.*?)</output>', page.text)
    assert found, page.text
    return found[1]


def test_the_empty_list_teaches(console: Console) -> None:
    page = console.get(LIST)
    assert page.status_code == 200
    assert "Register your first app" in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_the_same_list_is_a_page_or_a_panel(console: Console, make: Factory) -> None:
    make.client("Nightly")
    whole, part = console.get(LIST), console.get(LIST, hx=True)
    assert whole.text.startswith("<!doctype html>")
    assert "<html" not in part.text
    for page in (whole, part):
        assert page.text.count('id="panel"') == 1
        assert ">Nightly</bdi>" in page.text
        assert "HX-Request" in page.headers["Vary"]


def test_the_address_searches_filters_and_sorts(
    app: Flask, console: Console, make: Factory
) -> None:
    mine = make.client("Alpha job", owner=console.person)
    portal = make.client("Beta portal", grant_types=["authorization_code"])
    gone = make.client("Gone app")
    with app.app_context():
        for made, change in ((portal, disable_client), (gone, delete_client)):
            client = find_client(made.id)
            assert client is not None
            change(actor=SERVER, client=client)
        db.session.commit()

    def shown(query: str) -> list[str]:
        text = console.get(f"{LIST}?{query}").text
        return re.findall(r"(Alpha job|Beta portal|Gone app)</bdi>", text)

    assert shown("") == ["Alpha job", "Beta portal"]
    assert shown("sort=-created_at") == ["Beta portal", "Alpha job"]
    assert shown("q=PORTAL") == ["Beta portal"]
    assert shown(f"q={mine.id}") == ["Alpha job"]
    assert shown("q=%25") == []
    assert shown("grant=authorization_code") == ["Beta portal"]
    assert shown("status=enabled") == ["Alpha job"]
    assert shown("status=disabled") == ["Beta portal"]
    assert shown("status=deleted") == ["Gone app"]
    assert shown("owner=me") == ["Alpha job"]
    assert "No matching apps" in console.get(f"{LIST}?q=zzz").text
    assert shown("sort=;DROP&status=x&grant=y&owner=z&page=-3&q=") == shown("")


def test_long_lists_have_pages(console: Console, make: Factory) -> None:
    for number in range(27):
        make.client(f"App {number:02}")
    first, second = console.get(LIST), console.get(f"{LIST}?page=2&sort=name")
    assert "1 to 25 of 27" in first.text
    assert "26 to 27 of 27" in second.text
    assert ">App 26</bdi>" in second.text
    assert ">App 00</bdi>" not in second.text


@pytest.mark.parametrize("hx", [False, True])
def test_a_service_gets_a_secret_that_works(
    app: Flask, console: Console, hx: bool
) -> None:
    values = SERVICE | {"permissions": ["view_users", "introspect_tokens"]}
    page = console.send(NEW, values, hx=hx)
    assert page.status_code == 200
    assert ("<html" in page.text) is not hx
    assert page.headers["Cache-Control"] == "no-store"
    secret = secret_in(page)
    (client,) = registered(app)
    assert client.grant_types == ["client_credentials"]
    assert client.owner_id == console.person.id
    with app.app_context():
        assert permission_names(client.id) == {"view_users", "introspect_tokens"}
        (kept,) = db.session.scalars(select(ClientSecret))
        assert digests.verify(secret, kept.digest)
        assert kept.created_by_id == console.person.id
    if hx:
        assert page.headers["HX-Push-Url"] == f"/developer/apps/{client.id}"


def test_the_secret_is_in_that_answer_and_nowhere_else(
    app: Flask, console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    page = console.send(NEW, SERVICE)
    secret = secret_in(page)
    (client,) = registered(app)
    for header, value in page.headers:
        assert secret not in value, header
    for tab in ("settings", "permissions", "tokens", "activity", "danger"):
        after = console.get(f"/developer/apps/{client.id}/{tab}")
        assert after.status_code == 200
        assert not SECRET.search(after.text)
    assert secret not in caplog.text
    with app.app_context():
        details = [
            str(event.details) for event in db.session.scalars(select(AuditEvent))
        ]
        assert not SECRET.search(" ".join(details))


def test_the_env_file_is_a_link_in_the_same_answer(console: Console) -> None:
    page = console.send(NEW, SERVICE)
    data = re.search(
        r'href="data:text/plain;base64,([^"]+)" download="(.*?)"', page.text
    )
    assert data
    lines = base64.b64decode(data[1]).decode().splitlines()
    assert f"OAUTH_CLIENT_SECRET={secret_in(page)}" in lines
    assert data[2] == "nightly-export.env"


def test_a_web_app_has_redirect_uris_and_no_permissions_of_its_own(
    app: Flask, console: Console
) -> None:
    secret_in(console.send(NEW, WEB | {"permissions": ["view_users"]}))
    (client,) = registered(app)
    assert client.grant_types == ["authorization_code"]
    assert client.is_confidential
    assert client.redirect_uris == [
        "https://portal.example.com/cb",
        "http://127.0.0.1/cb",
    ]
    assert client.description == "For customers"
    with app.app_context():
        assert permission_names(client.id) == frozenset()


@pytest.mark.parametrize("hx", [False, True])
def test_an_app_on_a_device_has_no_secret(
    app: Flask, console: Console, hx: bool
) -> None:
    values = WEB | {"who": "device", "redirect_uris": "com.example.app:/cb"}
    answer = console.send(NEW, values, hx=hx)
    (client,) = registered(app)
    assert not client.is_confidential
    assert answer.status_code == (204 if hx else 303)
    where = answer.headers["HX-Redirect" if hx else "Location"]
    assert where == f"/developer/apps/{client.id}"
    page = console.get(f"{where}/settings")
    assert "Create a new secret" not in page.text
    assert "PKCE" not in page.text


def test_both_is_both(app: Flask, console: Console) -> None:
    console.send(NEW, WEB | {"who": "both", "permissions": ["view_users"]})
    (client,) = registered(app)
    assert client.grant_types == ["authorization_code", "client_credentials"]
    with app.app_context():
        assert permission_names(client.id) == {"view_users"}


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize("values", [SERVICE, WEB])
def test_the_same_form_again_makes_nothing_more(
    app: Flask, console: Console, values: dict[str, Any], hx: bool
) -> None:
    console.get(NEW)
    filled = console.filled(values)
    first = console.send_again(filled, hx=hx)
    again = console.send_again(filled, hx=hx)
    assert SECRET.search(first.text)
    assert again.status_code == 200
    assert not SECRET.search(again.text)
    assert "is already registered" in again.text
    assert len(registered(app)) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ClientSecret)) == 1


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "  "}, "name", "Give the app a name"),
        ({"name": "x" * 101}, "name", "at most 100"),
        ({"name": "turned \u202e"}, "name", "direction of text"),
        ({"description": "x" * 1001}, "description", "at most 1000"),
        ({"redirect_uris": ""}, "redirect_uris", "at least one redirect URI"),
        (
            {"redirect_uris": "http://a.example/\nhttps://b.example/*\nhttps://c.d/"},
            "redirect_uris",
            "Correct the addresses marked below.",
        ),
        ({"redirect_uris": "http://a.example/"}, "redirect_uris", "the address marked"),
        ({"who": None}, "who", "Choose who acts"),
        ({"who": "nobody"}, "who", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    app: Flask,
    console: Console,
    changes: dict[str, Any],
    field: str,
    words: str,
    hx: bool,
) -> None:
    page = console.send(NEW, WEB | changes, hx=hx)
    assert page.status_code == 422
    assert registered(app) == []
    assert re.search(rf'aria-describedby="[^"]*{field}-error', page.text)
    error = re.search(rf'id="{field}-error">(.*?)</p>', page.text, re.DOTALL)
    assert error
    assert words in error[1]
    assert 'role="alert"' in page.text
    assert (error[1].count("<br>"), page.text.count(error[1])) == (0, 2)
    assert page.text.count("autofocus") == 1
    assert not SECRET.search(page.text)


def test_the_page_of_a_secret_has_code_that_runs(console: Console) -> None:
    page = console.send(NEW, WEB)
    secret, tree = secret_in(page), parse(page.text)
    export = tree.one("code", id="export-secret").text
    assert export == f"export OAUTH_CLIENT_SECRET='{secret}'"
    shown = tree.one("code", id="snippet-1-python").text
    app_url = re.search(r"/developer/apps/[0-9a-f-]{36}", page.text)
    assert app_url
    overview = parse(console.get(app_url[0]).text)
    assert shown == overview.one("code", id="snippet-1-python").text
    assert secret not in shown
    service = parse(console.send(NEW, SERVICE).text)
    assert not service.all(id="export-secret")
    assert service.all("code", id="first-token")


def test_each_wrong_redirect_uri_is_told_once(console: Console) -> None:
    uris = "http://a.example/\nhttps://b.example/*\ncom.example.app:/cb"
    page = console.send(NEW, WEB | {"redirect_uris": uris})
    for words in ("Use https://. ", "wildcards", "are for public apps"):
        assert page.text.count(words) == 1
        assert words in parse(page.text).one(id="redirect-uris-judged").text


def test_errors_are_told_in_the_order_of_the_page(console: Console) -> None:
    page = console.send(NEW, WEB | {"who": None, "name": ""})
    told = parse(page.text).one(role="alert").all("a")
    assert [link.text for link in told] == ["Who acts?"]
    page = console.send(NEW, WEB | {"name": "", "redirect_uris": "x"})
    told = parse(page.text).one(role="alert").all("a")
    assert [link.text for link in told] == ["Name", "Redirect URIs"]


def test_a_corrected_form_is_still_the_same_form(app: Flask, console: Console) -> None:
    console.get(NEW)
    address, data = console.filled(WEB | {"name": ""})
    assert console.send_again((address, data)).status_code == 422
    mended = (address, data | {"name": "Portal"})
    assert secret_in(console.send_again(mended))
    assert "already registered" in console.send_again(mended).text
    assert len(registered(app)) == 1


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize(
    "changes",
    [{"name": "Second"}, {"permissions": ["view_users"], "who": "both"}],
)
def test_the_same_form_with_something_else_asks_before_another_app(
    app: Flask, console: Console, changes: dict[str, Any], hx: bool
) -> None:
    console.get(NEW)
    address, data = console.filled(WEB | {"name": "First"})
    assert secret_in(console.send_again((address, data), hx=hx))
    page = console.send_again((address, data | changes), hx=hx)
    assert page.status_code == 422
    assert "already registered First" in page.text
    assert len(registered(app)) == 1
    key = parse(page.text).one("input", name="idempotency_key")["value"]
    data |= changes | {"idempotency_key": key}
    assert secret_in(console.send_again((address, data), hx=hx))
    assert {client.name for client in registered(app)} == {
        "First",
        changes.get("name", "First"),
    }
    assert len(registered(app)) == 2


@pytest.mark.parametrize("key", [None, "", "short", "é" * 20, "x" * 5000])
def test_a_broken_proof_of_first_sending_is_refused(
    app: Flask, console: Console, key: str | None
) -> None:
    page = console.send(NEW, SERVICE | {"idempotency_key": key})
    assert page.status_code == 422
    assert "Open it again" in page.text
    assert registered(app) == []


def test_a_permission_that_is_not_there_is_refused(
    app: Flask, console: Console
) -> None:
    page = console.send(NEW, SERVICE | {"permissions": ["fly"]})
    assert page.status_code == 422
    assert registered(app) == []


def test_markup_and_direction_in_names_stay_text(
    console: Console, make: Factory
) -> None:
    arabic = "تزامن الفواتير"
    evil = make.client("<script>alert(1)</script>", description="<b>bold</b>")
    make.client(arabic)
    page = console.get(LIST)
    assert "<script>alert" not in page.text
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in page.text
    assert f"<bdi>{arabic}</bdi>" in page.text
    tabs = ["settings", "permissions", "tokens", "activity", "danger", "disable"]
    for tab in tabs:
        page = console.get(f"/developer/apps/{evil.id}/{tab}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<b>bold" not in page.text
        assert "<bdi>&lt;script&gt;alert(1)" in page.text
    shown = console.send(NEW, SERVICE | {"name": "<img src=x>'\"&"})
    assert "<img src=x>" not in shown.text


def test_the_bare_address_is_the_first_tab(console: Console, make: Factory) -> None:
    made = make.client()
    answer = console.browser.client.get(f"/developer/apps/{made.id}")
    assert answer.status_code == 200
    assert 'aria-current="page">Overview' in answer.text
