"""Proof Key for Code Exchange, S256 only (RFC 7636, RFC 9700 §2.1.1)."""

import base64
import hashlib
import hmac
import re

METHOD = "S256"
# RFC 7636 §4.2: a SHA-256 digest in base64url without padding.
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}", re.ASCII)
# RFC 7636 §4.1: 43 to 128 unreserved characters.
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}", re.ASCII)


def is_challenge(value: str) -> bool:
    """Tell whether `value` can be a challenge of method S256."""
    return _CHALLENGE.fullmatch(value) is not None


def challenge_for(verifier: str) -> str:
    """Return the S256 challenge of `verifier` (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def matches(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether `verifier` answers `challenge` (RFC 7636 §4.6).

    Without a challenge there must be no verifier either: RFC 9700 §4.8.2 counts that
    as an attempt to downgrade.
    """
    if challenge is None:
        return verifier is None
    if verifier is None or _VERIFIER.fullmatch(verifier) is None:
        return False
    return hmac.compare_digest(challenge_for(verifier), challenge)
