"""How long refresh tokens and families live."""

from collections.abc import Callable

import pytest

from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.rfc(
    "RFC 9700 §4.14.2", "refresh tokens expire when they are not used", level="SHOULD"
)


def test_thirty_days_without_use_end_a_refresh_token(
    party: RelyingParty, clock: MovableClock
) -> None:
    used, unused = party.tokens()["refresh_token"], party.tokens()["refresh_token"]
    clock.forward(days=29, hours=23)
    assert party.refresh(used).status_code == 200
    clock.forward(hours=2)
    assert party.refresh(unused).status_code == 400


def test_each_use_starts_the_thirty_days_anew(
    party: RelyingParty, clock: MovableClock
) -> None:
    token = party.tokens()["refresh_token"]
    for _ in range(3):
        clock.forward(days=29)
        answer = party.refresh(token)
        assert answer.status_code == 200
        token = answer.get_json()["refresh_token"]


def test_ninety_days_end_the_family_however_often_it_was_used(
    party: RelyingParty, clock: MovableClock
) -> None:
    token = party.tokens()["refresh_token"]
    for _ in range(4):
        clock.forward(days=22)
        token = party.refresh(token).get_json()["refresh_token"]
    clock.forward(days=2)
    assert party.refresh(token).status_code == 400


def test_no_access_token_outlives_its_family(
    party: RelyingParty, clock: MovableClock
) -> None:
    token = party.tokens()["refresh_token"]
    for days in (29, 29, 29):
        clock.forward(days=days)
        token = party.refresh(token).get_json()["refresh_token"]
    clock.forward(days=2, hours=23, minutes=50)
    last = party.refresh(token).get_json()
    assert 590 <= last["expires_in"] <= 600
    clock.forward(minutes=11)
    assert not party.introspect(last["access_token"])["active"]


def test_a_client_may_have_lifetimes_of_its_own(
    parties: Parties, clock: MovableClock
) -> None:
    party = parties.confidential(
        access_token_ttl=60, refresh_token_idle_ttl=120, refresh_token_max_ttl=200
    )
    tokens = party.tokens()
    assert tokens["expires_in"] == 60
    clock.forward(seconds=100)
    assert not party.introspect(tokens["access_token"])["active"]
    tokens = party.refresh(tokens["refresh_token"]).get_json()
    clock.forward(seconds=101)
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_the_idle_time_of_a_client_counts(
    parties: Parties, clock: MovableClock
) -> None:
    party = parties.confidential(refresh_token_idle_ttl=120)
    tokens = party.tokens()
    clock.forward(seconds=121)
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert not party.introspect(tokens["refresh_token"])["active"]


def test_settings_give_the_defaults(
    party: RelyingParty, clock: MovableClock, configure: Callable[..., None]
) -> None:
    configure(access_token_ttl=30, refresh_token_idle_ttl=90)
    tokens = party.tokens()
    assert tokens["expires_in"] == 30
    clock.forward(seconds=91)
    assert party.refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.rfc("RFC 9068 §2.2", "exp tells when the token ends")
def test_the_claims_tell_the_lifetime(parties: Parties, clock: MovableClock) -> None:
    party = parties.confidential(access_token_ttl=77)
    tokens = party.tokens()
    body = party.introspect(tokens["access_token"])
    assert body["exp"] - body["iat"] == tokens["expires_in"] == 77
