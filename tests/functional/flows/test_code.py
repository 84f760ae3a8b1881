"""The authorization code grant: what a code is bound to, and what ends it."""

import pytest

from app.database import Base
from app.extensions import db
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _is_refused(response: object, error: str = "invalid_grant") -> bool:
    body = response.get_json()  # type: ignore[attr-defined]
    status = response.status_code  # type: ignore[attr-defined]
    return status == 400 and body["error"] == error


@pytest.mark.rfc("RFC 6749 §5.1", "the token response has its members as JSON")
def test_the_whole_way(party: RelyingParty) -> None:
    response = party.redeem(party.allow(scope="view_users")["code"])
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    body = response.get_json()
    assert set(body) == {
        "access_token", "token_type", "expires_in", "scope", "refresh_token"
    }  # fmt: skip
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["scope"] == "view_users"
    assert party.call(body["access_token"], "/api/v1/users").status_code == 200


@pytest.mark.rfc("RFC 6749 §5.1", "an answer with tokens is not stored by caches")
def test_tokens_are_not_stored(party: RelyingParty) -> None:
    response = party.redeem(party.allow()["code"])
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"
    assert "Set-Cookie" not in response.headers


@pytest.mark.rfc("RFC 6749 §4.1.2", "the state comes back exactly as it was sent")
@pytest.mark.parametrize(
    "state", ["x", "a b+c%20&d=e", "é\u202e 🐍", "'\"\\<script>", "=" * 4096]
)
def test_state_comes_back_exactly(party: RelyingParty, state: str) -> None:
    assert party.allow(state=state)["state"] == state


def test_without_state_none_comes_back(party: RelyingParty) -> None:
    assert "state" not in party.allow(state=None)


@pytest.mark.rfc("RFC 9207 §2", "a successful answer names the issuer")
def test_success_names_the_issuer(party: RelyingParty) -> None:
    assert party.allow()["iss"] == "http://127.0.0.1:8000"


@pytest.mark.rfc("RFC 6749 §4.1.3", "the redirect URI is that of the request")
def test_another_redirect_uri_spends_the_code(parties: Parties) -> None:
    uris = ["https://app.example.com/callback", "https://app.example.com/other"]
    party = parties.confidential(redirect_uris=uris)
    code = party.allow()["code"]
    assert _is_refused(party.redeem(code, redirect_uri=uris[1]))
    assert _is_refused(party.redeem(code))


@pytest.mark.rfc("RFC 6749 §4.1.3", "a redirect URI that was named is named again")
def test_missing_redirect_uri_spends_the_code(party: RelyingParty) -> None:
    code = party.allow()["code"]
    assert _is_refused(party.redeem(code, redirect_uri=None))
    assert _is_refused(party.redeem(code))


def test_redirect_uri_that_was_not_named_need_not_be_named(party: RelyingParty) -> None:
    code = party.allow(redirect_uri=None)["code"]
    assert party.redeem(code, redirect_uri=None).status_code == 200


def test_redirect_uri_named_only_at_the_exchange_must_be_the_used_one(
    party: RelyingParty,
) -> None:
    code = party.allow(redirect_uri=None)["code"]
    assert party.redeem(code).status_code == 200
    code = party.allow(redirect_uri=None)["code"]
    assert _is_refused(party.redeem(code, redirect_uri="https://app.example.com/"))


def test_loopback_port_is_bound_to_the_code(parties: Parties) -> None:
    party = parties.public(redirect_uris=["http://127.0.0.1/done"])
    party.redirect_uri = "http://127.0.0.1:49152/done"
    code = party.allow()["code"]
    other = "http://127.0.0.1:49153/done"
    assert _is_refused(party.redeem(code, redirect_uri=other))
    assert party.tokens()["access_token"]


