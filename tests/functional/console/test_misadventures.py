"""What goes wrong in every console, at every form that there is, in words for people.

Forms are found in the URL map. Beside these: an ended session in the browser stands in
`tests/browser/test_chromium_htmx.py`; a form sent again in `test_apps.py`; stale forms
in `test_apps_settings.py`, `test_apps_permissions.py` and in the tests of each page.
"""

from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from app.access.models import RoleAssignment
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.lifecycle import delete_client
from app.clients.models import Client
from app.clients.queries import find_client
from app.extensions import db
from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.console import HX, Console
from tests.support.markup import VOID
from tests.support.page_map import action_rules, filled, page_rules
from tests.support.racing import at_once
from tests.support.seeds import Size, seed, sign_in, things

FEW = Size(apps=6, users=6, tokens=400)
PAGES = ("/developer", "/access", "/audit", "/account")
#: Markup that would run, and words that are read from right to left.
NAME = " تزامن\"'><img src=x onerror=alert(1)>"
#: Where a name stands in nobody else's sentence, or has its own direction anyway.
APART = {"bdi", "title", "option", "textarea", "output", "code"}
#: Whole sentences of people's own begin so.
SENTENCES = ("May do", "Does things", "Moves things")
each_way = pytest.mark.parametrize("hx", [False, True], ids=["plain", "htmx"])


@pytest.fixture
def filled_in(app: Flask) -> tuple[Browser, list[str]]:
    """An administrator's browser over a filled database, and every action."""
    with app.app_context():
        seeds = seed(FEW)
    browser = sign_in(app, seeds)
    actions = [filled(rule, things(seeds)) for rule in action_rules(app)]
    assert len(actions) > 20
    return browser, actions


def token_of(browser: Browser) -> str:
    """Return the CSRF token of a page with a form."""
    browser.get("/account/security")
    return str(browser.form()["fields"]["csrf_token"][0])


