"""What the protocol and signing in leave in the audit log, with its origin."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.relying_party import RelyingParty

NEW = "a brand new password"


def events(app: Flask, *actions: str) -> list[AuditEvent]:
    """Return the events of these actions, the oldest first, detached."""
    with app.app_context():
        found = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action.in_(actions))
            .order_by(AuditEvent.id)
        )
        return list(found)


def one(app: Flask, action: str) -> AuditEvent:
    (event,) = events(app, action)
    assert (event.ip_address, bool(event.reference_id)) == ("127.0.0.1", True)
    return event


def test_a_replayed_code_is_one_event_however_often_it_comes(
    app: Flask, party: RelyingParty
) -> None:
    code = party.allow()["code"]
    assert party.redeem(code).status_code == 200
    assert events(app, "authorization_code.replayed") == []
    for _ in range(3):
        assert party.redeem(code).status_code == 400
    event = one(app, "authorization_code.replayed")
    assert (event.actor_kind, event.actor_label) == ("server", "Gatepass")
    assert (event.subject_kind, str(event.subject_id)) == ("client", party.client_id)
    assert set(event.details) == {"user"}


def test_a_code_of_which_nothing_came_is_no_event(
    app: Flask, party: RelyingParty
) -> None:
    code = party.allow()["code"]
    for _ in range(2):
        assert party.redeem(code, code_verifier="x" * 43).status_code == 400
    assert events(app, "authorization_code.replayed") == []


def test_a_reused_refresh_token_is_one_event(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    old = party.tokens()["refresh_token"]
    assert party.refresh(old).status_code == 200
    # Within its grace it is a retry.
    assert party.refresh(old).status_code == 200
    assert events(app, "refresh_token.reused") == []
    clock.forward(seconds=60)
    for _ in range(3):
        assert party.refresh(old).status_code == 400
    event = one(app, "refresh_token.reused")
    assert event.actor_kind == "server"
    assert (event.subject_kind, str(event.subject_id)) == ("client", party.client_id)


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user(name="Grace")


def change_password(browser: Browser, current: str) -> Any:
    browser.get("/account/security")
    values = {"current_password": current, "password": NEW, "repeated": NEW}
    return browser.submit(values, action="/password$")


def test_signing_in_again_ends_the_session_of_before(
    app: Flask, person: MadeUser, browser: Browser
) -> None:
    browser.sign_in(person.email, person.password)
    assert events(app, "user.session_ended") == []
    browser.sign_in(person.email, person.password)
    event = one(app, "user.session_ended")
    assert event.actor_id == event.subject_id == person.id
    assert len(events(app, "user.signed_in")) == 2


def test_a_refused_sign_in_is_told_by_the_server(
    app: Flask, person: MadeUser, browser: Browser
) -> None:
    browser.sign_in(person.email, "a wrong guess")
    browser.sign_in("nobody@example.com", "a wrong guess")
    event = one(app, "user.sign_in_refused")
    assert (event.actor_kind, event.subject_id) == ("server", person.id)


def test_a_wrong_password_at_the_form_for_a_new_one_is_an_event(
    app: Flask, person: MadeUser, browser: Browser
) -> None:
    browser.sign_in(person.email, person.password)
    assert change_password(browser, "a wrong guess").status_code == 422
    event = one(app, "user.password_refused")
    assert event.actor_id == event.subject_id == person.id
    assert events(app, "user.password_changed", "user.other_sessions_ended") == []


def test_a_new_password_is_an_event_and_so_are_the_sessions_it_ends(
    app: Flask, person: MadeUser, browser: Browser
) -> None:
    Browser(app).sign_in(person.email, person.password)
    browser.sign_in(person.email, person.password)
    assert change_password(browser, person.password).status_code == 200
    assert one(app, "user.password_changed").actor_id == person.id
    assert one(app, "user.other_sessions_ended").details == {"browsers": 1}
