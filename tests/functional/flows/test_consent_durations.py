"""For how long people allow an app: once, for a month, or until they stop it."""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.consents.models import Consent
from app.consents.services import users_who_allow
from app.extensions import db
from app.tokens.listing import live_families
from app.tokens.queries import live_token_counts
from tests.factories import MadeUser
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ACTION = "/oauth/consent"
HOUR = 3600


@dataclass
class Customer:
    """A person who comes back after sessions have ended, and an app before them."""

    parties: Parties
    user: MadeUser
    party: RelyingParty

    def come_back(self) -> None:
        """Sign in anew."""
        self.party.browser = self.parties.browser_of(self.user)


@pytest.fixture
def customer(parties: Parties) -> Customer:
    user = parties.person("view_users")
    return Customer(parties, user, parties.confidential(user=user))


def answer(party: RelyingParty, duration: str | None, **ask: str) -> TestResponse:
    """Have the screen shown whatever is remembered, and allow for `duration`."""
    assert party.ask(prompt="consent", **ask).status_code == 200
    values = {"decision": "allow", "duration": duration}
    return party.browser.submit(values, action=ACTION, follow=False)


def tokens(party: RelyingParty, duration: str | None, **ask: str) -> dict[str, Any]:
    code = party.answer(answer(party, duration, **ask))["code"]
    found: dict[str, Any] = party.redeem(code).get_json()
    return found


def is_asked(party: RelyingParty, **ask: str) -> bool:
    return party.ask(**ask).status_code == 200


def works(party: RelyingParty, given: dict[str, Any]) -> bool:
    """Tell whether what was given works, for whoever is asked."""
    access_token, refresh_token = given["access_token"], given["refresh_token"]
    called = party.call(access_token).status_code == 200
    assert party.introspect(access_token)["active"] is called
    return called or party.introspect(refresh_token)["active"]


def rows(app: Flask) -> list[Consent]:
    with app.app_context():
        query = db.select(Consent).order_by(Consent.granted_at, Consent.id)
        return list(db.session.scalars(query))


def test_until_i_stop_is_what_is_chosen_unless_told(
    app: Flask, party: RelyingParty
) -> None:
    party.ask()
    assert party.browser.form(ACTION)["fields"]["duration"] == ["always"]
    given = tokens(party, None)
    assert given["expires_in"] == HOUR
    (consent,) = rows(app)
    assert (consent.expires_at, consent.is_remembered) == (None, True)
    assert not is_asked(party)


@pytest.mark.parametrize("duration", ["", "forever", "ONCE", "30"])
def test_another_duration_decides_nothing(
    app: Flask, party: RelyingParty, duration: str
) -> None:
    page = answer(party, duration)
    assert (page.status_code, "Location" in page.headers) == (404, False)
    assert rows(app) == []


