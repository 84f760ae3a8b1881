"""Authlib's client for Flask: a web app at which people sign in by OpenID Connect."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import urlencode

import pytest
import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from interop.conftest import REDIRECT_URI
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.outside import TIMEOUT, Person
from tests.support.serving import Served, free_port


def make_shop(issuer: str, client: MadeClient) -> Flask:
    """Make the web app as Authlib's manual shows it."""
    shop = Flask("shop")
    shop.config.update(SECRET_KEY=token_hex(), SESSION_COOKIE_NAME="shop")
    oauth = OAuth(shop)
    gatepass = oauth.register(
        "gatepass",
        client_id=client.id,
        client_secret=client.secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
        },
    )

    @shop.get("/login")
    def login() -> ResponseReturnValue:
        answer: ResponseReturnValue = gatepass.authorize_redirect(
            url_for("callback", _external=True), max_age=3600
        )
        return answer

    @shop.get("/callback")
    def callback() -> ResponseReturnValue:
        try:
            token = gatepass.authorize_access_token()
        except OAuthError as problem:
            return {"error": problem.error}, 403
        # Authlib has checked signature, nonce, audience and at_hash of the ID token.
        session["id_token"] = token["id_token"]
        return {"claims": token["userinfo"], "userinfo": gatepass.userinfo()}

    @shop.get("/logout")
    def logout() -> ResponseReturnValue:
        address = gatepass.load_server_metadata()["end_session_endpoint"]
        query = {
            "id_token_hint": session.pop("id_token"),
            "post_logout_redirect_uri": url_for("home", _external=True),
        }
        return redirect(f"{address}?{urlencode(query)}")

    @shop.get("/")
    def home() -> ResponseReturnValue:
        return "Welcome"

    return shop


@contextmanager
def listening(shop: Flask, port: int) -> Iterator[None]:
    """Serve the web app while the block runs."""
    server = make_server("127.0.0.1", port, shop, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def shop(served: Served, make: Factory) -> Iterator[str]:
    """The web app's origin."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client = make.client(
        "Shop",
        grant_types=["authorization_code"],
        redirect_uris=[REDIRECT_URI],
        post_logout_redirect_uris=(f"{origin}/",),
    )
    with listening(make_shop(served.address, client), port):
        yield origin


def visit(person: Person, address: str, decision: str = "allow") -> requests.Response:
    """Open a page of the web app that leads to the product, and come back."""
    start = person.browser.get(address, allow_redirects=False, timeout=TIMEOUT)
    back = person.answer(start.headers["Location"], decision)
    return person.browser.get(back, timeout=TIMEOUT)


def test_a_denial_is_understood(shop: str, person: Person) -> None:
    page = visit(person, f"{shop}/login", "deny")
    assert (page.status_code, page.json()) == (403, {"error": "access_denied"})


def test_people_sign_in_and_out(
    shop: str, person: Person, served: Served, customer: MadeUser
) -> None:
    told = visit(person, f"{shop}/login").json()
    assert told["claims"]["iss"] == served.address
    assert told["claims"]["sub"] == told["userinfo"]["sub"] == str(customer.id)
    assert told["userinfo"]["email"] == customer.email
    left = visit(person, f"{shop}/logout")
    assert (left.url, left.text) == (f"{shop}/", "Welcome")
    assert "/login" in person.open("/account/security").url
