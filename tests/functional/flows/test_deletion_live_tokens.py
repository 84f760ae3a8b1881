"""What people are told of tokens agrees with what the API takes."""

import uuid

import pytest
from flask import Flask

from app.audit.actor import SERVER
from app.clients.queries import find_client
from app.consents.models import Consent
from app.consents.services import withdraw
from app.extensions import db
from app.tokens import revocation
from app.tokens.listing import live_families
from app.tokens.models import AccessToken
from app.tokens.queries import live_token_counts, live_tokens
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _live(app: Flask, party: RelyingParty) -> tuple[int, int, int]:
    """Return the count, the length of the list, and the families."""
    client_id = uuid.UUID(party.client_id)
    with app.app_context():
        count = live_token_counts([client_id])[client_id]
        listed = db.session.execute(live_tokens(client_id)).all()
        families = db.session.execute(live_families(client_id)).all()
        return count, len(listed), len(families)


def test_live_tokens_are_counted_and_listed(app: Flask, parties: Parties) -> None:
    user = parties.person("view_users")
    party, other = parties.confidential(user=user), parties.service()
    party.tokens()
    party.act_as_itself()
    assert _live(app, party) == (2, 2, 1)
    assert _live(app, other) == (0, 0, 0)
    with app.app_context():
        for_user, own = db.session.execute(live_tokens(uuid.UUID(party.client_id)))
        assert own.expires_at < for_user.expires_at
        assert own.user_id is None
        assert (for_user.user_id, for_user.user_email) == (user.id, user.email)
        assert live_token_counts([]) == {}


@pytest.mark.parametrize("end", ["expiry", "revoke", "withdraw", "generation"])
def test_dead_ones_are_not(
    app: Flask, parties: Parties, clock: MovableClock, end: str
) -> None:
    party = parties.confidential()
    tokens = party.tokens()
    if end == "expiry":
        clock.forward(days=91)
    elif end == "revoke":
        party.post("/oauth/revoke", token=tokens["access_token"])
    else:
        with app.app_context():
            client = find_client(party.client_id)
            assert client is not None
            if end == "withdraw":
                consent = db.session.scalars(db.select(Consent)).one()
                withdraw(actor=SERVER, consent=consent)
            else:
                revocation.revoke_client_tokens(actor=SERVER, client=client)
            db.session.commit()
    assert _live(app, party) == (0, 0, 0)


def test_one_token_is_revoked_by_an_administrator_with_its_family(
    app: Flask, party: RelyingParty
) -> None:
    tokens = party.tokens()
    with app.app_context():
        token = db.session.scalars(db.select(AccessToken)).one()
        facts = {
            "token_id": token.id,
            "because": revocation.REVOKED_BY_ADMINISTRATOR,
        }
        other = uuid.uuid4()
        assert not revocation.revoke_access_token(client_id=other, **facts)
        assert revocation.revoke_access_token(client_id=token.client_id, **facts)
        assert not revocation.revoke_access_token(client_id=token.client_id, **facts)
        db.session.commit()
    assert party.call(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_the_use_of_a_token_is_remembered_once_a_minute(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    def last_used() -> object:
        with app.app_context():
            return db.session.scalars(db.select(Consent)).one().last_used_at

    token = party.tokens()["access_token"]
    assert last_used() is None
    party.call(token)
    first = last_used()
    assert first is not None
    clock.forward(seconds=30)
    party.call(token)
    assert last_used() == first
    clock.forward(seconds=31)
    party.call(token)
    assert last_used() != first