def test_once_is_not_remembered_and_ends_by_itself(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    assert "(ends <time" in party.ask().text
    given = tokens(party, "once")
    # A token of its usual length, however late the code was redeemed.
    assert given["expires_in"] == HOUR
    assert is_asked(party)
    assert "You allowed" not in party.ask().text
    assert works(party, given)
    clock.forward(seconds=HOUR - 60)
    refreshed = party.refresh(given["refresh_token"]).get_json()
    assert refreshed["expires_in"] <= 120
    clock.forward(seconds=121)
    assert not works(party, refreshed)
    assert party.refresh(refreshed["refresh_token"]).status_code == 400
    with app.app_context():
        client_id = uuid.UUID(party.client_id)
        assert live_token_counts([client_id])[client_id] == 0
        assert db.session.scalars(users_who_allow(client_id)).all() == []
        assert db.session.execute(live_families(client_id)).all() == []
    assert "No app can use" in party.browser.get("/account/apps").text


def test_once_leaves_what_was_remembered_as_it_is(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    parties.make.permission("pay", is_delegable=True)
    party = parties.confidential(user=parties.person("view_users", "pay"))
    lasting = tokens(party, "always", scope="view_users")
    once = tokens(party, "once", scope="view_users pay")
    assert once["scope"] == "pay view_users"
    assert not is_asked(party, scope="view_users")
    # What was allowed once is new the next time.
    assert is_asked(party, scope="pay")
    assert [row.scopes for row in rows(app)] == [["view_users"], ["pay", "view_users"]]
    clock.forward(seconds=HOUR + 61)
    assert party.refresh(once["refresh_token"]).status_code == 400
    assert party.refresh(lasting["refresh_token"]).status_code == 200


def test_a_second_once_does_not_end_the_first(party: RelyingParty) -> None:
    first, second = tokens(party, "once"), tokens(party, "once")
    assert works(party, first)
    assert works(party, second)


def test_a_month_is_a_month(
    app: Flask, customer: Customer, clock: MovableClock
) -> None:
    party = customer.party
    given = tokens(party, "month")
    assert not is_asked(party)
    # What was chosen is what is suggested the next time.
    party.ask(prompt="consent")
    assert party.browser.form(ACTION)["fields"]["duration"] == ["month"]
    clock.forward(days=29, hours=23, minutes=59, seconds=30)
    given = party.refresh(given["refresh_token"]).get_json()
    assert given["expires_in"] <= HOUR
    customer.come_back()
    waiting = party.allow()["code"]
    clock.forward(seconds=31)
    assert not works(party, given)
    assert party.redeem(waiting).status_code == 400
    assert party.refresh(given["refresh_token"]).status_code == 400
    assert is_asked(party)


def test_what_is_over_never_comes_back(
    app: Flask, customer: Customer, clock: MovableClock
) -> None:
    party = customer.party
    old = tokens(party, "month")
    clock.forward(days=29)
    old = party.refresh(old["refresh_token"]).get_json()
    clock.forward(days=1, seconds=1)
    customer.come_back()
    new = tokens(party, "always")
    assert works(party, new)
    assert not works(party, old)
    assert party.refresh(old["refresh_token"]).status_code == 400
    first, second = rows(app)
    assert first.withdrawn_at == first.expires_at
    assert second.withdrawn_at is second.expires_at is None


def test_a_shorter_answer_bites_on_what_was_given_before(
    customer: Customer, clock: MovableClock
) -> None:
    party = customer.party
    lasting = tokens(party, "always")
    tokens(party, "month")
    clock.forward(days=20)
    lasting = party.refresh(lasting["refresh_token"]).get_json()
    assert works(party, lasting)
    clock.forward(days=10, seconds=1)
    assert party.refresh(lasting["refresh_token"]).status_code == 400


def test_a_longer_answer_gives_nothing_old_more_time(
    customer: Customer, clock: MovableClock
) -> None:
    party = customer.party
    short = tokens(party, "month")
    clock.forward(days=20)
    short = party.refresh(short["refresh_token"]).get_json()
    customer.come_back()
    lasting = tokens(party, "always")
    clock.forward(days=10, seconds=1)
    assert party.refresh(short["refresh_token"]).status_code == 400
    assert party.refresh(lasting["refresh_token"]).status_code == 200


def test_a_public_app_on_a_device_is_asked_for_each_time_and_ends_too(
    parties: Parties, clock: MovableClock
) -> None:
    party = parties.public(redirect_uris=["http://127.0.0.1/cb"])
    given = tokens(party, "month")
    assert is_asked(party)
    clock.forward(days=30, seconds=1)
    assert party.refresh(given["refresh_token"]).status_code == 400


def test_the_end_is_written_to_the_audit_log(app: Flask, party: RelyingParty) -> None:
    for duration in ("month", "always", "always"):
        answer(party, duration, scope="view_users")
    with app.app_context():
        query = db.select(AuditEvent).where(AuditEvent.action == "consent.allowed")
        first, second = db.session.scalars(query.order_by(AuditEvent.id))
    assert first.details["scope"] == ["", "view_users"]
    until = first.details["expires_at"][1]
    # The same answer once more is no event.
    assert second.details == {"expires_at": [until, None]}
