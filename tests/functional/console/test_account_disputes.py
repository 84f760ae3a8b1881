"""*This wasn't me*: all that an app has of a person ends, and a case is opened."""

import re
import uuid

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

HTMX = {"HX-Request": "true"}
NAME = "Invoice <b>Sync</b>"


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user("ada@example.com", name="Ada", permissions=["view_users"])


@pytest.fixture
def party(parties: Parties, person: MadeUser) -> RelyingParty:
    return parties.confidential(user=person, name=NAME)


def consent_id(app: Flask, party: RelyingParty) -> uuid.UUID:
    """Return the first consent for the app."""
    with app.app_context():
        query = select(Consent.id).where(
            Consent.client_id == uuid.UUID(party.client_id)
        )
        found = db.session.scalars(query.order_by(Consent.granted_at)).first()
        assert found is not None
        return found


def cases(app: Flask) -> list[AuditEvent]:
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action == "consent.disputed")
        return list(db.session.scalars(query))


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account/security").request.path == "/account/security"


def say_it(app: Flask, party: RelyingParty) -> TestResponse:
    wanted = consent_id(app, party)
    page = party.browser.get(f"/account/apps/{wanted}/dispute")
    assert page.status_code == 200
    return party.browser.submit(action="/dispute$")


def test_everything_of_the_app_and_every_other_session_ends(
    app: Flask, parties: Parties, party: RelyingParty, person: MadeUser
) -> None:
    kept = parties.confidential(user=person, name="Other App")
    others = kept.tokens(scope="view_users")
    given, waiting = party.tokens(scope="view_users"), party.allow()["code"]
    party.call(given["access_token"])
    party.ask(prompt="consent")
    once = {"decision": "allow", "duration": "once"}
    page = party.browser.submit(once, action="/oauth/consent", follow=False)
    second = party.redeem(party.answer(page)["code"]).get_json()

    page = say_it(app, party)
    assert page.request.path.startswith("/account/cases/")
    assert "Invoice &lt;b&gt;Sync&lt;/b&gt;" in page.text
    assert "Change your password" in page.text
    for tokens in (given, second):
        assert party.call(tokens["access_token"]).status_code == 401
        assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert party.redeem(waiting).status_code == 400
    assert kept.call(others["access_token"]).status_code == 200
    assert is_signed_in(party.browser)
    assert not is_signed_in(kept.browser)
    assert NAME not in party.browser.get("/account/apps").text
    assert party.ask().status_code == 200


def test_administrators_find_the_case_by_its_number(
    app: Flask, party: RelyingParty, person: MadeUser, make: Factory
) -> None:
    tokens = party.tokens(scope="view_users openid")
    party.call(tokens["access_token"])
    page = say_it(app, party)
    (case,) = cases(app)
    assert f">{case.reference_id}</code>" in page.text
    assert (case.actor_id, case.actor_label) == (person.id, "Ada")
    assert (case.subject_kind, str(case.subject_id)) == ("client", party.client_id)
    assert case.ip_address == "127.0.0.1"
    moments = ("first_allowed", "last_used")
    assert all(re.match(r"\d{4}-\d\d-\d\dT", case.details[name]) for name in moments)
    assert {n: v for n, v in case.details.items() if n not in moments} == {
        "scope": "openid view_users",
        "allowed_from": ["127.0.0.1"],
        "other_sessions_ended": 0,
    }
    for secret in (tokens["access_token"], tokens["refresh_token"]):
        assert secret not in str(case.details)
    console = Console.of_administrator(app, make)
    activity = console.browser.get(f"/developer/apps/{party.client_id}/activity")
    assert "reported the app" in activity.text


def test_said_twice_it_is_one_case(app: Flask, party: RelyingParty) -> None:
    party.allow()
    first = say_it(app, party)
    token = party.browser.form("/logout")["fields"]["csrf_token"][0]
    wanted = consent_id(app, party)
    answer = party.browser.client.post(
        f"/account/apps/{wanted}/dispute", data={"csrf_token": token}
    )
    assert answer.headers["Location"] == first.request.path
    assert len(cases(app)) == 1
    # There is nothing left to ask about.
    question = party.browser.get(f"/account/apps/{wanted}/dispute")
    assert question.status_code == 404


def test_what_was_removed_before_is_no_case(app: Flask, party: RelyingParty) -> None:
    party.allow()
    wanted = consent_id(app, party)
    party.browser.get(f"/account/apps/{wanted}/remove")
    form = party.browser.form("/remove$")
    party.browser.submit(action="/remove$")
    answer = party.browser.client.post(
        f"/account/apps/{wanted}/dispute", data=form["fields"]
    )
    assert answer.status_code == 404
    assert cases(app) == []


def test_nobody_disputes_for_another_person_or_sees_their_case(
    app: Flask, parties: Parties, party: RelyingParty, person: MadeUser, make: Factory
) -> None:
    tokens = party.tokens(scope="view_users")
    wanted = consent_id(app, party)
    stranger = parties.browser_of(make.user())
    stranger.get("/account/security")
    data = {"csrf_token": stranger.form("/password$")["fields"]["csrf_token"][0]}
    for guess in (wanted, uuid.uuid4(), "1", "' OR 1=1"):
        address = f"/account/apps/{guess}/dispute"
        assert stranger.get(address).status_code == 404
        assert stranger.client.post(address, data=data).status_code == 404
    assert party.call(tokens["access_token"]).status_code == 200
    page = say_it(app, party)
    for address in (
        page.request.path,
        "/account/cases/x",
        "/account/cases/" + "a" * 99,
    ):
        assert stranger.get(address).status_code == 404


def test_a_form_without_its_token_ends_nothing(app: Flask, party: RelyingParty) -> None:
    tokens = party.tokens(scope="view_users")
    wanted = consent_id(app, party)
    client = party.browser.client
    assert client.post(f"/account/apps/{wanted}/dispute").status_code == 400
    assert party.call(tokens["access_token"]).status_code == 200


def test_htmx_is_led_to_the_case(app: Flask, party: RelyingParty) -> None:
    party.allow()
    address = f"/account/apps/{consent_id(app, party)}/dispute"
    panel = party.browser.client.get(address, headers=HTMX)
    assert panel.text.lstrip().startswith('<section id="apps"')
    party.browser.page = panel
    data = party.browser.form("/dispute$")["fields"]
    answer = party.browser.client.post(address, data=data, headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/account/cases/")


@pytest.mark.parametrize("column", ["disabled_at", "deleted_at"])
def test_an_app_that_is_gone_meanwhile_can_be_disputed_too(
    app: Flask, party: RelyingParty, column: str
) -> None:
    party.allow()
    wanted = consent_id(app, party)
    party.browser.get(f"/account/apps/{wanted}/dispute")
    with app.app_context():
        client = db.session.get_one(Client, uuid.UUID(party.client_id))
        setattr(client, column, utcnow())
        db.session.commit()
    page = party.browser.submit(action="/dispute$")
    assert page.request.path.startswith("/account/cases/")
    assert len(cases(app)) == 1
    listed = party.browser.get("/account/apps")
    assert listed.status_code == 200


def test_the_security_page_keeps_the_case(app: Flask, party: RelyingParty) -> None:
    party.allow()
    case = say_it(app, party).request.path
    page = party.browser.get("/account/security")
    assert f'href="{case}"' in page.text
    assert "You reported" in page.text