def events(app: Flask) -> int:
    """Return how many events there are: each change leaves one."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0


@each_way
def test_an_ended_session_leads_to_signing_in_and_back(
    app: Flask, filled_in: tuple[Browser, list[str]], hx: bool
) -> None:
    _, actions = filled_in
    visitor, before = Browser(app), events(app)
    visitor.get("/login")
    token = str(visitor.form()["fields"]["csrf_token"][0])
    for action in actions:
        page = f"http://localhost{action.rpartition('/')[0]}"
        answer = visitor.client.post(
            action,
            data={"csrf_token": token},
            headers={"Referer": page} | (HX if hx else {}),
        )
        assert answer.status_code == (401 if hx else 303), action
        where = answer.headers["HX-Redirect" if hx else "Location"]
        assert where.startswith("/login?next=%2F"), action
        assert where.endswith("&why=not-saved"), action
    assert "was not saved" in visitor.get(where).text
    assert events(app) == before


@each_way
def test_a_permission_lost_in_mid_form_changes_nothing(
    app: Flask, filled_in: tuple[Browser, list[str]], hx: bool
) -> None:
    browser, actions = filled_in
    token = token_of(browser)
    with app.app_context():
        db.session.execute(delete(RoleAssignment))
        db.session.commit()
    before = events(app)
    guarded = [action for action in actions if not action.startswith(("/acc", "/oa"))]
    guarded += [action for action in actions if action.startswith("/access")]
    assert len(guarded) > 15
    for action in guarded:
        answer = browser.client.post(
            action, data={"csrf_token": token}, headers=HX if hx else {}
        )
        assert answer.status_code == 403, action
        assert "Your account does not have the permission" in answer.text
        assert ("<html" in answer.text) is not hx
    assert events(app) == before


@each_way
def test_a_form_of_another_session_is_refused_in_words(
    app: Flask, filled_in: tuple[Browser, list[str]], hx: bool
) -> None:
    browser, actions = filled_in
    foreign = Browser(app)
    foreign.get("/login")
    tokens = [{}, {"csrf_token": str(foreign.form()["fields"]["csrf_token"][0])}]
    before = events(app)
    for action in actions:
        for data in tokens:
            headers = {"Referer": "http://localhost/account/security?x=1"}
            headers |= HX if hx else {}
            answer = browser.client.post(action, data=data, headers=headers)
            assert answer.status_code == 400, action
            if "oauth" not in action:
                assert "no longer valid" in answer.text
                assert 'href="/account/security?x=1">Reload the page' in answer.text
    assert events(app) == before


NONSENSE: dict[str, object] = {
    "name": ["a", "b"],
    "version": "-1",
    "email": "x" * 5000,
    "redirect_uris": "javascript:alert(1)\r\n" * 50,
    "permissions": ["\U0001f4a9", "../..", "0"],
    "roles": "1e999",
    "expire_others_in": "never",
    "password": NAME,
    "state": "\u202e",
}


@each_way
def test_nonsense_is_answered_in_words_at_every_form(
    filled_in: tuple[Browser, list[str]], hx: bool
) -> None:
    browser, actions = filled_in
    # Signing out in between would hide the rest.
    kept = [a for a in actions if "/account" not in a and "sign-out" not in a]
    token = token_of(browser)
    for action in kept:
        data = NONSENSE | {"csrf_token": token}
        answer = browser.client.post(action, data=data, headers=HX if hx else {})
        assert answer.status_code in {200, 204, 303, 400, 403, 404, 409, 422}, action
        if answer.status_code >= 400:
            assert "<h" in answer.text, action
            assert "Traceback" not in answer.text


class _Names(HTMLParser):
    """Finds names that stand in a sentence without a direction of their own."""

    def __init__(self) -> None:
        super().__init__()
        #: What is open, and whether names inside stand apart.
        self.open: list[tuple[str, bool]] = []
        self.bare: list[str] = []
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not (tag == "img" and ("src", "x") in attrs), "a name became markup"
        if tag not in VOID:
            is_hidden = ("class", "visually-hidden") in attrs
            self.open.append((tag, tag in APART or is_hidden))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "تزامن" in data and not data.strip().startswith(SENTENCES):
            self.seen += 1
            if not any(is_apart for _, is_apart in self.open):
                self.bare.append(data.strip())


def test_names_stay_text_and_keep_their_direction_on_every_page(app: Flask) -> None:
    with app.app_context():
        seeds = seed(FEW, mark=NAME)
    browser, bare, seen = sign_in(app, seeds), {}, 0
    for rule in (rule for prefix in PAGES for rule in page_rules(app, prefix)):
        address = filled(rule, things(seeds))
        answer = browser.client.get(address)
        assert answer.status_code == 200, address
        names = _Names()
        names.feed(answer.text)
        seen += names.seen
        if names.bare:
            bare[address] = names.bare[:3]
    assert seen > 50
    assert bare == {}


def twice(console: Console, page: str, action: str, **values: object) -> list[int]:
    """Press a button twice at the same moment; return the statuses."""
    console.get(page)
    where, data = console.filled(values, action=action)

    def press() -> TestResponse:
        client = console.browser.app.test_client()
        # The same browser: two requests with one cookie.
        client._cookies.update(console.browser.client._cookies)
        return client.post(where, data=data)

    answers = at_once([press, press])
    for answer in answers:
        assert answer.status_code < 500, answer.text
    return sorted(answer.status_code for answer in answers)


def test_two_presses_at_once_make_one_app(app: Flask, make: Factory) -> None:
    console = Console.of_administrator(app, make)
    new = "/developer/apps/new"
    values = {"who": "service", "name": "Once"}
    assert twice(console, new, "/new$", **values) == [200, 200]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Client)) == 1


def test_two_presses_at_once_make_one_secret(app: Flask, make: Factory) -> None:
    console, made = Console.of_administrator(app, make), make.client()
    page = f"/developer/apps/{made.id}/settings"
    assert twice(console, page, "/secrets$") == [200, 409]


def test_two_presses_at_once_delete_once(app: Flask, make: Factory) -> None:
    console, made = Console.of_administrator(app, make), make.client("Gone")
    page = f"/developer/apps/{made.id}/danger"
    assert twice(console, page, "/delete$", name="Gone") == [303, 409]


@pytest.mark.parametrize("theirs", ["rename", "delete"])
def test_two_administrators_at_one_app(app: Flask, make: Factory, theirs: str) -> None:
    mine, made = Console.of_administrator(app, make), make.client("Shared")
    page = f"/developer/apps/{made.id}/settings"
    mine.get(page)
    form = mine.filled({"name": "My name"}, action="/settings$")
    other = Console.of_administrator(app, make)
    if theirs == "rename":
        answer = other.send(page, {"name": "Their name"}, action="/settings$")
        assert answer.status_code == 303
    else:
        with app.app_context():
            row = find_client(made.id)
            assert row is not None
            delete_client(actor=SERVER, client=row)
            db.session.commit()
    answer = mine.send_again(form)
    assert answer.status_code == 409
    words = "while you were" if theirs == "rename" else "in the trash"
    assert words in answer.text
    with app.app_context():
        name = db.session.scalar(select(Client.name))
    assert name == ("Their name" if theirs == "rename" else "Shared")
