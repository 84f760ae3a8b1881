"""Prompts, ages, hints and response modes (OpenID Connect Core §3.1.2)."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts.models import UserSession
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.parties import CALLBACK, Parties
from tests.support.relying_party import RelyingParty


def make_sign_in_older(app: Flask, by: timedelta) -> None:
    """Let every session's password have been given so long ago."""
    with app.app_context():
        db.session.execute(update(UserSession).values(authenticated_at=utcnow() - by))
        db.session.commit()


@pytest.fixture
def signing_in(app: Flask, make: Factory, parties: Parties) -> RelyingParty:
    """An app whose person has signed in by the form, and allowed it once."""
    user = make.user(email="carla@example.com")
    party = parties.confidential(user=user)
    party.browser = Browser(app)
    party.browser.sign_in(user.email, user.password)
    party.allow(scope="openid")
    party.password = user.password  # type: ignore[attr-defined]
    return party


def give_password(party: RelyingParty) -> None:
    """Fill in the sign-in page that is shown, and follow it to its end."""
    page = party.browser.submit(
        {"email": "carla@example.com", "password": party.password},  # type: ignore[attr-defined]
        action="/login",
    )
    party.browser.page = page


@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "prompt none never asks anybody")
@pytest.mark.parametrize("scope", ["openid", None])
def test_prompt_none_answers_without_asking(
    app: Flask, parties: Parties, scope: str | None
) -> None:
    party = parties.confidential(permissions=())
    asked = party.ask(prompt="none", scope=scope)
    assert party.answer(asked)["error"] == "consent_required"
    party.allow(scope=scope)
    answer = party.answer(party.ask(prompt="none", scope=scope))
    assert "code" in answer
    party.browser = Browser(app)
    answer = party.answer(party.ask(prompt="none", scope=scope))
    assert answer["error"] == "login_required"
    assert answer["state"] == party.state
    assert answer["iss"] == "http://127.0.0.1:8000"


@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "prompt login asks for the password")
@pytest.mark.parametrize("asks", [{"prompt": "login"}, {"prompt": "select_account"}])
def test_a_fresh_sign_in_can_be_demanded(
    signing_in: RelyingParty, asks: dict[str, str]
) -> None:
    page = signing_in.ask(scope="openid", **asks)
    assert page.status_code == 200
    assert "Sign in" in page.text
    give_password(signing_in)
    assert signing_in.browser.page is not None
    assert "code" in signing_in.answer(signing_in.browser.page)


@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "max_age bounds the sign-in's age")
def test_max_age_demands_a_sign_in_when_it_is_too_old(
    app: Flask, signing_in: RelyingParty
) -> None:
    answer = signing_in.answer(signing_in.ask(scope="openid", max_age="1000"))
    assert "code" in answer
    make_sign_in_older(app, timedelta(seconds=1001))
    assert "Sign in" in signing_in.ask(scope="openid", max_age="1000").text
    give_password(signing_in)
    assert signing_in.browser.page is not None
    assert "code" in signing_in.answer(signing_in.browser.page)
    # Zero means that any sign-in before this request is too old.
    assert "Sign in" in signing_in.ask(scope="openid", max_age="0").text


def test_prompt_consent_asks_again(parties: Parties) -> None:
    party = parties.confidential()
    party.allow(scope="openid")
    page = party.ask(scope="openid", prompt="consent")
    assert page.status_code == 200
    assert 'name="decision"' in page.text


@pytest.mark.parametrize("prompt", ["none login", "nonsense", "none nonsense"])
def test_a_prompt_without_sense_is_refused(parties: Parties, prompt: str) -> None:
    party = parties.confidential()
    answer = party.answer(party.ask(prompt=prompt))
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("max_age", ["-1", "x", "9" * 40, "1.5"])
def test_a_max_age_without_sense_is_refused(parties: Parties, max_age: str) -> None:
    party = parties.confidential()
    answer = party.answer(party.ask(max_age=max_age))
    assert answer["error"] == "invalid_request"


@pytest.mark.rfc("OpenID Connect Core §6.1", "request objects are refused by name")
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_what_is_not_offered_has_its_own_error(
    parties: Parties, name: str, error: str
) -> None:
    party = parties.confidential()
    assert party.answer(party.ask(**{name: "https://evil.example/"}))["error"] == error


@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "unknown parameters are ignored")
def test_what_is_only_a_wish_is_ignored(parties: Parties) -> None:
    party = parties.confidential()
    answer = party.allow(
        scope="openid",
        acr_values="high",
        ui_locales="fr de",
        claims='{"id_token": {"acr": {"essential": true}}}',
        display="popup",
        unknown="x",
    )
    assert "code" in answer


def test_a_login_hint_fills_in_the_address(app: Flask, parties: Parties) -> None:
    party = parties.confidential()
    party.browser = Browser(app)
    page = party.ask(login_hint="carla@example.com")
    assert 'value="carla@example.com"' in page.text
    page = party.ask(login_hint='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text


@pytest.mark.rfc("OpenID Connect Core §3.1.2.1", "id_token_hint names the person")
def test_a_hint_at_another_person_is_not_answered_for_this_one(
    make: Factory, parties: Parties
) -> None:
    carla, dora = make.user(), make.user()
    party = parties.confidential(user=carla)
    hint = party.tokens(scope="openid")["id_token"]
    asks = {"scope": "openid", "prompt": "none", "id_token_hint": hint}
    assert "code" in party.answer(party.ask(**asks))
    party.browser = parties.browser_of(dora)
    assert party.answer(party.ask(**asks))["error"] == "login_required"
    garbage = party.answer(party.ask(scope="openid", id_token_hint="a.b.c"))
    assert garbage["error"] == "invalid_request"


def test_a_hint_of_another_app_is_refused(make: Factory, parties: Parties) -> None:
    user = make.user()
    other = parties.confidential(user=user)
    hint = other.tokens(scope="openid")["id_token"]
    party = parties.confidential(user=user)
    answer = party.answer(party.ask(scope="openid", id_token_hint=hint))
    assert answer["error"] == "invalid_request"


@pytest.mark.rfc("Form Post Response Mode §2", "the answer is a form that posts itself")
def test_form_post_answers_by_a_form(parties: Parties) -> None:
    party = parties.confidential()
    party.ask(scope="openid", response_mode="form_post")
    page = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    assert page.status_code == 200
    form = party.browser.form(CALLBACK)
    assert form["fields"]["code"]
    assert form["fields"]["state"] == [party.state]
    assert form["fields"]["iss"] == ["http://127.0.0.1:8000"]
    policy = page.headers["Content-Security-Policy"]
    assert "form-action" not in policy
    assert "'unsafe-inline'" not in policy
    assert "no-store" in page.headers["Cache-Control"]
    # Errors go the same way.
    page = party.ask(scope="nonsense", response_mode="form_post")
    assert party.browser.form(CALLBACK)["fields"]["error"] == ["invalid_scope"]


def test_an_unknown_response_mode_is_refused(parties: Parties) -> None:
    party = parties.confidential()
    page = party.ask(response_mode="fragment")
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    assert query["error"] == ["invalid_request"]
