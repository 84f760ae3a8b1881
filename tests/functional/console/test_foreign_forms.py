"""Forms that another site's page sends are refused, also with a right token."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.relying_party import RelyingParty

Headers = dict[str, str]
EVIL = "https://evil.example"
HERE = "http://localhost"
FOREIGN: list[Headers] = [
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8000"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "http://[evil"},
    {"Origin": "http://localhost:port"},
    {"Origin": "localhost"},
    {"Origin": "://localhost"},
    {"Origin": ""},
    {"Origin": "file://"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": EVIL, "Sec-Fetch-Site": "same-site"},
    {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
]
OUR_OWN: list[Headers] = [
    {},
    {"Origin": HERE},
    {"Origin": "http://LOCALHOST:80"},
    # TLS ends at a proxy that does not say so.
    {"Origin": "https://localhost"},
    {"Origin": HERE, "Sec-Fetch-Site": "same-origin"},
    # An extension of the browser hides where requests come from.
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def send_role(console: Console, headers: Headers) -> int:
    """Send the form for a new role, whose token is right, with `headers`."""
    assert console.get("/access/roles/new").status_code == 200
    address, data = console.filled({"name": "Clerk"})
    client = console.browser.client
    answer = client.post(address, data=data, headers=headers)
    if answer.status_code == 400:
        assert "This form is no longer valid" in answer.text
    return answer.status_code


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_what_another_site_sends_changes_nothing(
    console: Console, headers: Headers
) -> None:
    assert send_role(console, headers) == 400
    assert "Clerk" not in console.get("/access/roles").text


@pytest.mark.parametrize("headers", OUR_OWN, ids=str)
def test_what_our_own_pages_send_is_taken(console: Console, headers: Headers) -> None:
    assert send_role(console, headers) == 303


def test_the_public_address_is_ours_behind_a_proxy_that_renames_the_host(
    console: Console, configure: Callable[..., None]
) -> None:
    configure(app_url="https://auth.example.com")
    assert send_role(console, {"Origin": "https://auth.example.com"}) == 303
    assert send_role(console, {"Origin": "http://auth.example.com"}) == 400
    assert send_role(console, {"Origin": "https://auth.example.com:8443"}) == 400


def test_signing_in_is_guarded_too(browser: Browser, make: Factory) -> None:
    person = make.user()
    browser.get("/login")
    data = browser.form()["fields"] | {
        "email": person.email,
        "password": person.password,
    }
    post = browser.client.post
    assert post("/login", data=data, headers={"Origin": EVIL}).status_code == 400
    assert post("/login", data=data, headers={"Origin": HERE}).status_code == 303


def test_htmx_is_answered_with_a_fragment(console: Console) -> None:
    console.get("/access/roles/new")
    address, data = console.filled({"name": "Clerk"})
    answer = console.browser.client.post(
        address, data=data, headers={"HX-Request": "true", "Origin": EVIL}
    )
    assert answer.status_code == 400
    assert "<html" not in answer.text


@pytest.mark.parametrize("headers", [FOREIGN[0], FOREIGN[1], FOREIGN[14]], ids=str)
def test_apps_send_people_here_by_post_all_the_same(
    app: Flask, party: RelyingParty, headers: Headers
) -> None:
    visitor = app.test_client()
    asked = party.authorization_parameters(prompt="login")
    answer = visitor.post("/oauth/authorize", data=asked, headers=headers)
    assert (answer.status_code, answer.location[:17]) == (303, "/oauth/authorize?")
    asked = {"client_id": party.client_id}
    answer = visitor.post("/oauth/logout", data=asked, headers=headers)
    assert (answer.status_code, answer.location[:14]) == (303, "/oauth/logout?")
    answer = visitor.post("/oauth/token", headers=headers)
    assert answer.get_json()["error"] == "invalid_request"
