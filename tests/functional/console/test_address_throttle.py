"""One address cannot make the server hash passwords or store requests without end."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.accounts import authentication
from app.extensions import limiter
from tests.factories import Factory
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


def spray(browser: Browser, count: int, *, first: int = 0) -> list[int]:
    """Try one password at each of `count` accounts, and return the answers."""
    return [
        browser.sign_in(f"p{number}@example.com", "Summer 2026!").status_code
        for number in range(first, first + count)
    ]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failing takes no time here."""
    monkeypatch.setattr(authentication, "FAILURE_SECONDS", 0.0)


@pytest.mark.usefixtures("quick")
def test_one_source_cannot_spray_a_password_over_accounts(
    app: Flask, browser: Browser, make: Factory
) -> None:
    person = make.user()
    assert spray(browser, 50) == [422] * 50
    assert spray(browser, 1, first=50) == [429]
    assert browser.page
    assert 0 < int(browser.page.headers["Retry-After"]) <= 900
    assert browser.sign_in(person.email, person.password).status_code == 429
    # Other sources are not held up by it.
    other = Browser(app)
    other.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert other.sign_in(person.email, person.password).status_code == 200


@pytest.mark.usefixtures("quick")
def test_right_passwords_do_not_count(browser: Browser, make: Factory) -> None:
    person = make.user()
    assert spray(browser, 49) == [422] * 49
    for _ in range(5):
        assert browser.sign_in(person.email, person.password).status_code == 200
    assert spray(browser, 2, first=49) == [422, 429]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("one", "another", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_addresses_of_one_network_are_one_source(
    app: Flask, one: str, another: str, is_same: bool
) -> None:
    statuses = []
    for number, address in enumerate([one] * 50 + [another]):
        visitor = Browser(app)
        visitor.client.environ_base["REMOTE_ADDR"] = address
        statuses += spray(visitor, 1, first=number)
    assert statuses == [422] * 50 + [429 if is_same else 422]
