"""Calls the protected API with tokens that the token endpoint really gave."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.access import catalogue
from app.audit.actor import SERVER
from app.extensions import db
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty


@dataclass(frozen=True)
class Caller:
    """A program with an access token."""

    app: Flask
    access_token: str
    client: MadeClient

    def send(self, method: str, address: str, **kwargs: Any) -> TestResponse:
        """Send a request below `/api/v1` with the token in its header."""
        headers = {"Authorization": f"Bearer {self.access_token}"}
        headers |= kwargs.pop("headers", {})
        return self.app.test_client().open(
            f"/api/v1{address}", method=method, headers=headers, **kwargs
        )

    def get(self, address: str, **kwargs: Any) -> TestResponse:
        """Send a GET."""
        return self.send("GET", address, **kwargs)

    def post(self, address: str, **kwargs: Any) -> TestResponse:
        """Send a POST."""
        return self.send("POST", address, **kwargs)

    def patch(self, address: str, **kwargs: Any) -> TestResponse:
        """Send a PATCH."""
        return self.send("PATCH", address, **kwargs)

    def put(self, address: str, **kwargs: Any) -> TestResponse:
        """Send a PUT."""
        return self.send("PUT", address, **kwargs)

    def delete(self, address: str, **kwargs: Any) -> TestResponse:
        """Send a DELETE."""
        return self.send("DELETE", address, **kwargs)


def as_client(app: Flask, client: MadeClient, **form: str) -> Caller:
    """Return a caller that acts as the client itself (RFC 6749 §4.4)."""
    party = RelyingParty(Browser(app), client.id, client.secret)
    response = party.act_as_itself(**form)
    assert response.status_code == 200, response.text
    return Caller(app, response.get_json()["access_token"], client)


def with_permissions(app: Flask, permissions: Iterable[str]) -> Caller:
    """Return a caller whose client holds `permissions` and asked for all of them."""
    return as_client(app, Factory(app).client("Caller", permissions=permissions))


def for_user(
    app: Flask, client: MadeClient, user: MadeUser, **parameters: str | None
) -> Caller:
    """Return a caller that acts for `user`, who signed in and allowed it."""
    browser = Browser(app)
    browser.sign_in(user.email, user.password)
    party = RelyingParty(browser, client.id, client.secret)
    return Caller(app, party.tokens(**parameters)["access_token"], client)


def is_problem(response: TestResponse, status: int) -> dict[str, Any]:
    """Return the problem document, after looking at what all of them must have."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json", response.text
    document: dict[str, Any] = response.get_json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["reference_id"] == response.headers["X-Reference-Id"]
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    return document


def set_delegable(app: Flask, name: str, is_delegable: bool) -> None:
    """Let apps ask users for a permission, or no longer."""
    with app.app_context():
        permission = catalogue.find_permission(name)
        assert permission is not None
        catalogue.update_permission(
            actor=SERVER, permission=permission, is_delegable=is_delegable
        )
        db.session.commit()


@contextmanager
def delegable(app: Flask, name: str) -> Iterator[None]:
    """Let apps ask users for a built-in permission inside; it is put back after."""
    set_delegable(app, name, True)
    try:
        yield
    finally:
        set_delegable(app, name, False)
