"""Scope as a set: reading, writing, and the scopes that are no permissions."""

import re
from collections.abc import Iterable

from app.errors import DomainError

#: Scopes of OpenID Connect Core §5.4 and §11; no permission may take these names.
OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
#: What they let an app do, for whoever is asked to allow it. offline_access changes
#: nothing here, so there is nothing to tell of it.
OPENID_SENTENCES = {
    "openid": "Know which account is yours",
    "profile": "See your name",
    "email": "See your e-mail address",
}
#: The same, for whoever administers the app.
IDENTITY_SCOPES = {
    "openid": "Know which account is theirs; an ID token comes along.",
    "profile": "See their name.",
    "email": "See their e-mail address.",
}
MAXIMUM_LENGTH = 4096
# RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), separated by one blank.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


def parse_scope(value: str | None) -> frozenset[str]:
    """Return the scopes that a `scope` parameter names; none for null or empty.

    Raises DomainError where the spelling breaks RFC 6749 §3.3.
    """
    if not value:
        return frozenset()
    if len(value) > MAXIMUM_LENGTH or _SCOPE.fullmatch(value) is None:
        raise DomainError(
            "Write scope as names separated by single blanks.", field="scope"
        )
    return frozenset(value.split(" "))


def fits_a_token(scopes: Iterable[str]) -> bool:
    """Tell whether `scopes` can be carried, and read back, as one `scope`."""
    return len(join_scope(scopes)) <= MAXIMUM_LENGTH


def join_scope(scopes: Iterable[str]) -> str:
    """Return `scopes` as a `scope` parameter, in the order of the alphabet."""
    return " ".join(sorted(scopes))
