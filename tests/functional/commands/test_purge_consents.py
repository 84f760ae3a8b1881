"""`flask passport:purge`: ended consents go once nothing given under them is left."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import purging
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.consents.models import Consent
from app.consents.services import allow, withdraw_app
from app.extensions import db
from app.tokens.purge import purge
from tests.factories import Factory
from tests.support.clock import MovableClock
from tests.support.databases import count_statements
from tests.support.markup import parse
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ACTION = "/oauth/consent"


def _purged(app: Flask, *options: str) -> int:
    result = app.test_cli_runner().invoke(args=["passport:purge", "--json", *options])
    assert result.exit_code == 0, result.output
    count: int = json.loads(result.stdout)["rows"]["consents"]
    return count


def _left(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Consent)) or 0


def _tokens(party: RelyingParty, duration: str) -> dict[str, Any]:
    assert party.ask(prompt="consent").status_code == 200
    answer = {"decision": "allow", "duration": duration}
    code = party.answer(party.browser.submit(answer, action=ACTION, follow=False))
    tokens: dict[str, Any] = party.redeem(code["code"]).get_json()
    return tokens


def _remove_access(app: Flask, party: RelyingParty) -> None:
    with app.app_context():
        consent = db.session.scalars(
            select(Consent).where(Consent.client_id == uuid.UUID(party.client_id))
        ).first()
        assert consent is not None
        withdraw_app(actor=SERVER, user_id=consent.user_id, client_id=consent.client_id)
        db.session.commit()


def test_what_stands_stays_however_old(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    _tokens(party, "always")
    clock.forward(days=400)
    assert _purged(app, "--hours", "0") == 0
    assert _left(app) == 1


@pytest.mark.parametrize("duration", ["once", "month"])
def test_one_that_is_over_goes_after_what_was_given_under_it(
    app: Flask, party: RelyingParty, clock: MovableClock, duration: str
) -> None:
    _tokens(party, duration)
    clock.forward(days=31)
    assert _purged(app, "--revoked", "--hours", "0") == 0
    assert _purged(app, "--expired", "--hours", "0", "--dry-run") == 0
    # The same run takes the tokens first.
    assert _purged(app, "--expired", "--hours", "0") == 1
    assert _left(app) == 0


def test_one_that_was_withdrawn_stays_while_a_replay_could_come(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    tokens = _tokens(party, "always")
    _remove_access(app, party)
    assert _purged(app, "--hours", "0") == 0, "its family is not over yet"
    assert party.call(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    # The tokens have expired, the consent has not: it was withdrawn.
    clock.forward(days=91)
    assert _purged(app, "--expired", "--hours", "0") == 0
    assert _left(app) == 1
    assert _purged(app, "--revoked", "--hours", "0") == 1
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_ended_ones_are_kept_for_a_while(
    app: Flask, make: Factory, parties: Parties, clock: MovableClock
) -> None:
    user, client = parties.person(), make.client()
    with app.app_context():
        made = {"user_id": user.id, "client_id": uuid.UUID(client.id)}
        allow(actor=SERVER, client_name="x", scopes=["view_users"], **made)
        withdraw_app(actor=SERVER, **made)
        db.session.commit()
    clock.forward(hours=167)
    assert (_purged(app), _purged(app, "--hours", "167", "--dry-run")) == (0, 1)
    clock.forward(hours=1)
    assert _purged(app, "--revoked", "--dry-run") == 1
    assert (_purged(app, "--revoked"), _left(app)) == (1, 0)


def test_nobody_notices_that_they_are_gone(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    """What people read of an app, and what is remembered, are of what stands."""
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    _tokens(party, "once")
    clock.forward(days=100)
    party.browser = parties.browser_of(user)
    _tokens(party, "always")

    def read() -> list[str]:
        pages = ("/account/apps", "/account/security")
        return [parse(party.browser.get(p).text).one("main").text for p in pages]

    before = read()
    assert _left(app) == 2
    assert _purged(app, "--hours", "0") == 1
    assert read() == before
    assert "First allowed" in before[0]
    assert "You allowed" in before[1]
    assert party.ask().status_code == 303, "what stands is remembered"
    with app.app_context():
        allowed = select(AuditEvent).where(AuditEvent.action == "consent.allowed")
        assert len(db.session.scalars(allowed).all()) == 2


def test_they_go_in_batches(
    app: Flask,
    make: Factory,
    parties: Parties,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    user = parties.person()
    clients = [uuid.UUID(make.client().id) for _ in range(5)]
    with app.app_context():
        for client_id in clients:
            made = {"user_id": user.id, "client_id": client_id}
            allow(actor=SERVER, client_name="x", scopes=[], **made)
            withdraw_app(actor=SERVER, **made)
        db.session.commit()
    clock.forward(hours=1)
    with count_statements(app) as statements, app.app_context():
        counts = purge(older_than=timedelta(hours=1))
    assert counts["consents"] == 5
    deletes = [s for s in statements if s.startswith("DELETE FROM consents")]
    assert len(deletes) == 3
    assert _left(app) == 0
