"""Secrets of our own making: drawn, digested and compared here and nowhere else.

A secret is `<prefix>_<43 characters of base62><6 characters of checksum>`. The prefix
lets scanners recognise it, the checksum lets them dismiss look-alikes unasked.
It carries 256 random bits, so one round of SHA-256 is enough to store it.
"""

import hashlib
import hmac
import secrets
import string
import zlib
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODY_LENGTH = 43
CHECKSUM_LENGTH = 6
HINT_LENGTH = 4

CLIENT_SECRET = "gps"
AUTHORIZATION_CODE = "gpc"
REFRESH_TOKEN = "gpr"
SESSION = "gpu"


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))


def _spell(prefix: str, entropy: bytes) -> str:
    body = f"{prefix}_{_base62(int.from_bytes(entropy, 'big'), BODY_LENGTH)}"
    return body + _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def generate(prefix: str) -> str:
    """Return a new secret of 256 random bits that carries `prefix` and a checksum."""
    return _spell(prefix, secrets.token_bytes(32))


def derive(prefix: str, *, secret_key: str, purpose: str, source: str) -> str:
    """Return the secret that follows from `source` for whoever knows `secret_key`.

    The same inputs give the same secret; without the key it is as unforeseeable as a
    random one. `purpose` keeps derivations for different uses apart (HKDF's info).
    """
    key = _derived_key(secret_key, purpose)
    return _spell(prefix, hmac.digest(key, source.encode(), "sha256"))


@lru_cache(maxsize=8)
def _derived_key(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(
        secret_key.encode()
    )


def digest(secret: str) -> bytes:
    """Return the 32 bytes under which a secret is stored and looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def verify(secret: str, stored_digest: bytes) -> bool:
    """Tell whether `secret` has `stored_digest`, in time that does not depend on it."""
    return hmac.compare_digest(digest(secret), stored_digest)


def fold(*, secret_key: str, parts: str) -> str:
    """Return 12 hexadecimal digits that stand for `parts` and give none of them away.

    Whoever knows `secret_key` gets the same digits for the same parts.
    """
    key = _derived_key(secret_key, "refused requests")
    return hmac.digest(key, parts.encode("utf-8", "replace"), "sha256").hex()[:12]


def mask(text: str, *, secret_key: str, salt: str) -> str:
    """Return up to 32 hexadecimal digits as others; masked again they are as before.

    Two masks of the same text have nothing in common for whoever lacks `secret_key`,
    as long as `salt` differs.
    """
    key = _derived_key(secret_key, "references of refused requests")
    pad = hmac.digest(key, salt.encode(), "sha256")[: len(text) // 2]
    return bytes(a ^ b for a, b in zip(bytes.fromhex(text), pad, strict=True)).hex()


def hint(secret: str) -> str:
    """Return the few last characters by which people tell secrets apart."""
    return secret[-HINT_LENGTH:]


def is_well_formed(secret: str, prefix: str) -> bool:
    """Tell whether `secret` has our spelling: prefix, length and right checksum."""
    body, checksum = secret[:-CHECKSUM_LENGTH], secret[-CHECKSUM_LENGTH:]
    return (
        len(body) == len(prefix) + 1 + BODY_LENGTH
        and body.startswith(f"{prefix}_")
        and _base62(zlib.crc32(body.encode("utf-8", "replace")), CHECKSUM_LENGTH)
        == checksum
    )
