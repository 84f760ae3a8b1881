"""Pages of a person whose own script has signed in thousands of times."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert

from app.accounts.models import UserSession
from app.accounts.sessions import live_sessions
from app.clock import utcnow
from app.database import new_id
from app.extensions import db
from app.web.counting import ENOUGH
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.console import Console

MANY = ENOUGH + 200


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


@pytest.fixture
def person(app: Flask, make: Factory) -> MadeUser:
    """Return somebody with very many sessions, none seen as lately as the next."""
    made = make.user("ada@example.com")
    now = utcnow()
    rows = [
        {
            "id": new_id(),
            "digest": uuid.uuid4().bytes * 2,
            "user_id": made.id,
            "authenticated_at": now,
            "last_seen_at": now - timedelta(minutes=number + 1),
            "expires_at": now + timedelta(days=30),
            "user_agent": "script",
        }
        for number in range(MANY)
    ]
    with app.app_context():
        db.session.execute(insert(UserSession), rows)
        db.session.commit()
    return made


def loaded(app: Flask, browser: Browser, address: str) -> tuple[str, int]:
    """Return a page's text, and how many sessions were read for it."""
    read: list[object] = []

    def note(target: object, _context: object) -> None:
        read.append(target)

    event.listen(UserSession, "load", note)
    try:
        text: str = browser.get(address).text
    finally:
        event.remove(UserSession, "load", note)
    return text, len(read)


def test_their_own_page_lists_a_few_and_says_how_many_others(
    app: Flask, person: MadeUser
) -> None:
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    page, read = loaded(app, browser, "/account/security")
    assert read <= 20
    assert len(set(re.findall(r"/security/sessions/([^/]*)/end", page))) == 20
    assert "This browser" in page
    assert f"And more than {ENOUGH - 19} more, last seen earlier." in page
    where = "/account/security/sign-out-everywhere"
    page, read = loaded(app, browser, where)
    assert read <= 1
    assert "signed out of all 1,000+ browsers" in page


@pytest.mark.parametrize("act", ["deactivate", "reset", "sign-out"])
def test_an_administrator_is_asked_without_reading_them(
    app: Flask, console: Console, person: MadeUser, act: str
) -> None:
    address = f"/access/users/{person.id}/{act}"
    page, read = loaded(app, console.browser, address)
    assert read <= 1
    assert "Signed out immediately: 1,000+ browsers." in page


def test_one_far_down_the_list_is_ended(app: Flask, person: MadeUser) -> None:
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    with app.app_context():
        last = db.session.scalars(live_sessions(person.id)).all()[-1].id
    browser.get("/account/security")
    data = {"csrf_token": browser.form("/password$")["fields"]["csrf_token"][0]}
    address = f"/account/security/sessions/{last}/end"
    assert browser.client.post(address, data=data).status_code == 303
    assert browser.client.post(address, data=data).status_code == 404
