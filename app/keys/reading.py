"""Reads RSA keys from any spelling in which an environment variable may carry them.

The product writes one spelling, the PEM in base64 on one line. Platforms and people
use others: real newlines, `\\n` escapes, quotes, CRLF. Nothing that is raised here
repeats what it read.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

#: NIST SP 800-57: shorter RSA keys are no longer fit for signing.
MINIMUM_BITS = 2048

_PEM_BLOCK = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----(?P<body>[^-]*)-----END (?P=label)-----"
)
_QUOTES = "\"'`"
_NOT_A_KEY = "it is neither a PEM nor a PEM in base64"


class UnreadableKeyError(ValueError):
    """A key cannot be used; the message says why and repeats nothing of it."""


def read_private_key(text: str) -> RSAPrivateKey:
    """Return the one private key that `text` spells, in any accepted spelling.

    Raises UnreadableKeyError where there is none, more than one, one under a password,
    one of another kind, or one of fewer than 2048 bits.
    """
    pems = list(_pem_blocks(text))
    if len(pems) != 1:
        raise UnreadableKeyError(
            "it holds more than one key" if pems else "it is empty"
        )
    if b"ENCRYPTED" in pems[0]:
        raise UnreadableKeyError("it is protected by a password; store it without one")
    try:
        key = load_pem_private_key(pems[0], password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnreadableKeyError("it is not a private key in PEM form") from None
    if not isinstance(key, RSAPrivateKey):
        raise UnreadableKeyError("it is not an RSA key")
    _check_length(key.key_size)
    return key


def read_public_keys(text: str) -> list[RSAPublicKey]:
    """Return every public key that `text` spells; blanks or commas may part them.

    Raises UnreadableKeyError for the first that cannot be used.
    """
    return [_read_public_key(pem) for pem in _pem_blocks(text)]


def _read_public_key(pem: bytes) -> RSAPublicKey:
    if b"PRIVATE" in pem:
        raise UnreadableKeyError("it is a private key; it must not stand here")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnreadableKeyError("it is not a public key in PEM form") from None
    if not isinstance(key, RSAPublicKey):
        raise UnreadableKeyError("it is not an RSA key")
    _check_length(key.key_size)
    return key


def _check_length(bits: int) -> None:
    if bits < MINIMUM_BITS:
        raise UnreadableKeyError(
            f"it has {bits} bits; at least {MINIMUM_BITS} are needed"
        )


def _pem_blocks(text: str) -> Iterator[bytes]:
    """Yield each PEM in `text`, spelled as RFC 7468 §3 has it."""
    text = _without_escapes(text)
    rest = text
    for block in _PEM_BLOCK.finditer(text):
        rest = rest.replace(block[0], " ", 1)
        yield _canonical(block["label"], block["body"])
    for word in re.split(r"[\s,;]+", rest):
        if spelled := word.strip(_QUOTES):
            yield from _decoded(spelled)


def _without_escapes(text: str) -> str:
    text = text.lstrip("\ufeff").replace("\\r", "\r").replace("\\n", "\n")
    return text.strip().strip(_QUOTES)


def _canonical(label: str, body: str) -> bytes:
    """Wrap the body anew: whatever blanks stood in it, it means the same."""
    body = "".join(body.split())
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(
        [f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]
    ).encode()


def _decoded(word: str) -> Iterator[bytes]:
    try:
        pem = base64.b64decode(word, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise UnreadableKeyError(_NOT_A_KEY) from None
    blocks = list(_PEM_BLOCK.finditer(pem))
    if not blocks:
        raise UnreadableKeyError(_NOT_A_KEY)
    for block in blocks:
        yield _canonical(block["label"], block["body"])
