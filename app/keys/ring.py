"""The keys in use: one that signs, and all that verify.

Importing a private key takes about a hundred times as long as signing with it, so a
ring is built once for each set of values and kept.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from joserfc.jwk import KeySet, RSAKey

from app.config import PROJECT_ROOT, Settings
from app.errors import NotReadyError
from app.extensions import settings
from app.keys.reading import UnreadableKeyError, read_private_key, read_public_keys

log = logging.getLogger(__name__)

ALGORITHM = "RS256"
COMMAND = "flask passport:keys"
LONGEST_KEY_FILE = 256 * 1024


class KeysUnusableError(NotReadyError):
    """Nothing can be signed or verified.

    Everybody may read the message: it names the commands that help and tells nothing of
    the keys or their files.
    """

    def __init__(
        self,
        message: str = "The signing keys cannot be used. Find out why with: flask "
        f"passport:doctor; make others with: {COMMAND} --force.",
    ) -> None:
        super().__init__(message)


class KeysMissingError(KeysUnusableError):
    """There is no key pair yet."""

    def __init__(self) -> None:
        super().__init__(
            f"There are no signing keys yet. Make them with: {COMMAND}, "
            "then start the server again."
        )


class KeySources(NamedTuple):
    """Where keys come from: each a value or the file that holds it."""

    private: str = ""
    private_file: str = ""
    public: str = ""
    public_file: str = ""
    previous: str = ""
    previous_file: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "KeySources":
        """Return what `settings` say."""
        return cls(
            settings.passport_private_key,
            settings.passport_private_key_file,
            settings.passport_public_key,
            settings.passport_public_key_file,
            settings.passport_previous_public_keys,
            settings.passport_previous_public_keys_file,
        )


@dataclass(frozen=True)
class KeyRing:
    """The keys of one set of settings, as objects that are ready to use.

    `kid` is the current key's thumbprint (RFC 7638 §3). `private` holds that key alone,
    so that a signer has no choice; `public` holds it and the previous ones, without
    anything private, and `verifying` the same by thumbprint. `jwks` is the document
    that describes them all (RFC 7517 §5).
    """

    kid: str
    private: KeySet
    public: KeySet
    verifying: Mapping[str, RSAKey]
    jwks: dict[str, Any]


def current_key_ring() -> KeyRing:
    """Return the ring of the running application.

    Raises KeysUnusableError: KeysMissingError where none is set.
    """
    return ring_of(KeySources.of(settings))


@lru_cache(maxsize=32)
def ring_of(sources: KeySources) -> KeyRing:
    """Return the ring that `sources` make; raises as `current_key_ring` does."""
    try:
        return _read_ring(sources)
    except UnreadableKeyError as error:
        log.critical("the signing keys cannot be used: %s", error)
        raise KeysUnusableError from None


def _read_ring(sources: KeySources) -> KeyRing:
    private_text = text_of(sources.private, sources.private_file)
    if not private_text and not text_of(sources.public, sources.public_file):
        raise KeysMissingError
    private = read_private_key(private_text)
    previous = read_public_keys(text_of(sources.previous, sources.previous_file))
    signing = as_jwk(private)
    # One entry for each thumbprint: the current key may stand among the previous ones.
    verifying = {
        key.kid: key
        for key in map(as_jwk, [private.public_key(), *previous])
        if key.kid
    }
    public = KeySet(list(verifying.values()))
    return KeyRing(
        kid=str(signing.kid),
        private=KeySet([signing]),
        public=public,
        verifying=verifying,
        jwks=dict(public.as_dict(private=False)),
    )


def text_of(value: str, file: str) -> str:
    """Return the value, or what stands in the file; a relative one is the project's.

    Raises UnreadableKeyError where the file cannot be read.
    """
    if value or not file:
        return value
    path = PROJECT_ROOT / Path(file).expanduser()
    try:
        with path.open("rb") as opened:
            content = opened.read(LONGEST_KEY_FILE)
        return content.decode()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UnreadableKeyError(f"{file} cannot be read: {reason}") from None


def as_jwk(key: RSAPrivateKey | RSAPublicKey) -> RSAKey:
    """Return `key` under its thumbprint; only its public half is hashed (RFC 7638)."""
    jwk = RSAKey.import_key(key, {"use": "sig", "alg": ALGORITHM})
    jwk.ensure_kid()
    return jwk