@pytest.mark.rfc("RFC 6749 §4.1.3", "a code is good for its own client only")
def test_another_client_cannot_use_or_spend_a_code(parties: Parties) -> None:
    party, thief = parties.confidential(), parties.confidential()
    code = party.allow()["code"]
    verifier = party.code_verifier
    assert _is_refused(thief.redeem(code, code_verifier=verifier))
    assert _is_refused(thief.redeem(code, code_verifier="x" * 43))
    assert party.redeem(code).status_code == 200


def test_another_client_cannot_revoke_by_replaying(parties: Parties) -> None:
    party, thief = parties.confidential(), parties.confidential()
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    assert _is_refused(thief.redeem(code, code_verifier=party.code_verifier))
    assert party.introspect(tokens["access_token"])["active"]


def test_public_client_cannot_use_the_code_of_a_confidential_one(
    parties: Parties,
) -> None:
    party, thief = parties.confidential(), parties.public()
    code = party.allow()["code"]
    answer = thief.redeem(code, code_verifier=party.code_verifier)
    assert _is_refused(answer)
    # Nor by naming the other client without its secret.
    answer = thief.redeem(
        code, code_verifier=party.code_verifier, client_id=party.client_id
    )
    assert answer.status_code == 401
    assert party.redeem(code).status_code == 200


@pytest.mark.rfc("RFC 6749 §4.1.2", "a code expires shortly after it is issued")
def test_a_code_lives_a_minute(party: RelyingParty, clock: MovableClock) -> None:
    early = party.allow()["code"]
    late = party.allow()["code"]
    clock.forward(seconds=55)
    assert party.redeem(early).status_code == 200
    clock.forward(seconds=6)
    assert _is_refused(party.redeem(late))


def test_wrong_tries_after_the_end_change_nothing(
    party: RelyingParty, clock: MovableClock
) -> None:
    code = party.allow()["code"]
    clock.forward(seconds=61)
    assert _is_refused(party.redeem(code))
    clock.forward(seconds=-61)
    # It was tried, so it is spent, even where a clock is set back.
    assert _is_refused(party.redeem(code))


@pytest.mark.parametrize("code", ["x", "gpc_" + "0" * 49, "é", "a" * 30_000, "gpr_x"])
def test_unknown_codes_are_invalid_grants(party: RelyingParty, code: str) -> None:
    assert _is_refused(party.redeem(code))


def test_missing_code_is_an_invalid_request(party: RelyingParty) -> None:
    answer = party.token(grant_type="authorization_code")
    assert _is_refused(answer, "invalid_request")
    answer = party.token(grant_type="authorization_code", code="")
    assert _is_refused(answer, "invalid_request")


def test_two_codes_of_one_browser_are_independent(party: RelyingParty) -> None:
    first, second = party.allow()["code"], party.allow()["code"]
    one, two = party.redeem(first).get_json(), party.redeem(second).get_json()
    party.post("/oauth/revoke", token=one["refresh_token"])
    assert not party.introspect(one["access_token"])["active"]
    assert party.introspect(two["access_token"])["active"]


@pytest.mark.rfc("RFC 6749 §5.2", "a client uses only grants it is registered for")
def test_client_without_the_grant_may_not_redeem(parties: Parties) -> None:
    service = parties.service("view_users")
    code = parties.confidential().allow()["code"]
    assert _is_refused(service.redeem(code), "unauthorized_client")


@pytest.mark.rfc(
    "RFC 6819 §5.1.4.1.3", "only a digest of a code is stored", level="SHOULD"
)
def test_nothing_of_codes_and_tokens_is_stored(party: RelyingParty) -> None:
    code = party.allow(scope="view_users")["code"]
    tokens = party.redeem(code).get_json()
    secrets = [
        code, tokens["refresh_token"], tokens["access_token"],
        tokens["access_token"].rpartition(".")[2], str(party.client_secret),
    ]  # fmt: skip
    with party.browser.app.app_context():
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(table.select()):
                stored = " ".join(map(str, row))
                assert not any(secret in stored for secret in secrets), table.name
