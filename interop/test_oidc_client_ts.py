"""oidc-client-ts in Chromium: a public app that is nothing but a page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from interop.driving import HERE, PACKAGES
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import Window, find_chromium, launched
from tests.support.serving import Served

LIBRARY = PACKAGES / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"
FILES = {
    "/": (HERE / "spa" / "index.html", "text/html"),
    "/shop.js": (HERE / "spa" / "shop.js", "text/javascript"),
    "/oidc-client-ts.js": (LIBRARY, "text/javascript"),
}


@contextmanager
def listening() -> Iterator[str]:
    """Serve the page's files on an origin of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file, kind = FILES[urlsplit(self.path).path]
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def origin() -> Iterator[str]:
    """The page's origin."""
    with listening() as origin:
        yield origin


@pytest.fixture
def client(make: Factory, origin: str) -> MadeClient:
    """The page, as it is registered: it cannot keep a secret."""
    return make.client(
        "Shop",
        grant_types=["authorization_code"],
        redirect_uris=[f"{origin}/"],
        post_logout_redirect_uris=(f"{origin}/?left",),
        is_confidential=False,
    )


@pytest.fixture
def window(served: Served, origin: str) -> Iterator[Window]:
    """A fresh browser; what it complained about fails the test at its end."""
    if find_chromium() is None:
        pytest.fail("Chromium is not installed: docs/interop.md says what is needed")
    with launched() as chromium:
        context = chromium.new_context(locale="en")
        context.set_default_timeout(20_000)
        window = Window(
            context, context.new_page(), served.address, frozenset({origin})
        )
        window.watch()
        yield window
        context.close()
        window.check()


def shows(page: Page, text: str) -> None:
    expect(page.locator("#state")).to_have_text(text, timeout=20_000)


def test_people_sign_in_and_out(
    window: Window, origin: str, served: Served, client: MadeClient, customer: MadeUser
) -> None:
    page = window.page
    page.goto(origin)
    page.evaluate(
        "settings => sessionStorage.setItem('settings', JSON.stringify(settings))",
        {"authority": served.address, "client_id": client.id},
    )
    page.reload()
    shows(page, "ready")

    page.evaluate("() => void manager.signinRedirect()")
    window.sign_in(customer.email, customer.password)
    page.get_by_role("button", name="Allow").click()
    shows(page, f"signed in as {customer.email}")
    before = page.evaluate("manager.getUser()")
    assert before["profile"]["sub"] == str(customer.id)

    after = page.evaluate("manager.signinSilent()")
    assert after["refresh_token"] != before["refresh_token"]
    assert after["access_token"] != before["access_token"]

    page.evaluate("manager.revokeTokens(['refresh_token', 'access_token'])")
    window.expect(401)
    refused = page.evaluate(
        """token => manager.metadataService.getUserInfoEndpoint()
          .then(address => fetch(address, {
            headers: {Authorization: `Bearer ${token}`},
          }))
          .then(answer => answer.status)""",
        after["access_token"],
    )
    assert refused == 401

    page.evaluate("() => void manager.signoutRedirect()")
    shows(page, "signed out")
    window.open("/account/security")
    assert "/login" in page.url
