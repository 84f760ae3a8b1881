"""A POST is an authorization request too: it is stored, and judged by a GET."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db
from app.oauth.models import AuthorizationRequest
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _post(party: RelyingParty, **changes: str | None) -> TestResponse:
    return party.browser.client.post(
        "/oauth/authorize", data=party.authorization_parameters(**changes)
    )


@pytest.mark.rfc(
    "OpenID Connect Core §3.1.2.1", "requests are taken by GET and by POST"
)
@pytest.mark.rfc(
    "RFC 6749 §3.1", "the authorization endpoint may take POST too", level="MAY"
)
def test_post_leads_to_the_consent_screen_by_get(party: RelyingParty) -> None:
    answer = _post(party)
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert set(dict(parse_qsl(urlsplit(location).query))) == {"resume"}
    assert party.browser.get(location).status_code == 200
    back = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    answered = party.answer(back)
    assert answered["state"] == party.state
    assert party.redeem(answered["code"]).status_code == 200


def test_what_is_stored_belongs_to_the_browser_that_posted(
    party: RelyingParty, parties: Parties
) -> None:
    location = _post(party).headers["Location"]
    other = parties.browser_of(parties.person("view_users"))
    page = other.get(location)
    assert page.status_code == 400
    assert "Location" not in page.headers


def test_what_is_stored_ends_after_half_an_hour(
    party: RelyingParty, clock: MovableClock
) -> None:
    location = _post(party).headers["Location"]
    clock.forward(minutes=31)
    assert party.browser.get(location).status_code == 400


def test_it_can_be_signed_in_for_afterwards(parties: Parties) -> None:
    party = parties.confidential()
    user = parties.person("view_users")
    party.browser = Browser(parties.app)
    page = party.browser.get(_post(party).headers["Location"])
    assert page.request.path == "/login"
    page = party.browser.submit({"email": user.email, "password": user.password})
    assert page.request.path == "/oauth/consent"


def test_the_cookie_says_nothing_to_scripts_and_other_sites(
    party: RelyingParty,
) -> None:
    cookie = _post(party).headers["Set-Cookie"]
    assert cookie.startswith("gatepass-browser=gpb_")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_browser_keeps_its_secret(party: RelyingParty) -> None:
    first = _post(party).headers["Set-Cookie"]
    assert _post(party).headers["Set-Cookie"] == first


def test_a_cookie_of_somebody_elses_making_is_replaced(party: RelyingParty) -> None:
    for planted in ("gpb_known", "x", "gpb_" + "0" * 49):
        party.browser.client.set_cookie("gatepass-browser", planted)
        assert f"={planted};" not in _post(party).headers["Set-Cookie"]


def test_refusals_are_those_of_a_get(party: RelyingParty) -> None:
    page = _post(party, client_id="x")
    assert (page.status_code, "Location" in page.headers) == (400, False)
    assert "is not registered or has been disabled" in page.text
    assert "style-src" in page.headers["Content-Security-Policy"]
    page = _post(party, redirect_uri="https://evil.example/")
    assert (page.status_code, "Location" in page.headers) == (400, False)
    answer = party.answer(_post(party, scope="nope"))
    assert (answer["error"], answer["iss"]) == (
        "invalid_scope", "http://127.0.0.1:8000"
    )  # fmt: skip


def test_parameters_are_in_one_place(party: RelyingParty) -> None:
    parameters = party.authorization_parameters()
    client = party.browser.client
    page = client.post("/oauth/authorize?scope=openid", data=parameters)
    assert page.status_code == 400
    assert client.post("/oauth/authorize", json=parameters).status_code == 400


def test_nothing_is_stored_for_what_is_refused(app: Flask, party: RelyingParty) -> None:
    _post(party, client_id="x")
    _post(party, scope="nope")
    with app.app_context():
        assert db.session.scalars(db.select(AuthorizationRequest)).all() == []


def test_made_up_names_of_stored_requests_lead_nowhere(party: RelyingParty) -> None:
    _post(party)
    for name in ("x", "é", "0", "00000000-0000-7000-8000-000000000000", "x" * 9000):
        response = party.browser.client.get(f"/oauth/authorize?resume={name}")
        assert response.status_code == 400
