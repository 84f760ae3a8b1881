"""Two administrators edit one app: nothing that either of them did is lost."""

from typing import Any

import pytest
from flask import Flask

from app.clients.models import Client
from app.clients.queries import find_client
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.markup import Element, parse

URI = "https://portal.example.com/cb"
BOTH = ("authorization_code", "client_credentials")
STANDS = {"description": "", "redirect_uris": URI}


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def other(app: Flask, make: Factory) -> Console:
    """The other administrator."""
    person = make.user(name="<b>Bob</b>", administrator=True)
    return Console.of(person, app, make)


@pytest.fixture
def portal(make: Factory) -> MadeClient:
    return make.client("Portal", grant_types=BOTH, redirect_uris=[URI])


def stands(app: Flask, made: MadeClient) -> Client:
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        return client


def opened(console: Console, made: MadeClient, **typed: Any) -> Any:
    """Open the settings and fill them in, but do not send them yet."""
    console.get(f"/developer/apps/{made.id}/settings")
    return console.filled(STANDS | typed, action="/settings$")


def typed_in(page: Element, name: str) -> str:
    """Return what stands in a field of the form."""
    return "".join(page.one("textarea", id=name).pieces).strip()


@pytest.mark.parametrize("hx", [False, True])
def test_different_fields_are_laid_over_each_other(
    app: Flask, console: Console, other: Console, portal: MadeClient, hx: bool
) -> None:
    mine = opened(console, portal, description="Typed by me", access_token_ttl="600")
    other.send_again(opened(other, portal, name="Theirs", is_pkce_required=None))
    page = console.send_again(mine, hx=hx)
    assert page.status_code == 409
    tree = parse(page.text)
    alert = tree.one(role="alert")
    assert "while you were editing" in alert.text
    assert "<b>Bob</b> saved" in alert.text
    assert "<b>Bob" not in page.text
    assert "name: Portal → Theirs" in alert.text
    assert "saved as" not in alert.text
    assert tree.one("input", id="name")["value"] == "Theirs"
    assert "checked" not in tree.one("input", id="is_pkce_required")
    assert typed_in(tree, "description") == "Typed by me"
    assert tree.one("input", id="access_token_ttl")["value"] == "600"
    assert stands(app, portal).description == ""

    console.browser.page = page
    again = console.filled(
        {"description": "Typed by me", "redirect_uris": URI}, action="/settings$"
    )
    assert console.send_again(again, hx=hx).status_code == (200 if hx else 303)
    client = stands(app, portal)
    assert (client.name, client.description) == ("Theirs", "Typed by me")
    assert client.access_token_ttl == 600
    assert not client.is_pkce_required


def test_where_both_decide_it_is_said_and_what_was_typed_stays(
    app: Flask, console: Console, other: Console, portal: MadeClient
) -> None:
    mine = opened(console, portal, name="Mine", redirect_uris=f"{URI}\r\n{URI}/mine")
    other.send_again(opened(other, portal, name="Theirs"))
    other.send_again(
        opened(other, portal, name="Theirs at last", redirect_uris=f"{URI}/theirs")
    )
    page = console.send_again(mine)
    tree = parse(page.text)
    said = tree.one(role="alert").text
    assert said.count("saved just now") == 2
    assert "saved as Theirs at last, you typed Mine" in said
    assert "redirect URIs: compared with what is saved, yours has " in said
    assert f"added {URI} added {URI}/mine removed {URI}/theirs" in said
    assert tree.one("input", id="name")["value"] == "Mine"
    assert typed_in(tree, "redirect_uris").splitlines() == [URI, f"{URI}/mine"]
    assert stands(app, portal).name == "Theirs at last"


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "99", "9" * 300])
def test_a_form_that_does_not_know_its_state_keeps_what_was_typed(
    console: Console, portal: MadeClient, version: str
) -> None:
    page = console.send_again(opened(console, portal, name="Mine", version=version))
    assert page.status_code == 409
    tree = parse(page.text)
    assert tree.one("input", id="name")["value"] == "Mine"
    assert "saved as Portal, you typed Mine" in tree.one(role="alert").text


def test_an_owner_handed_over_meanwhile_is_told_and_kept(
    app: Flask, console: Console, other: Console, portal: MadeClient, make: Factory
) -> None:
    mine = opened(console, portal, name="Mine")
    carol = make.user("carol@example.com", name="Carol")
    other.send(
        f"/developer/apps/{portal.id}/danger",
        {"owner": carol.email},
        action="/transfer$",
    )
    page = console.send_again(mine)
    assert page.status_code == 409
    assert "owner: Carol" in parse(page.text).one(role="alert").text
    console.browser.page = page
    console.send_again(console.filled({"redirect_uris": URI}, action="/settings$"))
    client = stands(app, portal)
    assert (client.name, client.owner_id) == ("Mine", carol.id)


def test_the_same_change_twice_is_no_clash(
    console: Console, other: Console, portal: MadeClient
) -> None:
    mine = opened(console, portal, name="Same")
    other.send_again(opened(other, portal, name="Same"))
    page = console.send_again(mine)
    assert page.status_code == 409
    assert "saved as" not in page.text
