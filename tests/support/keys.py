"""A key pair for tests, made anew in each run: no private key is kept with us."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def encoded(pem: bytes) -> str:
    """Spell a PEM as `PASSPORT_…_KEY` does: base64 on one line."""
    return base64.b64encode(pem).decode()


@lru_cache
def make_key_pair(bits: int = 2048) -> tuple[str, str]:
    """Return a private and a public key in the environment's spelling."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=bits)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded(private), encoded(public)


TEST_PRIVATE_KEY, TEST_PUBLIC_KEY = make_key_pair()
