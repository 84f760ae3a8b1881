"""Tokens, Activity and the Danger zone: what ends, what stays, what is remembered."""

import re

import pytest
from flask import Flask

from app.accounts.services import find_user
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.secret_lists import live_secrets
from app.clock import utcnow
from app.consents.services import users_who_allow
from app.extensions import db
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.markup import parse
from tests.support.relying_party import RelyingParty

BOTH = ("authorization_code", "client_credentials")


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def sync(make: Factory) -> MadeClient:
    return make.client("Sync", grant_types=BOTH, permissions=["view_users"])


def address(made: MadeClient, tab: str) -> str:
    return f"/developer/apps/{made.id}/{tab}"


def stands(app: Flask, made: MadeClient) -> Client:
    with app.app_context():
        client = find_client(made.id, with_deleted=True)
        assert client is not None
        return client


def own_token(app: Flask, made: MadeClient) -> tuple[RelyingParty, str]:
    """Let the app get a token as itself."""
    party = RelyingParty(Browser(app), made.id, made.secret)
    return party, party.act_as_itself().get_json()["access_token"]


def token_for(
    app: Flask, made: MadeClient, person: MadeUser
) -> tuple[RelyingParty, str]:
    """Let a person allow the app, and the app get a token for them."""
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    party = RelyingParty(browser, made.id, made.secret)
    return party, party.tokens()["access_token"]


def status(call: tuple[RelyingParty, str]) -> int:
    party, token = call
    return party.call(token).status_code


def links(console: Console, page: str, pattern: str) -> list[str]:
    """Return the addresses on a page that match."""
    found = re.findall(r'href="([^"]+)"', console.get(page).text)
    return [link for link in found if re.search(pattern, link)]


def impact_in(page: str) -> list[str]:
    """Return what a page says that depends on the app now."""
    return [item.text for item in parse(page).one("ul", class_="impact").all("li")]


def test_live_tokens_are_listed_with_whom_they_act_for(
    app: Flask, console: Console, make: Factory, sync: MadeClient
) -> None:
    assert "No live token" in console.get(address(sync, "tokens")).text
    own_token(app, sync)
    token_for(app, sync, make.user(name="Grace"))
    page = console.get(address(sync, "tokens"))
    assert "Itself" in page.text
    assert "<bdi>Grace</bdi>" in page.text
    assert "<code>view_users</code>" in page.text
    listed = console.get("/developer/apps")
    assert re.search(r'data-label="Live tokens" class="number"><span>2<', listed.text)


@pytest.mark.parametrize("hx", [False, True])
def test_one_token_is_revoked_after_a_question(
    app: Flask, console: Console, sync: MadeClient, hx: bool
) -> None:
    first, second = own_token(app, sync), own_token(app, sync)
    newest, oldest = links(console, address(sync, "tokens"), r"/tokens/[0-9a-f-]{36}/")
    assert status(second) == 200
    answer = console.send(newest, hx=hx)
    assert answer.status_code == (204 if hx else 303)
    where = answer.headers["HX-Redirect" if hx else "Location"]
    assert "The token has been revoked." in console.get(where).text
    assert (status(first), status(second)) == (200, 401)
    assert console.get(newest).status_code == 404
    _, data = (console.get(oldest), console.filled()[1])
    assert console.send_again((newest, data)).status_code == 404
    other = oldest.replace(sync.id, make_other(console).id)
    assert console.get(other).status_code == 404
    assert console.send_again((other, data)).status_code == 404
    assert status(first) == 200


def make_other(console: Console) -> MadeClient:
    return Factory(console.browser.app).client("Other")


@pytest.mark.parametrize("hx", [False, True])
def test_every_token_is_revoked_and_secrets_stay(
    app: Flask, console: Console, make: Factory, sync: MadeClient, hx: bool
) -> None:
    calls = [own_token(app, sync), token_for(app, sync, make.user())]
    (question, *_) = links(console, address(sync, "danger"), "revoke-all$")
    page = console.get(question)
    assert impact_in(page.text)[0] == "2 live tokens, 1 for people"
    answer = console.send(question, hx=hx)
    assert answer.status_code == (204 if hx else 303)
    assert [status(call) for call in calls] == [401, 401]
    assert own_token(app, sync)[1]


@pytest.mark.parametrize("hx", [False, True])
def test_the_tokens_for_one_person_are_revoked(
    app: Flask, console: Console, make: Factory, sync: MadeClient, hx: bool
) -> None:
    ada, grace = make.user(name="Zed"), make.user(name="Grace")
    of_ada, of_grace = token_for(app, sync, ada), token_for(app, sync, grace)
    question = f"{address(sync, 'tokens')}/of/{grace.id}/revoke"
    assert question in links(console, f"{address(sync, 'tokens')}/people", "/of/")
    assert "Access tokens that stop working: 1." in console.get(question).text
    assert console.send(question, hx=hx).status_code == (204 if hx else 303)
    assert (status(of_ada), status(of_grace)) == (200, 401)


@pytest.mark.parametrize("hx", [False, True])
def test_an_app_is_disabled_and_enabled(
    app: Flask, console: Console, sync: MadeClient, hx: bool
) -> None:
    call = own_token(app, sync)
    page = console.get(address(sync, "disable"))
    assert impact_in(page.text)[0] == "1 live token, none for people"
    assert status(call) == 200
    console.send(address(sync, "disable"), hx=hx)
    assert stands(app, sync).disabled_at is not None
    assert status(call) == 401
    console.send(address(sync, "danger"), action="/enable$", hx=hx)
    assert stands(app, sync).disabled_at is None
    assert status(call) == 200


