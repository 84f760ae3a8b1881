"""An answer counts from the browser and person that were asked, and no other."""

import re

import pytest
from flask import Flask

from app.consents.models import Consent
from app.extensions import db
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ACTION = "/oauth/consent"


def _request_id(party: RelyingParty) -> str:
    page = party.ask()
    found = re.search(r'name="request_id" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def _nothing_was_given(app: Flask) -> bool:
    with app.app_context():
        return not db.session.scalars(db.select(Consent)).all()


@pytest.mark.rfc("RFC 6749 §10.12", "consent cannot be given by another site")
@pytest.mark.parametrize("is_same_person", [True, False])
def test_another_browser_cannot_see_or_answer(
    app: Flask, parties: Parties, is_same_person: bool
) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    request_id = _request_id(party)
    other = user if is_same_person else parties.person("view_users")
    attacker = RelyingParty(parties.browser_of(other), party.client_id)
    attacker.ask()
    page = attacker.browser.submit(
        {"decision": "allow", "request_id": request_id}, action=ACTION, follow=False
    )
    assert (page.status_code, "Location" in page.headers) == (404, False)
    page = attacker.browser.get(f"/oauth/consent?request_id={request_id}")
    assert page.status_code == 404
    assert _nothing_was_given(app)


def test_another_person_at_the_same_browser_cannot_answer(
    app: Flask, parties: Parties
) -> None:
    party = parties.confidential()
    screen = party.ask()
    browser = party.browser
    with parties.browser_of(parties.person()).client.session_transaction() as theirs:
        secret = theirs["_user_id"]
    with browser.client.session_transaction() as session:
        session["_user_id"] = secret
    browser.page = screen
    page = browser.submit({"decision": "allow"}, action=ACTION, follow=False)
    assert (page.status_code, "Location" in page.headers) == (404, False)
    assert _nothing_was_given(app)


def test_nobody_signed_in_cannot_answer(app: Flask, parties: Parties) -> None:
    party = parties.confidential()
    party.ask()
    with party.browser.client.session_transaction() as session:
        del session["_user_id"]
    page = party.browser.submit({"decision": "allow"}, action=ACTION, follow=False)
    assert page.status_code == 303
    assert page.headers["Location"].startswith("/login")
    assert _nothing_was_given(app)


def test_an_answer_after_half_an_hour_is_too_late(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    party = parties.confidential()
    party.ask()
    clock.forward(minutes=31)
    page = party.browser.submit({"decision": "allow"}, action=ACTION, follow=False)
    assert page.status_code == 404
    assert _nothing_was_given(app)


def test_not_you_leads_to_the_same_request_for_somebody_else(
    parties: Parties,
) -> None:
    first, second = parties.person("view_users"), parties.person("view_users")
    party = parties.confidential(user=first)
    party.ask(state="kept")
    page = party.browser.submit(action="/logout")
    assert page.request.path == "/login"
    page = party.browser.submit({"email": second.email, "password": second.password})
    assert page.request.path == "/oauth/consent"
    assert second.email in page.text
    page = party.browser.submit({"decision": "allow"}, action=ACTION, follow=False)
    answer = party.answer(page)
    assert answer["state"] == "kept"
    tokens = party.redeem(answer["code"]).get_json()
    me = party.call(tokens["access_token"]).get_json()
    assert me["user"]["id"] == str(second.id)


def test_made_up_requests_are_nothing_to_answer(parties: Parties) -> None:
    party = parties.confidential()
    party.ask()
    for name in ("", "x", "é", "0" * 36, "00000000-0000-7000-8000-000000000000"):
        page = party.browser.client.get(f"/oauth/consent?request_id={name}")
        assert page.status_code == 404
        assert "no longer open" in page.text.lower()
    assert party.browser.client.get("/oauth/consent").status_code == 404


def test_without_the_cookie_of_the_browser_there_is_nothing_to_answer(
    parties: Parties,
) -> None:
    party = parties.confidential()
    request_id = _request_id(party)
    party.browser.client.delete_cookie("gatepass-browser")
    page = party.browser.client.get(f"/oauth/consent?request_id={request_id}")
    assert page.status_code == 404


@pytest.mark.rfc(
    "OpenID Connect Core §3.1.2.3", "whoever is not signed in signs in first"
)
@pytest.mark.rfc("RFC 6749 §3.1", "the person is identified before anything is granted")
def test_who_is_not_signed_in_sees_no_screen(app: Flask) -> None:
    page = Browser(app).get("/oauth/consent?request_id=x")
    assert page.request.path == "/login"


def test_a_get_allows_nothing(app: Flask, parties: Parties) -> None:
    party = parties.confidential()
    request_id = _request_id(party)
    for query in (f"request_id={request_id}&decision=allow", "decision=allow"):
        page = party.browser.client.get(f"/oauth/consent?{query}")
        assert "Location" not in page.headers
    assert _nothing_was_given(app)
