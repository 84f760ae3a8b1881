"""Secrets: their spelling, their digests, and what follows from them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import digests

PREFIXES = ("gps", "gpc", "gpr", "gpu")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_secret_has_prefix_body_and_checksum(prefix: str) -> None:
    secret = digests.generate(prefix)
    assert secret.startswith(f"{prefix}_")
    assert len(secret) == len(prefix) + 1 + 43 + 6
    assert secret.isascii()
    assert digests.is_well_formed(secret, prefix)
    assert not any(digests.is_well_formed(secret, p) for p in PREFIXES if p != prefix)


@pytest.mark.rfc("RFC 6749 §2.3.1", "no secret can be found by trying")
def test_the_body_can_spell_256_bits() -> None:
    assert 62**digests.BODY_LENGTH > 2**256
    assert digests.is_well_formed(digests._spell("gps", b"\xff" * 32), "gps")
    assert digests.is_well_formed(digests._spell("gps", b"\0" * 32), "gps")


@pytest.mark.rfc("RFC 6749 §10.10", "secrets cannot be guessed")
def test_no_two_secrets_are_the_same() -> None:
    assert len({digests.generate("gps") for _ in range(500)}) == 500


def test_one_changed_character_breaks_the_checksum() -> None:
    secret = digests.generate("gps")
    for place in range(4, len(secret)):
        other = "0" if secret[place] != "0" else "1"
        changed = secret[:place] + other + secret[place + 1 :]
        assert not digests.is_well_formed(changed, "gps")


@given(some.text(max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    digests.is_well_formed(text, "gps")
    assert len(digests.digest(text)) == 32
    assert digests.verify(text, digests.digest(text))


def test_lone_surrogates_are_digested() -> None:
    assert digests.digest("\ud800") != digests.digest("\ud801")
    assert not digests.is_well_formed("\ud800" * 53, "gps")


def test_a_digest_is_plain_sha_256() -> None:
    secret = digests.generate("gps")
    assert digests.digest(secret) == hashlib.sha256(secret.encode()).digest()
    assert not digests.verify(secret + "x", digests.digest(secret))
    assert not digests.verify(secret, b"")


def test_a_hint_tells_little() -> None:
    secret = digests.generate("gps")
    assert digests.hint(secret) == secret[-4:]


def _derive(**changes: str) -> str:
    values = {"secret_key": "k" * 32, "purpose": "p", "source": "s"} | changes
    return digests.derive("gpr", **values)


def test_a_derived_secret_follows_from_all_its_inputs() -> None:
    assert _derive() == _derive()
    assert digests.is_well_formed(_derive(), "gpr")
    others = {_derive(secret_key="l" * 32), _derive(purpose="q"), _derive(source="t")}
    assert len(others | {_derive()}) == 4


def test_a_line_of_derived_secrets_does_not_repeat() -> None:
    line = ["s"]
    for _ in range(200):
        line.append(_derive(source=line[-1]))
    assert len(set(line)) == len(line)