@pytest.mark.parametrize("hx", [False, True])
def test_an_app_is_handed_over(
    app: Flask, console: Console, make: Factory, sync: MadeClient, hx: bool
) -> None:
    grace = make.user("grace@example.com", name="Grace")
    values = {"owner": " GRACE@example.com "}
    console.send(address(sync, "danger"), values, action="/transfer$", hx=hx)
    assert stands(app, sync).owner_id == grace.id
    assert "<bdi>Grace</bdi> owns this app" in console.get(address(sync, "danger")).text


@pytest.mark.parametrize("owner", ["", "nobody@example.com", "\ud800", "x" * 9000])
def test_an_app_is_handed_to_people_only(
    app: Flask, console: Console, sync: MadeClient, owner: str
) -> None:
    values = {"owner": owner.encode("utf-8", "surrogatepass")}
    page = console.send(address(sync, "danger"), values, action="/transfer$")
    assert page.status_code == 422
    assert 'id="owner-error"' in page.text
    assert stands(app, sync).owner_id is None


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        ("graze@example.com", "Nobody has the e-mail address graze@example.com."),
        ("gone@example.com", "This account is deactivated."),
        ("grac", "choose one of the people below"),
        ("gone", "Nobody else who can sign in matches this."),
    ],
)
def test_why_nobody_gets_an_app_is_said(
    app: Flask,
    console: Console,
    make: Factory,
    sync: MadeClient,
    owner: str,
    words: str,
) -> None:
    make.user("grace@example.com", name="Grace")
    gone = make.user("gone@example.com", name="Gone")
    with app.app_context():
        user = find_user(gone.id)
        assert user is not None
        user.deactivated_at = utcnow()
        db.session.commit()
    values = {"owner": owner}
    page = console.send(address(sync, "danger"), values, action="/transfer$")
    assert page.status_code == 422
    assert words in parse(page.text).one(id="owner-error").text


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize("name", ["", "sync", "Sync!", "Portal"])
def test_a_wrong_name_deletes_nothing(
    app: Flask, console: Console, sync: MadeClient, name: str, hx: bool
) -> None:
    values = {"name": name}
    page = console.send(address(sync, "danger"), values, action="/delete$", hx=hx)
    assert page.status_code == 422
    assert 'id="name-error"' in page.text
    assert stands(app, sync).deleted_at is None


def test_a_name_is_typed_as_it_reads(
    app: Flask, console: Console, make: Factory
) -> None:
    made = make.client("Cafe\u0301  Sync")
    values = {"name": "Café Sync"}
    console.send(address(made, "danger"), values, action="/delete$")
    assert stands(app, made).deleted_at is not None


@pytest.mark.parametrize("hx", [False, True])
def test_deleting_ends_everything_and_restoring_brings_back_the_rest(
    app: Flask, console: Console, make: Factory, sync: MadeClient, hx: bool
) -> None:
    grace = make.user()
    calls = [own_token(app, sync), token_for(app, sync, grace)]
    page = console.get(address(sync, "danger"))
    assert impact_in(page.text)[:4] == [
        "2 live tokens, 1 for people",
        "1 person who allowed the app",
        "1 person with refresh tokens",
        "1 working secret",
    ]
    values = {"name": "Sync"}
    gone = console.send(address(sync, "danger"), values, action="/delete$", hx=hx)
    assert gone.status_code == (204 if hx else 303)
    where = gone.headers["HX-Redirect" if hx else "Location"]
    listed = console.get(where)
    assert "Sync is in the trash" in listed.text
    assert f"{sync.id}/settings" not in listed.text
    assert [status(call) for call in calls] == [401, 401]
    assert sync.id in console.get("/developer/apps?status=deleted").text
    back = console.send(address(sync, "danger"), action="/restore$", hx=hx)
    assert back.status_code == (200 if hx else 303)
    assert [status(call) for call in calls] == [401, 401]
    party, _ = calls[0]
    assert party.act_as_itself().status_code == 401
    with app.app_context():
        client = find_client(sync.id)
        assert client is not None
        assert live_secrets(client) == []
        assert len(db.session.scalars(users_who_allow(client.id)).all()) == 1
    assert "<code>view_users</code>" in console.get(address(sync, "permissions")).text


@pytest.mark.parametrize("action", ["/delete$", "/restore$"])
def test_the_same_step_twice_is_refused_the_second_time(
    app: Flask, console: Console, sync: MadeClient, action: str
) -> None:
    if action == "/restore$":
        danger = address(sync, "danger")
        console.send(danger, {"name": "Sync"}, action="/delete$")
    console.get(address(sync, "danger"))
    filled = console.filled({"name": "Sync"}, action=action)
    assert console.send_again(filled).status_code == 303
    assert console.send_again(filled).status_code == 409


def test_activity_tells_who_did_what_with_the_difference(
    app: Flask, console: Console, make: Factory, sync: MadeClient
) -> None:
    values = {"name": "Invoice Sync", "redirect_uris": None}
    console.send(address(sync, "settings"), values, action="/settings$")
    token_for(app, sync, make.user(name="Grace"))
    text = console.get(address(sync, "activity")).text
    assert "<bdi>Gatepass</bdi></strong> registered the app" in text
    assert "<bdi>Ada</bdi></strong> changed the settings" in text
    assert re.search(r"<del><bdi>Sync</bdi></del>.*<ins><bdi>Invoice Sync</bdi>", text)
    assert "<bdi>Grace</bdi></strong> allowed the app" in text
    other = make.client("Other")
    assert "Invoice Sync" not in console.get(address(other, "activity")).text


def test_activity_has_pages(console: Console, sync: MadeClient) -> None:
    for action in ["/verify$", "/unverify$"] * 13:
        console.send(address(sync, "settings"), action=action)
    page = console.get(address(sync, "activity") + "?page=2")
    assert "registered the app" in page.text
    assert "registered the app" not in console.get(address(sync, "activity")).text
