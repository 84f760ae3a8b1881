"""Redirect URIs judged while somebody types, and spelled as they are meant."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.clients.queries import find_client
from tests.factories import Factory, MadeClient
from tests.support.console import HX, Console
from tests.support.markup import parse

NEW, JUDGE = "/developer/apps/new", "/developer/apps/redirect-uris"
URI = "https://portal.example.com/cb"


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def judge(
    console: Console, text: str, *, page: str = NEW, url: str = JUDGE, **more: Any
) -> TestResponse:
    """Send what the field sends while somebody types."""
    console.get(page)
    _, data = console.filled(more | {"redirect_uris": text}, action=f"^{page}")
    return console.browser.client.post(url, data=data, headers=HX)


def test_each_line_is_judged_with_reason_and_spelling(console: Console) -> None:
    text = f"{URI}\r\nhttp://portal.example.com/cb\r\nhttp://localhost/cb\r\nnonsense"
    answer = judge(console, text, who="web")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    tree = parse(answer.text)
    right, plain, local, nonsense = tree.all("li")
    assert "2 of 4 cannot be used" in tree.text
    assert right["class"] == "judged-right"
    assert plain["class"] == nonsense["class"] == "judged-wrong"
    assert "Use https://." in plain.text
    button = plain.one("button")
    assert (button["name"], button["value"]) == (
        "respell",
        "http://portal.example.com/cb",
    )
    assert button.text == f"Use {URI}"
    assert local["class"] == "judged-doubt"
    assert "Better 127.0.0.1" in local.text
    assert nonsense.all("button") == []


def test_who_acts_decides_about_schemes_of_their_own(console: Console) -> None:
    uri = "com.example.app:/cb"
    assert "public apps" in judge(console, uri, who="web").text
    for who in ("device", None):
        answer = judge(console, uri, who=who).text
        assert "can claim this scheme" in answer
        assert "judged-wrong" not in answer


def test_an_apps_own_kind_decides_in_its_settings(
    console: Console, make: Factory
) -> None:
    grants = ["authorization_code"]
    for is_confidential, expected in ((True, True), (False, False)):
        made = make.client(
            grant_types=grants, redirect_uris=[URI], is_confidential=is_confidential
        )
        page = f"/developer/apps/{made.id}/settings"
        url = f"/developer/apps/{made.id}/redirect-uris"
        assert url in console.get(page).text
        answer = judge(console, "com.example.app:/cb", page=page, url=url)
        assert ("judged-wrong" in answer.text) is expected


def test_nothing_is_said_of_nothing(console: Console) -> None:
    answer = judge(console, " \r\n ").text
    assert parse(answer).text == ""
    # Pages tell by a change that an answer has come.
    assert answer.strip()


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "\u202e" * 9, "x" * 9000, "\n".join("abc" * 400)],
)
def test_whatever_is_typed_is_text_and_bounded(console: Console, text: str) -> None:
    answer = judge(console, text)
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert len(parse(answer.text).all("li")) <= 50


def test_judging_needs_a_session_and_a_token_and_leaves_the_page_open(
    app: Flask, console: Console, make: Factory
) -> None:
    client = console.browser.client
    assert client.post(JUDGE, data={"redirect_uris": URI}).status_code == 400
    console.get(NEW)
    _, data = console.filled()
    other = Console.of(make.user(), app, make)
    other.get("/account/security")
    token = other.browser.form("^(?!/logout)")["fields"]["csrf_token"]
    refused = other.browser.client.post(JUDGE, data={"csrf_token": token}, headers=HX)
    assert refused.status_code == 403
    console.browser.get("/account/security")
    console.browser.submit(action="^/logout$")
    console.browser.get("/login")
    token = console.browser.form("^/login")["fields"]["csrf_token"]
    answer = client.post(JUDGE, data=data | {"csrf_token": token}, headers=HX)
    assert answer.status_code == 401
    assert "signed out" in answer.text
    assert "HX-Redirect" not in answer.headers


@pytest.mark.parametrize("hx", [False, True])
def test_a_button_spells_a_new_apps_line_and_registers_nothing(
    console: Console, hx: bool
) -> None:
    wrong = "portal.example.com/a b"
    values = {
        "who": "web",
        "name": "Portal",
        "redirect_uris": f"{URI}\r\n{wrong}",
        "respell": wrong,
    }
    page = console.send(NEW, values, hx=hx)
    assert page.status_code == 200
    box = parse(page.text).one("textarea", id="redirect_uris")
    typed = "".join(box.pieces).strip().splitlines()
    assert typed == [URI, "https://portal.example.com/a%20b"]
    assert "autofocus" in box
    assert page.text.count("autofocus") == 1
    assert 'value="Portal"' in page.text
    assert "Portal</bdi>" not in console.get("/developer/apps").text


def test_a_button_that_names_no_line_changes_nothing(console: Console) -> None:
    values = {"who": "web", "redirect_uris": URI, "respell": "http://x.example/"}
    page = console.send(NEW, values)
    assert (
        "".join(parse(page.text).one("textarea", id="redirect_uris").pieces).strip()
        == URI
    )


@pytest.mark.parametrize("hx", [False, True])
def test_a_button_spells_a_line_of_the_settings_and_saves_nothing(
    app: Flask, console: Console, make: Factory, hx: bool
) -> None:
    made: MadeClient = make.client(
        grant_types=["authorization_code"], redirect_uris=[URI]
    )
    page = f"/developer/apps/{made.id}/settings"
    wrong = "https://portal.example.com/#x"
    answer = console.send(
        page,
        {"redirect_uris": wrong, "respell": wrong},
        action="/settings$",
        hx=hx,
    )
    assert answer.status_code == 200
    assert "https://portal.example.com/</textarea>" in answer.text
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        assert client.redirect_uris == [URI]


def test_without_javascript_the_judgement_comes_with_the_form(console: Console) -> None:
    values = {"who": "web", "name": "Portal", "redirect_uris": "http://a.example/cb"}
    page = console.send(NEW, values)
    assert page.status_code == 422
    (line,) = parse(page.text).one(id="redirect-uris-judged").all("li")
    assert line.one("button").text == "Use https://a.example/cb"


def test_return_presses_no_other_button(console: Console, make: Factory) -> None:
    made = make.client(
        grant_types=["authorization_code"], redirect_uris=["http://localhost"]
    )
    for page in (NEW, f"/developer/apps/{made.id}/settings"):
        tree = parse(console.get(page).text)
        (form,) = [f for f in tree.all("form") if f.attributes["action"] == page]
        first = next(b for b in form.all("button") if b.attributes["type"] == "submit")
        assert "hidden" in first
        assert "name" not in first
