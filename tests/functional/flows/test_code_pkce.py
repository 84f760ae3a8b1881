"""PKCE: S256 or nothing, judged when the request comes and when the code is spent."""

import pytest

from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def _error(party: RelyingParty, **changes: str | None) -> str:
    answer = party.answer(party.ask(**changes))
    assert "code" not in answer
    return answer["error"]


@pytest.mark.rfc("RFC 7636 §4.2", "S256 is supported")
@pytest.mark.rfc("RFC 7636 §4.2", "S256 is the hash that appendix B shows")
def test_the_example_of_the_rfc(party: RelyingParty) -> None:
    code = party.allow(code_challenge=CHALLENGE)["code"]
    assert party.redeem(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.rfc("RFC 8252 §8.1", "PKCE is offered to native apps and required of them")
@pytest.mark.rfc("RFC 9700 §2.1.1", "public clients use PKCE")
@pytest.mark.rfc("RFC 7636 §4.4.1", "a missing challenge is an invalid request")
@pytest.mark.parametrize("is_public", [True, False])
def test_a_challenge_is_required(parties: Parties, is_public: bool) -> None:
    party = parties.public() if is_public else parties.confidential()
    absent = {"code_challenge": None, "code_challenge_method": None}
    assert _error(party, **absent) == "invalid_request"
    assert _error(party, code_challenge="") == "invalid_request"
    assert _error(party, code_challenge=None) == "invalid_request"


@pytest.mark.rfc(
    "RFC 7636 §4.4.1", "a method that is not offered is an invalid request"
)
@pytest.mark.rfc("RFC 9700 §2.1.1", "plain is not offered", level="SHOULD")
@pytest.mark.parametrize("method", [None, "plain", "s256", "S512", "S256 ", "none"])
def test_only_s256(party: RelyingParty, method: str | None) -> None:
    assert _error(party, code_challenge_method=method) == "invalid_request"


@pytest.mark.parametrize(
    "challenge",
    ["x", "x" * 42, "x" * 44, "x" * 128, CHALLENGE + "=", "é" * 43, "+" * 43, " " * 43],
)
def test_challenges_that_no_s256_gives(party: RelyingParty, challenge: str) -> None:
    assert _error(party, code_challenge=challenge) == "invalid_request"


@pytest.mark.rfc("RFC 7636 §7.1", "a verifier cannot be guessed by trying")
@pytest.mark.rfc("RFC 9700 §4.5.3.1", "a verifier is compared, and the code is spent")
@pytest.mark.rfc("RFC 7636 §4.6", "a wrong verifier is an invalid grant")
@pytest.mark.parametrize(
    "verifier",
    [
        None,
        "",
        "x" * 43,
        CHALLENGE,
        VERIFIER[:-1],
        VERIFIER + "x",
        "é" * 43,
        "x" * 9000,
    ],
)
def test_a_wrong_verifier_spends_the_code(
    party: RelyingParty, verifier: str | None
) -> None:
    code = party.allow(code_challenge=CHALLENGE)["code"]
    answer = party.redeem(code, code_verifier=verifier)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    # RFC 9700 §4.5: no second try, so that nobody guesses.
    answer = party.redeem(code, code_verifier=VERIFIER)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.rfc("RFC 7636 §4.1", "a verifier has 43 to 128 unreserved characters")
@pytest.mark.parametrize("length", [42, 129])
def test_verifiers_of_a_wrong_length(party: RelyingParty, length: int) -> None:
    # The challenge is right for it, so that length alone refuses it.
    party.code_verifier = "v" * length
    assert party.redeem(party.allow()["code"]).status_code == 400


@pytest.mark.parametrize("length", [43, 128])
def test_verifiers_of_the_shortest_and_longest_length(
    party: RelyingParty, length: int
) -> None:
    party.code_verifier = "~" * length
    assert party.redeem(party.allow()["code"]).status_code == 200


@pytest.mark.rfc("RFC 7636 §4.4", "the challenge is kept with the code it came with")
def test_a_challenge_is_bound_to_its_code(party: RelyingParty) -> None:
    first = party.allow(code_challenge=CHALLENGE)["code"]
    second = party.allow()["code"]
    assert party.redeem(first, code_verifier=party.code_verifier).status_code == 400
    assert party.redeem(second, code_verifier=VERIFIER).status_code == 400


def test_lifted_for_one_confidential_client(parties: Parties) -> None:
    party = parties.confidential(is_pkce_required=False)
    answer = party.allow(code_challenge=None, code_challenge_method=None)
    assert party.redeem(answer["code"], code_verifier=None).status_code == 200


@pytest.mark.rfc("RFC 9700 §4.8.2", "a verifier without a challenge is refused")
def test_no_downgrade_where_it_is_lifted(parties: Parties) -> None:
    party = parties.confidential(is_pkce_required=False)
    answer = party.allow(code_challenge=None, code_challenge_method=None)
    assert party.redeem(answer["code"]).status_code == 400


@pytest.mark.rfc("RFC 9700 §2.1.1", "a challenge that was sent is enforced")
def test_where_it_is_lifted_a_challenge_still_binds(parties: Parties) -> None:
    party = parties.confidential(is_pkce_required=False)
    code = party.allow()["code"]
    assert party.redeem(code, code_verifier=None).status_code == 400
    assert _error(party, code_challenge=None) == "invalid_request"
    assert _error(party, code_challenge_method="plain") == "invalid_request"
