"""Scopes that an app marked optional can be left out, and stay left out."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.clients.models import Client
from app.consents.models import Consent
from app.extensions import db
from tests.factories import MadeUser
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ACTION = "/oauth/consent"
ALL = "openid pay see"


@pytest.fixture
def user(parties: Parties) -> MadeUser:
    for name in ("pay", "see"):
        parties.make.permission(name, description=name.title(), is_delegable=True)
    return parties.person("pay", "see")


@pytest.fixture
def party(parties: Parties, user: MadeUser) -> RelyingParty:
    """An app that asks for two permissions, one of which people may leave out."""
    return parties.confidential(user=user, optional_scopes=("pay",))


def allow(party: RelyingParty, **values: Any) -> dict[str, Any]:
    """Answer the screen that is shown, and redeem the code."""
    page = press(party, **values)
    found: dict[str, Any] = party.redeem(party.answer(page)["code"]).get_json()
    return found


def press(party: RelyingParty, **values: Any) -> TestResponse:
    filled = {"decision": "allow"} | values
    return party.browser.submit(filled, action=ACTION, follow=False)


def is_asked(party: RelyingParty, **ask: str) -> bool:
    return party.ask(**ask).status_code == 200


def consent(app: Flask) -> Consent:
    with app.app_context():
        return db.session.scalars(db.select(Consent)).one()


def test_only_what_is_optional_has_a_box_and_it_is_ticked(party: RelyingParty) -> None:
    party.ask(scope=ALL)
    fields = party.browser.form(ACTION)["fields"]
    assert fields["optional"] == fields["scope"] == ["pay"]
    assert allow(party)["scope"] == ALL


def test_unticking_is_explained_beside_the_boxes(party: RelyingParty) -> None:
    words = "Clear anything you don't want to share."
    shown, _, _ = party.ask(scope="pay see").text.partition("<details")
    assert shown.count(words) == 1
    assert "It will be able to" in shown
    allow(party)
    shown, _, folded = party.ask(scope=ALL).text.partition("<details")
    assert words not in shown
    assert folded.count(words) == 1
    assert "It will also be able to" in shown


def test_without_optional_scopes_nothing_has_a_box(parties: Parties) -> None:
    party = parties.confidential()
    assert 'type="checkbox"' not in party.ask().text


def test_what_is_not_ticked_is_not_given(app: Flask, party: RelyingParty) -> None:
    party.ask(scope=ALL)
    given = allow(party, scope=None)
    assert given["scope"] == "openid see"
    me = party.call(given["access_token"]).get_json()
    assert me["permissions"] == ["see"]
    kept = consent(app)
    assert (kept.scopes, kept.declined_scopes) == (["openid", "see"], ["pay"])


def test_a_bare_decision_allows_all(party: RelyingParty) -> None:
    """Other programs that press the button know nothing of boxes."""
    party.ask(scope=ALL)
    bare = {"optional": None, "scope": None, "duration": None}
    assert allow(party, **bare)["scope"] == ALL


def test_what_was_left_out_is_not_asked_again_unprompted(party: RelyingParty) -> None:
    party.ask(scope=ALL)
    press(party, scope=None)
    assert party.tokens(scope=ALL)["scope"] == "openid see"
    assert not is_asked(party, scope=ALL)
    # An app that asks for nothing else, or says so, means it.
    assert is_asked(party, scope="pay")
    assert is_asked(party, scope=ALL, prompt="consent")
    page = party.browser.page
    assert page is not None
    assert "scope" not in party.browser.form(ACTION)["fields"]
    assert ">new<" not in page.text
    assert allow(party, scope="pay")["scope"] == ALL
    assert not is_asked(party, scope="pay")


def test_it_is_asked_for_once_it_is_a_must(app: Flask, party: RelyingParty) -> None:
    party.ask(scope=ALL)
    press(party, scope=None)
    mark_optional(app, party, [])
    assert is_asked(party, scope=ALL)


def test_unticking_later_takes_back_from_tokens_too(
    app: Flask, party: RelyingParty
) -> None:
    party.ask(scope=ALL)
    old = allow(party)
    code = party.allow(scope=ALL)["code"]
    party.ask(scope=ALL, prompt="consent")
    press(party, scope=None)
    assert consent(app).scopes == ["openid", "see"]
    assert party.call(old["access_token"]).get_json()["permissions"] == ["see"]
    assert party.introspect(old["access_token"])["scope"] == "openid see"
    assert party.introspect(old["refresh_token"])["scope"] == "openid see"
    assert party.redeem(code).get_json()["scope"] == "openid see"
    too_much = party.refresh(old["refresh_token"], scope="pay")
    assert too_much.get_json()["error"] == "invalid_scope"
    assert party.refresh(old["refresh_token"]).get_json()["scope"] == "openid see"


def test_everything_can_be_left_out(parties: Parties, user: MadeUser) -> None:
    party = parties.confidential(user=user, optional_scopes=("pay", "see"))
    party.ask(scope="pay see")
    given = allow(party, scope=None)
    assert given["scope"] == ""
    assert party.call(given["access_token"]).status_code == 200


def test_a_must_cannot_be_left_out_by_a_changed_form(
    app: Flask, party: RelyingParty
) -> None:
    party.ask(scope=ALL)
    page = press(party, optional=["pay", "openid"], scope=None)
    assert page.headers["Location"].startswith("/oauth/consent?")
    with app.app_context():
        assert db.session.scalars(db.select(Consent)).all() == []
    # The request is still open: it was not answered.
    assert party.browser.client.get(page.headers["Location"]).status_code == 200


def test_what_was_made_a_must_meanwhile_is_asked_again(
    app: Flask, party: RelyingParty
) -> None:
    party.ask(scope=ALL)
    mark_optional(app, party, [])
    page = press(party, scope=None)
    shown = party.browser.get(page.headers["Location"])
    assert 'type="checkbox"' not in shown.text
    assert allow(party)["scope"] == ALL


@pytest.mark.parametrize(
    "values",
    [
        {"scope": ["pay", "manage_system", "<b>", "x" * 5000]},
        {"optional": ["nothing", "\u202e", "pay"], "scope": ["pay"]},
    ],
)
def test_a_form_widens_nothing(party: RelyingParty, values: dict[str, Any]) -> None:
    party.ask(scope=ALL)
    assert allow(party, **values)["scope"] == ALL


def mark_optional(app: Flask, party: RelyingParty, scopes: list[str]) -> None:
    with app.app_context():
        client = db.session.scalars(
            db.select(Client).where(Client.name == "Invoice Sync")
        ).one()
        assert str(client.id) == party.client_id
        client.optional_scopes = scopes
        db.session.commit()
