"""The consent screen: what is asked, and what an answer gives."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.access.catalogue import find_permission
from app.access.escalation import UNLIMITED
from app.access.holders import Holder
from app.access.services import give_permission
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.queries import find_client
from app.consents.models import Consent
from app.extensions import db
from app.oauth import pending
from tests.factories import MadeUser
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ACTION = "/oauth/consent"


def _press(party: RelyingParty, decision: str | None = "allow") -> TestResponse:
    return party.browser.submit({"decision": decision}, action=ACTION, follow=False)


def _consents(app: Flask) -> list[tuple[list[str], bool]]:
    with app.app_context():
        rows = db.session.scalars(db.select(Consent).order_by(Consent.granted_at))
        return [(row.scopes, row.withdrawn_at is None) for row in rows]


def _give(app: Flask, user: MadeUser, name: str) -> None:
    with app.app_context():
        permission = find_permission(name)
        assert permission is not None
        holder = Holder(kind="user", id=user.id, label=user.email)
        give_permission(
            actor=SERVER, powers=UNLIMITED, holder=holder, permission=permission
        )
        db.session.commit()


@pytest.mark.rfc("RFC 6749 §4.1.1", "the person decides what the client gets")
def test_the_screen_says_who_asks_for_what(parties: Parties) -> None:
    parties.make.permission(
        "delete_invoices",
        description="Delete your invoices",
        group="Invoices",
        is_delegable=True,
    )
    owner = parties.make.user(name="Ann Owner")
    user = parties.person("view_users", "delete_invoices")
    party = parties.confidential(user=user, name="Invoice <b>Sync</b>", owner=owner)
    page = party.ask(scope="delete_invoices openid offline_access")
    assert page.status_code == 200
    assert "Invoice &lt;b&gt;Sync&lt;/b&gt;" in page.text
    assert "<b>Sync" not in page.text
    for words in (
        "Ann Owner", "Not verified", "Delete your invoices", "can delete", "Invoices",
        "Know which account is yours", "You will be sent to", "app.example.com",
        user.email, "Not you?",
    ):  # fmt: skip
        assert words in page.text, words
    assert "offline_access" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


def test_an_app_on_this_device_is_named_so(parties: Parties) -> None:
    party = parties.public(redirect_uris=["com.example.app:/done"])
    assert "an app on this device" in party.ask().text


@pytest.mark.rfc("RFC 6749 §3.3", "a scope that differs from what was asked is told")
def test_only_what_the_user_holds_is_asked_and_given(parties: Parties) -> None:
    parties.make.permission("view_invoices", is_delegable=True)
    party = parties.confidential(user=parties.person("view_users"))
    assert "view_invoices" not in party.ask(scope="view_invoices view_users").text
    tokens = party.tokens(scope="view_invoices view_users")
    assert tokens["scope"] == "view_users"


@pytest.mark.rfc("RFC 6749 §5.1", "a scope that differs from what was asked is told")
def test_an_empty_grant_is_allowed_and_opens_me(parties: Parties) -> None:
    party = parties.confidential(user=parties.person())
    assert "and nothing else" in party.ask().text
    tokens = party.tokens()
    assert tokens["scope"] == ""
    me = party.call(tokens["access_token"])
    assert (me.status_code, me.get_json()["permissions"]) == (200, [])
    assert party.call(tokens["access_token"], "/api/v1/users").status_code == 403


@pytest.mark.rfc("RFC 6749 §3.3", "without a scope there is a default")
def test_nothing_asked_means_all_that_may_be_asked(parties: Parties) -> None:
    parties.make.permission("view_invoices", is_delegable=True)
    parties.make.permission("pay_invoices", is_delegable=True)
    user = parties.person("view_users", "view_invoices", "pay_invoices")
    every = parties.confidential(user=user)
    assert every.tokens()["scope"] == "pay_invoices view_invoices view_users"
    some = parties.confidential(user=user, scopes=("view_invoices",))
    assert some.tokens()["scope"] == "view_invoices"
    answer = some.answer(some.ask(scope="pay_invoices"))
    assert answer["error"] == "invalid_scope"


def test_denial_gives_nothing(app: Flask, party: RelyingParty) -> None:
    assert party.decide("deny")["error"] == "access_denied"
    assert _consents(app) == []
    # And it is no answer for the next time.
    assert party.ask().status_code == 200


@pytest.mark.rfc(
    "OpenID Connect Core §3.1.2.4", "nothing is released before the person has decided"
)
def test_no_decision_decides_nothing(app: Flask, party: RelyingParty) -> None:
    for decision in (None, "", "maybe", "ALLOW"):
        party.ask()
        page = _press(party, decision)
        assert (page.status_code, "Location" in page.headers) == (404, False)
    assert _consents(app) == []


def test_an_answer_counts_once(app: Flask, party: RelyingParty) -> None:
    screen = party.ask()
    first = _press(party)
    assert party.redeem(party.answer(first)["code"]).status_code == 200
    party.browser.page = screen
    again = _press(party)
    assert (again.status_code, "Location" in again.headers) == (404, False)
    party.browser.page = screen
    assert "Location" not in _press(party, "deny").headers
    assert len(_consents(app)) == 1


def test_of_two_answers_at_once_one_counts(
    app: Flask, party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other one was decided between this one's look and its own decision.
    monkeypatch.setattr(pending, "decide", lambda _kept: False)
    party.ask()
    page = _press(party)
    assert (page.status_code, "Location" in page.headers) == (404, False)
    assert _consents(app) == []


def test_nothing_that_came_up_after_the_screen_is_allowed(
    app: Flask, parties: Parties
) -> None:
    parties.make.permission("pay_invoices", is_delegable=True)
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    assert "pay_invoices" not in party.ask(scope="pay_invoices view_users").text
    _give(app, user, "pay_invoices")
    tokens = party.redeem(party.answer(_press(party))["code"]).get_json()
    assert tokens["scope"] == "view_users"
    assert _consents(app) == [(["view_users"], True)]


def test_a_reload_of_the_screen_does_not_widen_it(app: Flask, parties: Parties) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    address = party.ask().request.full_path
    parties.make.permission("pay_invoices", description="Pay", is_delegable=True)
    _give(app, user, "pay_invoices")
    assert "Pay" not in party.browser.get(address).text


def test_what_went_away_after_the_screen_is_not_given(
    app: Flask, parties: Parties
) -> None:
    parties.make.permission("pay_invoices", is_delegable=True)
    party = parties.confidential(user=parties.person("view_users", "pay_invoices"))
    party.ask()
    with app.app_context():
        permission = find_permission("pay_invoices")
        assert permission is not None
        permission.is_delegable = False
        db.session.commit()
    code = party.answer(_press(party))["code"]
    assert party.redeem(code).get_json()["scope"] == "view_users"


def test_a_client_that_went_away_meanwhile_is_not_led_to(
    app: Flask, party: RelyingParty
) -> None:
    party.ask()
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        client.redirect_uris = ["https://app.example.com/elsewhere"]
        db.session.commit()
    screen = party.browser.page
    assert screen is not None
    page = party.browser.client.get(screen.request.full_path)
    assert (page.status_code, "Location" in page.headers) == (400, False)
    page = _press(party)
    assert (page.status_code, "Location" in page.headers) == (400, False)


def test_consent_is_written_to_the_audit_log(app: Flask, party: RelyingParty) -> None:
    party.allow(scope="view_users")
    with app.app_context():
        query = db.select(AuditEvent).where(AuditEvent.action == "consent.allowed")
        event = db.session.scalars(query).one()
        assert event.actor_kind == "user"
        assert str(event.subject_id) == party.client_id
        assert event.details == {"scope": ["", "view_users"]}


@pytest.mark.rfc("RFC 6749 §10.12", "consent cannot be given by another site")
def test_a_form_without_its_token_is_refused(app: Flask, party: RelyingParty) -> None:
    screen = party.ask()
    party.browser.page = screen
    page = party.browser.submit(
        {"decision": "allow", "csrf_token": None}, action=ACTION, follow=False
    )
    assert (page.status_code, "Location" in page.headers) == (400, False)
    assert _consents(app) == []
