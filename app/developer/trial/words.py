"""What trials say to people: refusals, and what a token carries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

REFUSALS = {
    "access_denied": "The person did not allow it. The app gets nothing.",
    "invalid_client": (
        "The app did not prove who it is. It may have been disabled, or its secret "
        "may have ended in the middle of the trial."
    ),
    "invalid_grant": (
        "The code was used already, or it is older than its one minute, or what "
        "allowed it has ended."
    ),
    "invalid_request": "The request does not fit what this server takes.",
    "invalid_scope": (
        "One of these scopes does not exist, or the app may not have it. Its "
        "permissions and what it may ask for decide that."
    ),
    "invalid_target": "The API that was named is none of those known here.",
    "unauthorized_client": "The app is not registered for this grant.",
    "login_required": "Somebody has to sign in first.",
    "consent_required": "Somebody has to allow the app first.",
}
UNKNOWN_REFUSAL = "The server refused, for the reason that its answer gives."
IS_OVER = (
    "Its ten minutes have passed, or it was finished, or its code was used already, "
    "or somebody else began it. Nothing was sent."
)

MEANINGS = {
    "typ": "The kind of token: an access token is never taken for another one.",
    "alg": "How it is signed.",
    "kid": "Which key signed it; the key set at /.well-known/jwks.json has it.",
    "iss": "Who issued it.",
    "aud": "Whom it is meant for.",
    "sub": "On whose behalf it acts: a person, or the app itself.",
    "client_id": "The app that got it.",
    "iat": "When it was issued.",
    "exp": "When it ends by itself.",
    "jti": "Its own number. The server knows by it whether the token was revoked.",
    "scope": "What it was issued for, once and for all.",
    "at_hash": "Ties it to the access token that came with it.",
    "auth_time": "When the person last gave a password.",
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
