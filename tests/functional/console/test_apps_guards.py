"""Who gets in to Developer → Apps, and what unknown addresses answer."""

import uuid

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.console import HX, Console

ID, OTHER = "{client_id}", str(uuid.UUID(int=7))
PAGES = [
    "",
    "/new",
    f"/{ID}",
    f"/{ID}/settings",
    f"/{ID}/permissions",
    f"/{ID}/tokens",
    f"/{ID}/activity",
    f"/{ID}/danger",
    f"/{ID}/disable",
    f"/{ID}/secrets/{OTHER}/revoke",
    f"/{ID}/tokens/{OTHER}/revoke",
    f"/{ID}/tokens/of/{OTHER}/revoke",
    f"/{ID}/tokens/revoke-all",
]
ACTIONS = [
    "/new",
    f"/{ID}/settings",
    f"/{ID}/verify",
    f"/{ID}/unverify",
    f"/{ID}/secrets",
    f"/{ID}/secrets/{OTHER}/revoke",
    f"/{ID}/permissions",
    f"/{ID}/scopes",
    f"/{ID}/tokens/{OTHER}/revoke",
    f"/{ID}/tokens/of/{OTHER}/revoke",
    f"/{ID}/tokens/revoke-all",
    f"/{ID}/disable",
    f"/{ID}/enable",
    f"/{ID}/transfer",
    f"/{ID}/delete",
    f"/{ID}/restore",
]
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


def address(path: str, client_id: str) -> str:
    return "/developer/apps" + path.replace(ID, client_id)


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


def test_every_route_is_tried_here(app: Flask) -> None:
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("developer.")]
    assert len([r for r in rules if "GET" in (r.methods or ())]) == len(PAGES)
    assert len([r for r in rules if "POST" in (r.methods or ())]) == len(ACTIONS)
    for rule in rules:
        guard = app.view_functions[rule.endpoint].guard  # type: ignore[attr-defined]
        assert guard == ("manage_system",), rule.endpoint


@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_to_sign_in(browser: Browser, client_id: str, path: str) -> None:
    where = address(path, client_id)
    answer = browser.client.get(where)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=%2Fdeveloper%2Fapps")
    answer = browser.client.get(where, headers=HX)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")


@pytest.mark.parametrize("path", ACTIONS)
def test_actions_ask_to_sign_in(browser: Browser, client_id: str, path: str) -> None:
    where = address(path, client_id)
    browser.get("/login")
    assert post(browser, where).status_code == 303
    answer = post(browser, where, hx=True)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")


def signed_in(app: Flask, person: MadeUser) -> Browser:
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    browser.get("/account/security")
    return browser


@pytest.mark.parametrize("hx", [False, True])
def test_people_without_the_permission_are_turned_away(
    app: Flask, make: Factory, client_id: str, hx: bool
) -> None:
    person = make.user(permissions=["view_users", "manage_users", "view_audit_log"])
    browser = signed_in(app, person)
    for path in PAGES:
        answer = browser.client.get(address(path, client_id), headers=HX if hx else {})
        assert answer.status_code == 403, path
    for path in ACTIONS:
        answer = post(browser, address(path, client_id), hx=hx)
        assert answer.status_code == 403, path
        assert ("<html" in answer.text) is not hx


def test_forms_without_their_proof_are_refused(
    app: Flask, make: Factory, client_id: str
) -> None:
    console = Console.of_administrator(app, make)
    for path in ACTIONS:
        where = address(path, client_id)
        for data in ({}, {"csrf_token": "forged"}):
            answer = console.browser.client.post(where, data=data)
            assert answer.status_code == 400, path
            assert "This form is no longer valid" in answer.text


@pytest.mark.parametrize("wrong", WRONG_IDS)
def test_unknown_apps_are_not_found(app: Flask, make: Factory, wrong: str) -> None:
    console = Console.of_administrator(app, make)
    console.get("/developer/apps")
    # NUL is turned away from every page before it is looked up.
    expected = {400, 404} if "%00" in wrong else {404}
    for path in (path for path in PAGES if ID in path):
        answer = console.browser.client.get(address(path, wrong))
        assert answer.status_code in expected, path
    for path in (path for path in ACTIONS if ID in path):
        answer = post(console.browser, address(path, wrong))
        assert answer.status_code in expected, path


@pytest.mark.parametrize("wrong", [OTHER, "not-an-id", "1" * 500])
def test_what_is_not_the_apps_is_not_found(
    app: Flask, make: Factory, client_id: str, wrong: str
) -> None:
    console = Console.of_administrator(app, make)
    console.get("/developer/apps")
    for path in (path for path in PAGES if OTHER in path):
        where = address(path.replace(OTHER, wrong), client_id)
        assert console.browser.client.get(where).status_code == 404, path
    for path in (path for path in ACTIONS if OTHER in path):
        where = address(path.replace(OTHER, wrong), client_id)
        assert post(console.browser, where).status_code == 404, path


def test_an_app_in_the_trash_has_its_last_tab_only(
    app: Flask, make: Factory, client_id: str
) -> None:
    console = Console.of_administrator(app, make)
    base = f"/developer/apps/{client_id}"
    answer = console.send(f"{base}/danger", {"name": "Invoice Sync"}, action="/delete$")
    assert answer.status_code == 303
    for path in PAGES[2:]:
        answer = console.browser.client.get(address(path, client_id))
        if not path.endswith("/danger"):
            assert answer.status_code == 303, path
            assert answer.headers["Location"] == f"{base}/danger"
    page = console.get(f"{base}/danger")
    assert "Restore the app" in page.text
    for path in ACTIONS[1:]:
        if not path.endswith("/restore"):
            answer = post(console.browser, address(path, client_id))
            assert answer.status_code == 409, path
            assert "in the trash" in answer.text
