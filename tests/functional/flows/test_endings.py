"""Each end of a token is told of its row, and holds in every statement about it."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Update, select, update

from app.accounts.models import User
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.developer.reasons.facts import ENDED
from app.extensions import db
from app.tokens import endings
from app.tokens.endings import columns_of_ends, end_of
from app.tokens.listing import (
    live_families,
    live_tokens_for_people,
    scopes_of_own_tokens,
)
from app.tokens.models import AccessToken, AuthorizationCode, RefreshToken, TokenFamily
from app.tokens.queries import live_tokens
from app.traffic import unwritten
from app.traffic.models import RefusedRequest
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

Act = Callable[[datetime], list[Update]]


def _now(model: type[Any], column: str) -> Act:
    return lambda now: [update(model).values({column: now - timedelta(seconds=1)})]


def _next(model: type[Any]) -> Act:
    raised = {"token_generation": model.token_generation + 1}
    return lambda _: [update(model).values(raised)]


def _all_expire(now: datetime) -> list[Update]:
    models = (AccessToken, RefreshToken, TokenFamily, AuthorizationCode)
    past = {"expires_at": now - timedelta(seconds=1)}
    return [update(model).values(past) for model in models]


OF_THE_CLIENT: dict[str, Act] = {
    endings.DELETED: _now(Client, "deleted_at"),
    endings.DISABLED: _now(Client, "disabled_at"),
    endings.CLIENT_RENEWED: _next(Client),
    endings.EXPIRED: _all_expire,
}
OF_THE_USER: dict[str, Act] = {
    endings.DEACTIVATED: _now(User, "deactivated_at"),
    endings.WITHDRAWN: _now(Consent, "withdrawn_at"),
    endings.CONSENT_EXPIRED: _now(Consent, "expires_at"),
    endings.REVOKED: _now(TokenFamily, "revoked_at"),
    endings.SIGNED_OUT: _next(User),
}
ENDS = OF_THE_CLIENT | OF_THE_USER
#: With these the client does not even prove who it is.
OF_AUTHENTICATION = {endings.DELETED, endings.DISABLED}


def end_by(app: Flask, act: Act) -> None:
    with app.app_context():
        for statement in act(utcnow()):
            db.session.execute(
                statement, execution_options={"synchronize_session": False}
            )
        db.session.commit()


def told(app: Flask, reason: str) -> list[str]:
    """Return the ends that refusals for this reason are told to have come from."""
    with app.app_context():
        unwritten.flush(db.engine)
        rows = db.session.scalars(
            select(RefusedRequest).where(RefusedRequest.reason == reason)
        )
        facts = [fact for row in rows for fact in (row.facts, *row.findings)]
        return [end for fact in facts if (end := fact.get("ended") or fact.get("is"))]


def live(app: Flask, party: RelyingParty) -> list[int]:
    """Return how many tokens and families of the app each list finds."""
    client_id = uuid.UUID(party.client_id)
    with app.app_context():
        lists = (live_tokens, live_tokens_for_people, live_families)
        found = [len(db.session.execute(find(client_id)).all()) for find in lists]
        return [*found, scopes_of_own_tokens(client_id)[0].total()]


def test_every_end_is_tried_and_has_words() -> None:
    names = {value for name, value in vars(endings).items() if name.isupper()}
    assert names == set(ENDS)
    assert names < set(ENDED)


@pytest.mark.parametrize("name", ENDS)
def test_an_end_holds_everywhere_and_is_told(
    app: Flask, parties: Parties, name: str
) -> None:
    party = parties.confidential()
    code = party.allow()["code"]
    given = party.tokens()
    own = party.act_as_itself().get_json()["access_token"]
    assert live(app, party) == [2, 1, 1, 1]
    assert party.call(given["access_token"]).status_code == 200
    end_by(app, ENDS[name])

    assert party.call(given["access_token"]).status_code == 401
    assert told(app, "token_ended") == [name]
    is_own_over = party.call(own).status_code == 401
    assert is_own_over is (name in OF_THE_CLIENT)
    own_tokens = 0 if is_own_over else 1
    # An app that is disabled goes on as it was once it is enabled; deleting one raises
    # its generation besides.
    families = 1 if name in OF_AUTHENTICATION else 0
    assert live(app, party) == [own_tokens, 0, families, own_tokens]

    refused = [party.refresh(given["refresh_token"]), party.redeem(code)]
    if name in OF_AUTHENTICATION:
        assert [answer.status_code for answer in refused] == [401, 401]
        return
    assert refused[0].status_code == 400
    assert told(app, "refresh_ended") == [name]
    # A code has its own way to expire, and is no part of another's family.
    is_of_family = name in {endings.EXPIRED, endings.REVOKED}
    assert told(app, "code_ended") == ([] if is_of_family else [name])
    assert refused[1].status_code == (200 if name == endings.REVOKED else 400)


def test_of_several_ends_the_first_in_order_is_told(
    app: Flask, parties: Parties
) -> None:
    parties.confidential().tokens()
    order = [
        endings.DELETED,
        endings.DISABLED,
        endings.DEACTIVATED,
        endings.WITHDRAWN,
        endings.CONSENT_EXPIRED,
        endings.REVOKED,
        endings.SIGNED_OUT,
        endings.CLIENT_RENEWED,
        endings.EXPIRED,
    ]
    for name in reversed(order):
        end_by(app, ENDS[name])
        assert _end_of_family(app) == name


def _end_of_family(app: Flask) -> str | None:
    with app.app_context():
        row = db.session.execute(
            select(
                TokenFamily.client_generation,
                TokenFamily.user_generation,
                *columns_of_ends(
                    revoked_at=TokenFamily.revoked_at, ends_at=TokenFamily.expires_at
                ),
            )
            .join(Client, Client.id == TokenFamily.client_id)
            .join(User, User.id == TokenFamily.user_id)
            .join(Consent, Consent.id == TokenFamily.consent_id)
        ).one()
        return end_of(row, utcnow())
