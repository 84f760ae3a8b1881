"""Passwords: rules, hashes, and checks against nobody."""

import unicodedata

import bcrypt
import pytest

from app.accounts import passwords
from app.accounts.passwords import (
    check_password_rules,
    hash_password,
    make_password,
    verify_and_update,
)
from app.errors import DomainError
from tests.support.passwords import SHIPPED

PASSWORD = "correct horse battery staple"


def bcrypt_hash(password: str, prefix: bytes = b"2b") -> str:
    """Hash as other products do, which often write `2y` for the same thing."""
    salt = bcrypt.gensalt(4, b"2b")
    made = bcrypt.hashpw(password.encode()[:72], salt).decode()
    return made.replace("$2b$", f"${prefix.decode()}$")


@pytest.fixture(autouse=True)
def _as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_argon2", SHIPPED)


def test_a_hash_is_argon2id_and_salted() -> None:
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    # The second recommended choice of RFC 9106 §4: 64 MiB, three passes, four lanes.
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert verify_and_update(PASSWORD, first) == (True, None)
    assert verify_and_update(PASSWORD + "x", first) == (False, None)


@pytest.mark.parametrize("prefix", [b"2b", b"2y", b"2a"])
def test_bcrypt_is_accepted_and_becomes_argon2id(prefix: bytes) -> None:
    stored = bcrypt_hash(PASSWORD, prefix)
    is_right, new_hash = verify_and_update(PASSWORD, stored)
    assert is_right
    assert new_hash is not None
    assert new_hash.startswith("$argon2id$")
    assert verify_and_update(PASSWORD, new_hash) == (True, None)
    assert verify_and_update("something else here", stored) == (False, None)


def test_bcrypt_looked_at_72_bytes_and_its_successor_at_all() -> None:
    long = "a" * 100
    is_right, new_hash = verify_and_update(long, bcrypt_hash(long))
    assert is_right
    assert new_hash is not None
    assert verify_and_update(long, new_hash)[0]
    assert not verify_and_update("a" * 99, new_hash)[0]


def test_argon2_hashes_of_lower_cost_are_renewed() -> None:
    cheap = passwords.PasswordHash(
        (passwords.Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)
    ).hash(PASSWORD)
    is_right, new_hash = verify_and_update(PASSWORD, cheap)
    assert is_right
    assert new_hash is not None
    assert new_hash != cheap


@pytest.mark.parametrize("stored", [None, "", "!", "plain text", "$2b$", "$argon2id$"])
def test_no_password_fits_what_is_no_hash(stored: str | None) -> None:
    for password in (PASSWORD, "", "!", "plain text"):
        assert verify_and_update(password, stored) == (False, None)


def test_a_check_against_nobody_costs_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    verify = passwords._argon2.verify
    monkeypatch.setattr(
        passwords._argon2,
        "verify",
        lambda candidate, stored: checked.append(stored) or verify(candidate, stored),
    )
    for stored in (None, "", "no hash"):
        verify_and_update(PASSWORD, stored)
    assert len(checked) == 3
    assert all(stored.startswith("$argon2id$") for stored in checked)


@pytest.mark.parametrize(
    "password", ["\x00" * 20, "\ud800" * 20, "😀" * 2000, "a" * 10**6]
)
def test_strange_passwords_are_just_wrong(password: str) -> None:
    assert verify_and_update(password, hash_password(PASSWORD)) == (False, None)
    assert verify_and_update(password, bcrypt_hash(PASSWORD)) == (False, None)


def test_keyboards_may_compose_characters_differently() -> None:
    composed = unicodedata.normalize("NFC", "pässwörd-çédille")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert verify_and_update(decomposed, hash_password(composed))[0]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least 12"),
        ("e\u0301" * 11, "at least 12"),
        ("a" * 1025, "at most 1024"),
        ("ADA.LOVELACE@example.com", "e-mail"),
    ],
)
def test_poor_passwords_are_refused(password: str, why: str) -> None:
    with pytest.raises(DomainError, match=why) as refusal:
        check_password_rules(password, email="ada.lovelace@example.com")
    assert refusal.value.field == "password"


def test_good_passwords_pass() -> None:
    for password in ("twelve chars", "a" * 1024, make_password()):
        check_password_rules(password, email="ada@example.com")


def test_made_passwords_differ_and_are_long() -> None:
    made = {make_password() for _ in range(100)}
    assert len(made) == 100
    assert min(len(password) for password in made) >= 20
