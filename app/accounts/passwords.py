"""Passwords: their rules, their hashes, and checks that take the same time for all."""

import secrets
import unicodedata
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.accounts.emails import email_key
from app.errors import DomainError

MIN_LENGTH = 12
MAX_LENGTH = 1024
#: What bcrypt looks at; hashes that were brought along were made from no more.
BCRYPT_BYTES = 72

# The library's costs are those of RFC 9106 §4 for machines with little memory.
_argon2 = PasswordHash((Argon2Hasher(),))
_bcrypt = PasswordHash((BcryptHasher(),))


def check_password_rules(password: str, *, email: str) -> None:
    """Raise DomainError if `password` may not be chosen by the owner of `email`."""
    normal = unicodedata.normalize("NFC", password)
    if len(normal) < MIN_LENGTH:
        raise DomainError(
            f"Use at least {MIN_LENGTH} characters.", field="password"
        ) from None
    if len(normal) > MAX_LENGTH:
        raise DomainError(f"Use at most {MAX_LENGTH} characters.", field="password")
    if email_key(normal) == email_key(email):
        raise DomainError(
            "Use something other than your e-mail address.", field="password"
        )


def hash_password(password: str) -> str:
    """Return the Argon2id hash under which `password` is stored."""
    return _argon2.hash(_as_bytes(password))


def verify_and_update(
    password: str, stored_hash: str | None
) -> tuple[bool, str | None]:
    """Tell whether `password` has `stored_hash`; and the hash to store from now on.

    The second value is null where the stored hash is as good as new; bcrypt hashes
    become Argon2id. Without a stored hash a password is checked all the same, against
    one that nobody knows, so that time does not tell whether there is an account.
    """
    if len(password) > MAX_LENGTH:
        # A legitimate password is never this long; spend the same time on its start.
        password, stored_hash = password[:MAX_LENGTH], None
    candidate = _as_bytes(password)
    if not stored_hash:
        _argon2.verify(candidate, _nobodys_hash())
        return False, None
    try:
        return _argon2.verify_and_update(candidate, stored_hash)
    except UnknownHashError:
        return _verify_bcrypt(candidate, stored_hash)


def _verify_bcrypt(candidate: bytes, stored_hash: str) -> tuple[bool, str | None]:
    try:
        if not _bcrypt.verify(candidate[:BCRYPT_BYTES], stored_hash):
            return False, None
    except (UnknownHashError, ValueError):
        _argon2.verify(candidate, _nobodys_hash())
        return False, None
    return True, _argon2.hash(candidate)


def make_password() -> str:
    """Return a random password that a person can copy: 120 bits."""
    return secrets.token_urlsafe(15)


@lru_cache
def _nobodys_hash() -> str:
    return _argon2.hash(secrets.token_bytes(32))


def _as_bytes(password: str) -> bytes:
    # RFC 8265 §4.2: the same characters, however the keyboard composed them.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
