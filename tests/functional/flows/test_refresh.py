"""Refreshing: rotation, narrowing, reuse and its grace."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.clients.queries import find_client
from app.extensions import db
from app.tokens.models import RefreshToken
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _refused(response: TestResponse, error: str = "invalid_grant") -> bool:
    return response.status_code == 400 and response.get_json()["error"] == error


@pytest.mark.rfc("RFC 9700 §2.2.2", "refresh tokens of public clients rotate")
@pytest.mark.parametrize("is_public", [True, False])
def test_each_use_gives_a_successor(parties: Parties, is_public: bool) -> None:
    party = parties.public() if is_public else parties.confidential()
    first = party.tokens()
    second = party.refresh(first["refresh_token"]).get_json()
    third = party.refresh(second["refresh_token"]).get_json()
    assert len({t["refresh_token"] for t in (first, second, third)}) == 3
    assert len({t["access_token"] for t in (first, second, third)}) == 3
    assert third["refresh_token"].startswith("gpr_")
    # What was given before lives on until it expires.
    for tokens in (first, second, third):
        assert party.call(tokens["access_token"]).status_code == 200


@pytest.mark.rfc("RFC 6749 §6", "the scope may be narrowed, never widened")
def test_narrowing_keeps_the_whole_grant_in_the_successor(parties: Parties) -> None:
    parties.make.permission("view_invoices", is_delegable=True)
    user = parties.person("view_users", "view_invoices")
    party = parties.confidential(user=user)
    tokens = party.tokens()
    assert tokens["scope"] == "view_invoices view_users"
    narrow = party.refresh(tokens["refresh_token"], scope="view_users").get_json()
    assert narrow["scope"] == "view_users"
    assert party.introspect(narrow["access_token"])["scope"] == "view_users"
    wide = party.refresh(narrow["refresh_token"]).get_json()
    assert wide["scope"] == "view_invoices view_users"


def test_widening_is_refused_and_leaves_the_token_usable(
    party: RelyingParty, parties: Parties
) -> None:
    token = party.tokens(scope="openid")["refresh_token"]
    for scope in ("openid view_users", "manage_system", "no_such_thing", "a  b", '"'):
        assert _refused(party.refresh(token, scope=scope), "invalid_scope")
    assert party.refresh(token, scope="openid").status_code == 200


@pytest.mark.rfc("RFC 9700 §4.14.2", "a reused refresh token ends its family")
def test_reuse_after_the_grace_ends_the_family(
    party: RelyingParty, clock: MovableClock
) -> None:
    first = party.tokens()
    second = party.refresh(first["refresh_token"]).get_json()
    clock.forward(seconds=11)
    assert _refused(party.refresh(first["refresh_token"]))
    for tokens in (first, second):
        assert not party.introspect(tokens["access_token"])["active"]
        assert _refused(party.refresh(tokens["refresh_token"]))


@pytest.mark.rfc("RFC 9700 §4.14.2", "a reused refresh token ends its family")
def test_asking_for_too_much_does_not_hide_reuse(
    party: RelyingParty, clock: MovableClock
) -> None:
    first = party.tokens()
    second = party.refresh(first["refresh_token"]).get_json()
    clock.forward(seconds=11)
    assert _refused(party.refresh(first["refresh_token"], scope="manage_system"))
    assert _refused(party.refresh(second["refresh_token"]))


def test_in_the_grace_a_retry_gets_the_same_successor(
    party: RelyingParty, clock: MovableClock
) -> None:
    first = party.tokens()["refresh_token"]
    answers = []
    for _ in range(3):
        answers.append(party.refresh(first).get_json())
        clock.forward(seconds=4)
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert len({answer["access_token"] for answer in answers}) == 3
    assert party.refresh(answers[0]["refresh_token"]).status_code == 200


def test_retries_do_not_prolong_the_grace(
    party: RelyingParty, clock: MovableClock
) -> None:
    first = party.tokens()["refresh_token"]
    for _ in range(3):
        assert party.refresh(first).status_code == 200
        clock.forward(seconds=4)
    assert _refused(party.refresh(first))


def test_the_grace_ends_when_the_successor_is_used(party: RelyingParty) -> None:
    first = party.tokens()["refresh_token"]
    second = party.refresh(first).get_json()["refresh_token"]
    third = party.refresh(second).get_json()
    assert _refused(party.refresh(first))
    assert not party.introspect(third["access_token"])["active"]
    assert _refused(party.refresh(third["refresh_token"]))


def test_a_retry_in_the_grace_may_narrow_but_not_widen(party: RelyingParty) -> None:
    first = party.tokens(scope="openid view_users")["refresh_token"]
    successor = party.refresh(first).get_json()["refresh_token"]
    assert _refused(party.refresh(first, scope="manage_users"), "invalid_scope")
    retry = party.refresh(first, scope="openid").get_json()
    assert (retry["scope"], retry["refresh_token"]) == ("openid", successor)


def test_without_grace_any_reuse_ends_the_family(
    party: RelyingParty, configure: Callable[..., None]
) -> None:
    configure(refresh_reuse_grace_seconds=0)
    first = party.tokens()
    second = party.refresh(first["refresh_token"]).get_json()
    assert _refused(party.refresh(first["refresh_token"]))
    assert _refused(party.refresh(second["refresh_token"]))
    assert party.call(second["access_token"]).status_code == 401


def test_successors_follow_from_the_secret_key(
    party: RelyingParty, configure: Callable[..., None]
) -> None:
    first = party.tokens()["refresh_token"]
    assert party.refresh(first).status_code == 200
    configure(secret_key="another-key-" + "1" * 32)
    # Under another key the answer cannot be told again: that is a reuse like any other.
    assert _refused(party.refresh(first))


@pytest.mark.rfc("RFC 6749 §6", "a refresh token is bound to its client")
def test_another_clients_refresh_token_stays_untouched(
    parties: Parties, clock: MovableClock
) -> None:
    party, thief = parties.confidential(), parties.confidential()
    first = party.tokens()["refresh_token"]
    assert _refused(thief.refresh(first))
    second = party.refresh(first).get_json()["refresh_token"]
    clock.forward(seconds=60)
    # The thief's reuse is no reuse: the family is not theirs.
    assert _refused(thief.refresh(first))
    assert party.refresh(second).status_code == 200


@pytest.mark.rfc("RFC 6749 §6", "a confidential client authenticates to refresh")
def test_a_confidential_client_cannot_refresh_without_its_secret(
    party: RelyingParty,
) -> None:
    token = party.tokens()["refresh_token"]
    party.client_secret, secret = None, party.client_secret
    assert party.refresh(token).status_code == 401
    party.client_secret = secret
    assert party.refresh(token).status_code == 200


@pytest.mark.parametrize(
    "token", ["x", "gpr_" + "0" * 49, "é", "x" * 30_000, "eyJ.eyJ.x", "gpc_x"]
)
def test_unknown_refresh_tokens(party: RelyingParty, token: str) -> None:
    assert _refused(party.refresh(token))


def test_missing_refresh_token(party: RelyingParty) -> None:
    assert _refused(party.token(grant_type="refresh_token"), "invalid_request")


def test_an_access_token_or_code_does_not_refresh(party: RelyingParty) -> None:
    tokens = party.tokens()
    assert _refused(party.refresh(tokens["access_token"]))
    assert _refused(party.refresh(party.allow()["code"]))


def test_a_client_that_lost_the_grant_may_not_refresh(
    app: Flask, party: RelyingParty
) -> None:
    token = party.tokens()["refresh_token"]
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        client.grant_types = ["client_credentials"]
        db.session.commit()
    assert _refused(party.refresh(token), "unauthorized_client")


def test_there_is_one_refresh_token_for_each_place_in_the_line(
    app: Flask, party: RelyingParty
) -> None:
    token = party.tokens()["refresh_token"]
    for _ in range(3):
        party.refresh(token)
        token = party.refresh(token).get_json()["refresh_token"]
    with app.app_context():
        positions = db.session.scalars(db.select(RefreshToken.position)).all()
    assert sorted(positions) == [0, 1, 2, 3]


def test_offline_access_is_accepted_and_adds_nothing(party: RelyingParty) -> None:
    tokens = party.tokens(scope="offline_access")
    assert tokens["scope"] == "offline_access"
    assert party.introspect(tokens["access_token"])["permissions"] == []
    assert party.tokens(scope="view_users")["refresh_token"]
