"""On the way to an app the sign-in page names it, and only where there is one."""

from urllib.parse import urlencode

import pytest
from flask import Flask

from app.clients.queries import find_client
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty

NAME = "Invoice <b>Sync</b> \u05d0\u05d1"
SHOWN = "Invoice &lt;b&gt;Sync&lt;/b&gt; \u05d0\u05d1"
TO_CONTINUE = "to continue to"


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(NAME, grant_types=["authorization_code"])


@pytest.fixture
def party(browser: Browser, client: MadeClient) -> RelyingParty:
    """An app before whose browser nobody is signed in."""
    return RelyingParty(browser, client.id, client.secret)


def sign_in_page(browser: Browser, page: str) -> str:
    return browser.get(f"/login?{urlencode({'next': page})}").text


@pytest.mark.parametrize("changes", [{}, {"prompt": "login"}])
def test_the_app_is_named_also_when_the_sign_in_fails(
    party: RelyingParty, changes: dict[str, str]
) -> None:
    page = party.ask(**changes)
    assert page.request.path == "/login"
    assert f"{TO_CONTINUE} <bdi>{SHOWN}</bdi>" in page.text
    assert "form-action" not in page.headers["Content-Security-Policy"]
    again = party.browser.submit({"email": "", "password": ""})
    assert again.status_code == 422
    assert f"<bdi>{SHOWN}</bdi>" in again.text


def test_another_browser_learns_nothing_of_a_kept_request(
    app: Flask, party: RelyingParty
) -> None:
    kept = party.ask(prompt="login").request.args["next"]
    assert "resume=" in kept
    assert TO_CONTINUE in sign_in_page(party.browser, kept)
    assert TO_CONTINUE not in sign_in_page(Browser(app), kept)


@pytest.mark.parametrize(
    "page",
    [
        "/account/apps?client_id={id}",
        "https://evil.example.com/oauth/authorize?client_id={id}",
        "/oauth/authorize?client_id={id}&client_id={id}",
        "/oauth/authorize?client_id=00000000-0000-7000-8000-000000000000",
        "/oauth/authorize?client_id=%00",
        "/oauth/authorize?client_id=%FF",
        "/oauth/authorize?client_id=<b>Bank</b>",
        "/oauth/authorize?resume=x&client_id=",
        "/oauth/consent?request_id=00000000-0000-7000-8000-000000000000",
        "/oauth/authorize",
        "",
    ],
)
def test_nothing_else_names_an_app(
    browser: Browser, client: MadeClient, page: str
) -> None:
    text = sign_in_page(browser, page.format(id=client.id))
    assert TO_CONTINUE not in text
    assert "Bank</b>" not in text


def test_an_app_that_is_switched_off_or_for_no_people_is_not_named(
    app: Flask, make: Factory, browser: Browser, client: MadeClient
) -> None:
    service = make.client()
    page = f"/oauth/authorize?client_id={service.id}"
    assert TO_CONTINUE not in sign_in_page(browser, page)
    with app.app_context():
        row = find_client(client.id)
        assert row is not None
        row.disabled_at = utcnow()
        db.session.commit()
    page = f"/oauth/authorize?client_id={client.id}"
    assert TO_CONTINUE not in sign_in_page(browser, page)


def test_an_overlong_address_is_refused_before_it_is_looked_up(
    browser: Browser,
) -> None:
    page = browser.sign_in("a" * 255, "some password")
    assert page.status_code == 422
    assert "This is too long for an e-mail address." in page.text
    assert 'maxlength="254"' in page.text
