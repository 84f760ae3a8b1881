"""Who gets in to Developer → Apps, and what unknown addresses answer."""

import re
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.console import HX, Console

ID, OTHER = "<client_id>", str(uuid.UUID(int=7))
WRONG_IDS = [
    str(uuid.UUID(int=9)),
    "not-an-id",
    "%00",
    "a%00b",
    "%F0%9F%92%A9",
    "{" + OTHER + "}",
    "0" * 32,
    "x" * 3000,
]


#: What stands in paths for things that are no apps.
OTHER_ID = re.compile(r"<(?!client_id>)[^>]*>")
Paths = Callable[[str], list[str]]


def address(path: str, client_id: str) -> str:
    return path.replace(ID, client_id)


@pytest.fixture
def paths(app: Flask) -> Paths:
    """The paths of Developer that take a method; new ones are tried here as well."""

    def of(method: str) -> list[str]:
        return [
            OTHER_ID.sub(OTHER, rule.rule)
            for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("developer.") and method in (rule.methods or ())
        ]

    assert len(of("GET")) > 10
    assert len(of("POST")) > 10
    return of


@pytest.fixture
def client_id(make: Factory) -> str:
    return make.client().id


def token_of(browser: Browser) -> str:
    """Return a CSRF token of the page that the browser shows."""
    tokens: list[str] = browser.form()["fields"]["csrf_token"]
    return tokens[0]


def post(browser: Browser, where: str, *, hx: bool = False) -> TestResponse:
    """Send nothing but the CSRF token of the page that the browser shows."""
    headers = HX if hx else {}
    data = {"csrf_token": token_of(browser)}
    return browser.client.post(where, data=data, headers=headers)


def test_every_route_needs_the_permission(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("developer."):
            guard = app.view_functions[rule.endpoint].guard  # type: ignore[attr-defined]
            assert guard == ("manage_system",), rule.endpoint


def test_pages_ask_to_sign_in(browser: Browser, client_id: str, paths: Paths) -> None:
    for path in paths("GET"):
        where = address(path, client_id)
        answer = browser.client.get(where)
        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/login?next=%2Fdeveloper")
        answer = browser.client.get(where, headers=HX)
        assert answer.status_code == 401, path
        assert answer.headers["HX-Redirect"].startswith("/login")


def test_actions_ask_to_sign_in(browser: Browser, client_id: str, paths: Paths) -> None:
    for path in paths("POST"):
        where = address(path, client_id)
        browser.get("/login")
        assert post(browser, where).status_code == 303, path
        answer = post(browser, where, hx=True)
        assert answer.status_code == 401, path
        if path.endswith("/redirect-uris"):
            # Somebody is typing: leaving the page would lose what they typed.
            assert "HX-Redirect" not in answer.headers
        else:
            assert answer.headers["HX-Redirect"].startswith("/login")


def signed_in(app: Flask, person: MadeUser) -> Browser:
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    browser.get("/account/security")
    return browser


@pytest.mark.parametrize("hx", [False, True])
def test_people_without_the_permission_are_turned_away(
    app: Flask, make: Factory, client_id: str, paths: Paths, hx: bool
) -> None:
    person = make.user(permissions=["view_users", "manage_users", "view_audit_log"])
    browser = signed_in(app, person)
    for path in paths("GET"):
        answer = browser.client.get(address(path, client_id), headers=HX if hx else {})
        assert answer.status_code == 403, path
    for path in paths("POST"):
        answer = post(browser, address(path, client_id), hx=hx)
        assert answer.status_code == 403, path
        assert ("<html" in answer.text) is not hx


def test_forms_without_their_proof_are_refused(
    app: Flask, make: Factory, client_id: str, paths: Paths
) -> None:
    console = Console.of_administrator(app, make)
    for path in paths("POST"):
        where = address(path, client_id)
        for data in ({}, {"csrf_token": "forged"}):
            answer = console.browser.client.post(where, data=data)
            assert answer.status_code == 400, path
            assert "This form is no longer valid" in answer.text


@pytest.mark.parametrize("wrong", WRONG_IDS)
def test_unknown_apps_are_not_found(
    app: Flask, make: Factory, paths: Paths, wrong: str
) -> None:
    console = Console.of_administrator(app, make)
    console.get("/developer/apps")
    # NUL is turned away from every page before it is looked up.
    expected = {400, 404} if "%00" in wrong else {404}
    for path in (path for path in paths("GET") if ID in path):
        answer = console.browser.client.get(address(path, wrong))
        assert answer.status_code in expected, path
    for path in (path for path in paths("POST") if ID in path):
        answer = post(console.browser, address(path, wrong))
        assert answer.status_code in expected, path


@pytest.mark.parametrize("wrong", [OTHER, "not-an-id", "1" * 500])
def test_what_is_not_the_apps_is_not_found(
    app: Flask, make: Factory, client_id: str, paths: Paths, wrong: str
) -> None:
    console = Console.of_administrator(app, make)
    console.get("/developer/apps")
    for path in (path for path in paths("GET") if OTHER in path):
        where = address(path.replace(OTHER, wrong), client_id)
        assert console.browser.client.get(where).status_code == 404, path
    for path in (path for path in paths("POST") if OTHER in path):
        where = address(path.replace(OTHER, wrong), client_id)
        assert post(console.browser, where).status_code == 404, path


def test_of_an_app_in_the_trash_only_its_history_is_left(
    app: Flask, make: Factory, client_id: str, paths: Paths
) -> None:
    console = Console.of_administrator(app, make)
    base = f"/developer/apps/{client_id}"
    answer = console.send(f"{base}/danger", {"name": "Invoice Sync"}, action="/delete$")
    assert answer.status_code == 303
    for path in (path for path in paths("GET") if ID in path):
        answer = console.browser.client.get(address(path, client_id))
        if path.endswith(("/danger", "/activity", "/activity/refused")):
            assert answer.status_code == 200, path
            continue
        assert answer.status_code == 303, path
        assert answer.headers["Location"] == f"{base}/danger"
    page = console.get(f"{base}/danger")
    assert "Restore the app" in page.text
    for path in (path for path in paths("POST") if ID in path):
        if not path.endswith("/restore"):
            answer = post(console.browser, address(path, client_id))
            assert answer.status_code == 409, path
            assert "in the trash" in answer.text
