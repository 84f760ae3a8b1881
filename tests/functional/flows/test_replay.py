"""A replayed code takes back what it gave, at once or much later."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.extensions import db
from app.tokens.models import TokenFamily
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.rfc(
    "RFC 6749 §4.1.2",
    "a replayed code is refused and what it gave is revoked",
    level="SHOULD",
)


def _is_alive(party: RelyingParty, tokens: dict[str, str]) -> tuple[bool, bool]:
    return (
        party.introspect(tokens["access_token"])["active"],
        party.introspect(tokens["refresh_token"])["active"],
    )


def test_a_replay_ends_both_tokens(party: RelyingParty) -> None:
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    assert _is_alive(party, tokens) == (True, True)
    answer = party.redeem(code)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    assert _is_alive(party, tokens) == (False, False)
    assert party.call(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_a_replay_an_hour_later_ends_what_came_of_it(
    party: RelyingParty, clock: MovableClock
) -> None:
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    clock.forward(hours=1)
    later = party.refresh(tokens["refresh_token"]).get_json()
    assert _is_alive(party, later) == (True, True)
    assert party.redeem(code).status_code == 400
    assert _is_alive(party, later) == (False, False)


def test_a_replay_counts_whatever_else_is_wrong_with_it(party: RelyingParty) -> None:
    for wrong in (
        {"code_verifier": "x" * 43},
        {"redirect_uri": "https://evil.example"},
    ):
        code = party.allow()["code"]
        tokens = party.redeem(code).get_json()
        assert party.redeem(code, **wrong).status_code == 400
        assert _is_alive(party, tokens) == (False, False)


def test_asking_for_another_api_does_not_hide_a_replay_or_reuse(
    party: RelyingParty, clock: MovableClock, configure: Callable[..., None]
) -> None:
    one, other = "https://one.example.com", "https://other.example.com"
    configure(api_audience=(one, other))
    code = party.allow(resource=one)["code"]
    tokens = party.redeem(code).get_json()
    assert party.redeem(code, resource=other).status_code == 400
    assert _is_alive(party, tokens) == (False, False)
    first = party.redeem(party.allow(resource=one)["code"]).get_json()
    second = party.refresh(first["refresh_token"]).get_json()
    clock.forward(seconds=11)
    assert party.refresh(first["refresh_token"], resource=other).status_code == 400
    assert _is_alive(party, second) == (False, False)


def test_a_replay_leaves_other_grants_of_the_user_alone(party: RelyingParty) -> None:
    other = party.tokens()
    code = party.allow()["code"]
    party.redeem(code)
    party.redeem(code)
    assert _is_alive(party, other) == (True, True)


def test_a_replay_of_a_public_clients_code_ends_its_tokens(parties: Parties) -> None:
    party = parties.public()
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    assert party.redeem(code).status_code == 400
    assert party.call(tokens["access_token"]).status_code == 401


def test_the_reason_is_kept_and_the_first_one_stays(
    app: Flask, party: RelyingParty
) -> None:
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    party.redeem(code)
    party.post("/oauth/revoke", token=tokens["refresh_token"])
    with app.app_context():
        family = db.session.scalars(db.select(TokenFamily)).one()
        assert family.revoked_because == "replayed_code"
