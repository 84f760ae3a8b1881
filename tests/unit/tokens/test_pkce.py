"""PKCE as a rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.tokens.pkce import challenge_for, is_challenge, matches

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
verifiers = some.text(UNRESERVED, min_size=43, max_size=128)


@pytest.mark.rfc("RFC 7636 §4.2", "S256 is the hash that appendix B shows")
def test_the_example_of_the_rfc() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_for(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@given(verifiers)
def test_a_verifier_answers_its_own_challenge(verifier: str) -> None:
    challenge = challenge_for(verifier)
    assert is_challenge(challenge)
    assert matches(verifier, challenge)


@pytest.mark.rfc(
    "RFC 7636 §4.6", "a verifier is compared with the challenge of its code"
)
@given(verifiers, verifiers)
def test_no_other_verifier_does(one: str, other: str) -> None:
    assert matches(other, challenge_for(one)) is (one == other)


@given(some.text(max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    assert not matches(text, challenge_for("x" * 43)) or text == "x" * 43
    assert not matches(text, "") or not text


@pytest.mark.rfc("RFC 9700 §4.8.2", "a verifier without a challenge is refused")
def test_both_or_neither() -> None:
    assert matches(None, None)
    assert not matches("x" * 43, None)
    assert not matches(None, challenge_for("x" * 43))


@pytest.mark.rfc("RFC 7636 §4.2", "a challenge is spelled as S256 gives it")
@pytest.mark.parametrize(
    "value", ["", "x" * 42, "x" * 44, "x" * 42 + "\n", "x" * 42 + "é"]
)
def test_what_is_no_challenge(value: str) -> None:
    assert not is_challenge(value)
