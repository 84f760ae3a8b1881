"""What trials say to people: refusals, and what a token carries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

REFUSALS = {
    "access_denied": "The person denied the request. The app gets nothing.",
    "invalid_client": (
        "The app could not authenticate. It may have been disabled, or its secret "
        "may have ended during the trial."
    ),
    "invalid_grant": (
        "The code has already been used, is older than one minute, or its consent "
        "has ended."
    ),
    "invalid_request": "This server does not accept the request as it was sent.",
    "invalid_scope": (
        "One of these scopes does not exist, or the app may not have it. See its "
        "Permissions tab."
    ),
    "invalid_target": "This server does not know the API that was named.",
    "unauthorized_client": "The app is not registered for this grant.",
    "login_required": "The person has to sign in first.",
    "consent_required": "The person has to allow the app first.",
}
UNKNOWN_REFUSAL = "The server refused, for the reason given in its response."
IS_OVER = (
    "It has expired, was ended, was already completed, or belongs to somebody else. "
    "Nothing was sent."
)

MEANINGS = {
    "typ": "The kind of token, so that none passes for another kind.",
    "alg": "The signing algorithm.",
    "kid": "The key that signed it, found at /.well-known/jwks.json.",
    "iss": "Who issued it.",
    "aud": "Who it is meant for.",
    "sub": "Who it acts for: a person, or the app itself.",
    "client_id": "The app it was issued to.",
    "iat": "When it was issued.",
    "exp": "When it expires.",
    "jti": "Its ID, which tells the server whether it was revoked.",
    "scope": "What it was issued for; this never changes.",
    "at_hash": "Ties it to the access token issued with it.",
    "auth_time": "When the person last entered a password.",
    "nonce": "Ties it to the app's request.",
}
_MOMENTS = frozenset({"iat", "exp", "auth_time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A member of a token; `at` is its moment where it is one."""

    name: str
    value: str
    meaning: str
    at: datetime | None


def explain_refusal(values: Mapping[str, Any]) -> str:
    """Return what an error of the protocol, or a problem document, means here."""
    error = values.get("error")
    if isinstance(error, str):
        return REFUSALS.get(error, UNKNOWN_REFUSAL)
    # The API, and the server without keys, answer with problems (RFC 9457).
    detail = values.get("detail")
    return detail if isinstance(detail, str) else UNKNOWN_REFUSAL


def claims_of(members: Mapping[str, Any]) -> list[Claim]:
    """Return the members of a token's header or body with what each means."""
    return [
        Claim(
            name=name,
            value=_shown(value),
            meaning=MEANINGS.get(name, ""),
            at=datetime.fromtimestamp(value, UTC) if name in _MOMENTS else None,
        )
        for name, value in members.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """A permission beside the token: asked for, held now, and so what may be done."""

    name: str
    is_in_scope: bool
    is_held: bool

    @property
    def may_be_used(self) -> bool:
        """Whether a request with the token may do it."""
        return self.is_in_scope and self.is_held


def compare_powers(scope: Iterable[str], held: Iterable[str]) -> list[Power]:
    """Return each permission that the token carries or its actor holds, by name.

    What may be used comes first.
    """
    carried, owned = frozenset(scope), frozenset(held)
    powers = [
        Power(name=name, is_in_scope=name in carried, is_held=name in owned)
        for name in sorted(carried | owned)
    ]
    return sorted(powers, key=lambda power: not power.may_be_used)


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
