"""Consent is remembered by user, client and scopes, and asked for only what is new."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.actor import SERVER
from app.consents import services as consents
from app.consents.models import Consent
from app.extensions import db
from app.tokens.models import AuthorizationCode
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _is_asked(party: RelyingParty, **changes: str | None) -> bool:
    return party.ask(**changes).status_code == 200


def test_the_same_scopes_are_not_asked_twice(party: RelyingParty) -> None:
    party.allow(scope="view_users openid")
    for scope in ("view_users openid", "view_users", "openid", None):
        assert not _is_asked(party, scope=scope)
    assert party.tokens(scope="openid")["scope"] == "openid"


@pytest.mark.rfc("RFC 9110 §9.2.1", "HEAD is safe: it issues no code")
def test_a_look_ahead_issues_no_code(app: Flask, party: RelyingParty) -> None:
    party.allow()

    def codes() -> int | None:
        with app.app_context():
            return db.session.scalar(select(func.count(AuthorizationCode.id)))

    before = codes()
    address = party.ask().request.full_path
    assert codes() == (before or 0) + 1
    response = party.browser.client.head(address)
    assert response.status_code == 405
    assert set(response.allow) == {"GET", "POST"}
    assert codes() == (before or 0) + 1


def test_only_what_is_new_is_asked(app: Flask, parties: Parties) -> None:
    parties.make.permission("pay", description="Pay invoices", is_delegable=True)
    parties.make.permission("see", description="See invoices", is_delegable=True)
    party = parties.confidential(user=parties.person("pay", "see"))
    party.allow(scope="see")
    page = party.ask(scope="see pay")
    asked, _, folded = page.text.partition("<details")
    assert "Pay invoices" in asked
    assert "new" in asked
    assert "See invoices" not in asked
    assert "See invoices" in folded
    party.allow(scope="see pay")
    assert not _is_asked(party, scope="pay")
    with app.app_context():
        consent = db.session.scalars(db.select(Consent)).one()
        assert consent.scopes == ["pay", "see"]
        assert consent.widened_at is not None


def test_a_code_carries_what_was_asked_now_not_all_that_is_remembered(
    party: RelyingParty,
) -> None:
    party.allow(scope="view_users openid")
    assert party.tokens(scope="openid")["scope"] == "openid"


def test_each_user_is_asked(party: RelyingParty, parties: Parties) -> None:
    party.allow()
    party.browser = parties.browser_of(parties.person("view_users"))
    assert _is_asked(party)


def test_each_client_is_asked_for(parties: Parties) -> None:
    user = parties.person("view_users")
    parties.confidential(user=user).allow()
    assert _is_asked(parties.confidential(user=user))


@pytest.mark.rfc(
    "RFC 6749 §10.2",
    "a client that cannot prove itself is not approved unseen",
    level="SHOULD",
)
@pytest.mark.rfc(
    "RFC 8252 §8.6",
    "a public client on a device is not approved again unseen",
    level="SHOULD",
)
@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1/cb", "http://localhost:1/cb", "com.example.app:/cb"]
)
def test_a_public_client_on_a_device_is_always_asked_for(
    parties: Parties, uri: str
) -> None:
    party = parties.public(redirect_uris=[uri])
    party.tokens(scope="view_users")
    assert _is_asked(party, scope="view_users")
    assert party.tokens(scope="view_users")["scope"] == "view_users"


@pytest.mark.rfc("RFC 8252 §7.2", "claimed https addresses are taken as redirect URIs")
def test_a_public_client_at_https_is_remembered(parties: Parties) -> None:
    party = parties.public()
    party.tokens(scope="openid")
    assert not _is_asked(party, scope="openid")
    assert _is_asked(party, scope="openid view_users")


def test_a_public_client_is_judged_by_the_redirect_uri_in_use(parties: Parties) -> None:
    party = parties.public(
        redirect_uris=["https://app.example.com/cb", "http://127.0.0.1/cb"]
    )
    party.allow()
    assert not _is_asked(party)
    assert _is_asked(party, redirect_uri="http://127.0.0.1:5/cb")


@pytest.mark.rfc(
    "RFC 9700 §4.14.2", "refresh tokens end with the consent they come from"
)
def test_what_was_withdrawn_is_asked_again_and_old_tokens_stay_dead(
    app: Flask, party: RelyingParty
) -> None:
    old = party.tokens()
    waiting = party.allow()["code"]
    with app.app_context():
        consent = db.session.scalars(db.select(Consent)).one()
        consents.withdraw(actor=SERVER, consent=consent)
        db.session.commit()
    assert party.call(old["access_token"]).status_code == 401
    assert _is_asked(party)
    new = party.tokens()
    assert party.call(new["access_token"]).status_code == 200
    assert party.call(old["access_token"]).status_code == 401
    assert party.refresh(old["refresh_token"]).status_code == 400
    assert party.redeem(waiting).status_code == 400


def test_signing_out_ends_no_token_and_forgets_no_consent(
    party: RelyingParty, parties: Parties
) -> None:
    tokens = party.tokens()
    party.browser.get("/logout")
    party.browser.submit(action="/logout")
    assert party.call(tokens["access_token"]).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_an_empty_consent_is_remembered_too(app: Flask, parties: Parties) -> None:
    party = parties.confidential(user=parties.person())
    party.allow()
    assert not _is_asked(party)
    with app.app_context():
        assert [c.scopes for c in db.session.scalars(db.select(Consent))] == [[]]
