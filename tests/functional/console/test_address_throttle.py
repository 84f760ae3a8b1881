"""One address cannot make the server hash passwords or store requests without end."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.extensions import limiter
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty


@pytest.fixture(autouse=True)
def fresh_counts(app: Flask) -> Iterator[None]:
    """Each test counts from nothing."""
    with app.app_context():
        limiter.reset()
    yield
    with app.app_context():
        limiter.reset()


def test_an_address_may_try_sixty_times_a_minute(app: Flask, browser: Browser) -> None:
    browser.get("/login")
    for number in range(60):
        page = browser.submit({"email": f"p{number}@example.com", "password": ""})
        assert page.status_code == 422
        browser.get("/login")
    page = browser.submit({"email": "p60@example.com", "password": ""})
    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 60
    # Others are not held up by it.
    other = Browser(app)
    other.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    other.get("/login")
    assert other.submit({"email": "a@example.com", "password": ""}).status_code == 422


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_may_leave_120_authorization_requests_a_minute(
    app: Flask, party: RelyingParty, method: str
) -> None:
    parameters = party.authorization_parameters(prompt="login")
    sent = {"query_string" if method == "GET" else "data": parameters}
    for _ in range(120):
        visitor = app.test_client()
        answer = visitor.open("/oauth/authorize", method=method, **sent)
        assert answer.status_code == 303
    page = app.test_client().open("/oauth/authorize", method=method, **sent)
    assert page.status_code == 429
    assert "Location" not in page.headers
    assert 0 < int(page.headers["Retry-After"]) <= 60
