"""Allow reaches the app: no policy of ours stops the way out.

With `form-action 'self'` Chromium follows no redirect of a form to another origin, and
says so nowhere but in its console: to people, Allow then seems to do nothing.
"""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect

from app.tokens.pkce import challenge_for
from tests.factories import Factory, MadeClient
from tests.support.callback import Callback
from tests.support.chromium import OpenWindow, Window

SCHEME_URI = "com.example.pocket:/signed-in"


@pytest.fixture
def client(make: Factory, callback: Callback) -> MadeClient:
    """An app for people on another origin."""
    return make.client(
        grant_types=["authorization_code"], redirect_uris=[callback.redirect_uri]
    )


def request_of(client: MadeClient, redirect_uri: str) -> str:
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "state": "s",
        "code_challenge": challenge_for("v" * 43),
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(query)}"


def has_arrived(page: Page, callback: Callback) -> None:
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert page.url.startswith(f"{callback.redirect_uri}?")


@pytest.mark.parametrize("decision", ["Allow", "Deny"])
def test_the_answer_reaches_an_app_on_another_origin(
    open_window: OpenWindow,
    make: Factory,
    client: MadeClient,
    callback: Callback,
    decision: str,
) -> None:
    window = open_window(make.user())
    window.open(request_of(client, callback.redirect_uri))
    window.page.get_by_role("button", name=decision).click()
    has_arrived(window.page, callback)
    answer = callback.answers[-1]
    assert answer["iss"] == window.origin
    assert ("code" in answer) is (decision == "Allow")


def test_the_answer_reaches_an_app_by_its_own_scheme(
    open_window: OpenWindow, make: Factory
) -> None:
    client = make.client(
        grant_types=["authorization_code"],
        redirect_uris=[SCHEME_URI],
        is_confidential=False,
    )
    window = open_window(make.user())
    window.open(request_of(client, SCHEME_URI))
    asked = requests_of(window)
    window.page.get_by_role("button", name="Allow").click()
    window.wait_until(lambda: any(a.startswith(f"{SCHEME_URI}?code=") for a in asked))


def test_signing_in_leads_on_to_an_app_that_is_allowed_already(
    open_window: OpenWindow, make: Factory, client: MadeClient, callback: Callback
) -> None:
    user = make.user()
    window = open_window(user)
    window.open(request_of(client, callback.redirect_uri))
    window.page.get_by_role("button", name="Allow").click()
    has_arrived(window.page, callback)
    later = open_window()
    later.open(request_of(client, callback.redirect_uri))
    count = len(callback.answers)
    later.sign_in(user.email, user.password)
    has_arrived(later.page, callback)
    assert len(callback.answers) == count + 1


@pytest.mark.parametrize("scheme", ["http", "com.example.pocket"])
def test_the_policy_of_other_pages_would_keep_people_here(
    open_window: OpenWindow,
    make: Factory,
    callback: Callback,
    scheme: str,
) -> None:
    """Show that the tests above would notice."""
    uri = callback.redirect_uri if scheme == "http" else SCHEME_URI
    client = make.client(
        grant_types=["authorization_code"], redirect_uris=[uri], is_confidential=False
    )
    window = open_window(make.user())
    window.open(request_of(client, uri))
    forbid_leaving(window)
    window.page.reload()
    asked = requests_of(window)
    window.page.get_by_role("button", name="Allow").click()
    window.wait_until(lambda: bool(window.complaints))
    assert not any(address.startswith(uri) for address in asked)
    assert any("form-action" in complaint for complaint in window.complaints)
    window.complaints.clear()


def requests_of(window: Window) -> list[str]:
    """Collect where the browser asks for pages, at addresses of apps too."""
    asked: list[str] = []
    session = window.context.new_cdp_session(window.page)
    session.send("Network.enable")
    session.on(
        "Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"])
    )
    return asked


def forbid_leaving(window: Window) -> None:
    """Give pages the `form-action` that would keep people here."""

    def stricter(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        policy = answer.headers.get("content-security-policy", "")
        headers = answer.headers | {
            "content-security-policy": f"{policy}; form-action 'self'"
        }
        route.fulfill(response=answer, headers=headers)

    window.page.route(f"{window.origin}/**", stricter)
