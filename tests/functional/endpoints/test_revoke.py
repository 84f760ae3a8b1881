"""Revocation (RFC 7009)."""

from collections.abc import Callable

import pytest

from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

GARBAGE = (
    "x", "gpr_" + "0" * 49, "é", "x" * 30_000, "eyJ.eyJ.x", "a.b.c", "a.b.c.d.e", "..",
    "gps_x", "'\"\\",
)  # fmt: skip


def _is_live(party: RelyingParty, token: str) -> bool:
    active: bool = party.introspect(token)["active"]
    return active


@pytest.mark.rfc(
    "RFC 7009 §2.1", "revoking one token of a grant ends the other too", level="SHOULD"
)
@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_one_of_a_pair_ends_both(party: RelyingParty, which: str) -> None:
    tokens = party.tokens()
    assert party.post("/oauth/revoke", token=tokens[which]).status_code == 200
    assert not _is_live(party, tokens["access_token"])
    assert not _is_live(party, tokens["refresh_token"])
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_every_token_of_the_line_ends(party: RelyingParty) -> None:
    first = party.tokens()
    second = party.refresh(first["refresh_token"]).get_json()
    # Even by a refresh token that was used before.
    assert party.post("/oauth/revoke", token=first["refresh_token"]).status_code == 200
    assert not _is_live(party, first["access_token"])
    assert not _is_live(party, second["access_token"])
    assert not _is_live(party, second["refresh_token"])


def test_a_clients_own_token_ends_alone(parties: Parties) -> None:
    service = parties.service("view_users")
    one, two = (service.act_as_itself().get_json()["access_token"] for _ in range(2))
    assert service.post("/oauth/revoke", token=one).status_code == 200
    assert service.call(one).status_code == 401
    assert service.call(two).status_code == 200


@pytest.mark.rfc("RFC 7009 §2.2", "an unknown token is no error")
def test_unknown_tokens_are_no_error(party: RelyingParty) -> None:
    for token in GARBAGE:
        response = party.post("/oauth/revoke", token=token)
        assert response.status_code == 200, token
        assert response.headers["Cache-Control"] == "no-store"


def test_revoking_twice_is_no_error(party: RelyingParty) -> None:
    tokens = party.tokens()
    for _ in range(2):
        for token in (tokens["access_token"], tokens["refresh_token"]):
            assert party.post("/oauth/revoke", token=token).status_code == 200


@pytest.mark.rfc("RFC 7009 §2.1", "a wrong or unknown hint changes nothing")
@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "no_such", "'é\""])
def test_hints_change_nothing(party: RelyingParty, hint: str) -> None:
    tokens = party.tokens()
    response = party.post(
        "/oauth/revoke", token=tokens["access_token"], token_type_hint=hint
    )
    assert response.status_code == 200
    assert not _is_live(party, tokens["refresh_token"])


@pytest.mark.rfc("RFC 7009 §2.1", "a token is revoked by its own client only")
@pytest.mark.parametrize("is_public", [True, False])
def test_another_clients_token_stays(parties: Parties, is_public: bool) -> None:
    party = parties.confidential()
    other = parties.public() if is_public else parties.confidential()
    tokens = party.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert other.post("/oauth/revoke", token=token).status_code == 200
        assert _is_live(party, token)


@pytest.mark.rfc("RFC 7009 §2.1", "a public client can revoke its own tokens")
def test_a_public_client_revokes_its_own(parties: Parties) -> None:
    for which in ("access_token", "refresh_token"):
        party = parties.public()
        tokens = party.tokens()
        assert party.post("/oauth/revoke", token=tokens[which]).status_code == 200
        assert party.call(tokens["access_token"]).status_code == 401


def test_a_confidential_client_needs_its_secret(party: RelyingParty) -> None:
    tokens = party.tokens()
    party.client_secret, secret = None, party.client_secret
    response = party.post("/oauth/revoke", token=tokens["access_token"])
    assert response.status_code == 401
    party.client_secret = secret
    assert _is_live(party, tokens["access_token"])


def test_a_token_is_named(party: RelyingParty) -> None:
    for form in ({}, {"token": ""}):
        response = party.post("/oauth/revoke", **form)
        assert (response.status_code, response.get_json()["error"]) == (
            400, "invalid_request"
        )  # fmt: skip


@pytest.mark.rfc(
    "RFC 7009 §2.2.1", "503 tells the client to try again later", level="MAY"
)
def test_without_keys_it_says_so(
    party: RelyingParty, configure: Callable[..., None]
) -> None:
    tokens = party.tokens()
    configure(passport_private_key="", passport_public_key="")
    response = party.post("/oauth/revoke", token=tokens["access_token"])
    assert response.status_code == 503
    assert "flask passport:keys" in response.get_json()["detail"]
    # A refresh token needs no key to be read.
    response = party.post("/oauth/revoke", token=tokens["refresh_token"])
    assert response.status_code == 200
