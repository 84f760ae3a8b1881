"""What to think of a secret that works: needed, safe to retire, lost, about to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

BUSY = timedelta(days=1)
#: Without use for so long while a newer one is used, nothing seems to need it.
QUIET = timedelta(days=7)
#: Never used for so long, nothing seems to wait for it.
UNUSED = timedelta(days=30)
#: Time enough to put another in place.
ENDS_SOON = timedelta(days=14)


class Standing(StrEnum):
    """How a secret stands among the others of its client."""

    BUSY = "busy"
    LOST = "lost"
    SAFE_TO_RETIRE = "safe"


class Dated(Protocol):
    """What must be known of a secret to judge it."""

    @property
    def hint(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def last_used_at(self) -> datetime | None: ...
    @property
    def shown_at(self) -> datetime | None: ...
    @property
    def stored_at(self) -> datetime | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretAdvice:
    """How a secret stands, and the sentence that says so."""

    standing: Standing
    sentence: str


def is_lost(secret: Dated) -> bool:
    """Tell whether it was shown, and nobody said or showed that they have it."""
    return (
        secret.shown_at is not None
        and secret.stored_at is None
        and secret.last_used_at is None
    )


def ends_all_soon(secrets: Sequence[Dated], now: datetime) -> datetime | None:
    """Return when the last of `secrets` ends, if that is soon; null otherwise."""
    ends = [secret.expires_at for secret in secrets]
    last = max((end for end in ends if end is not None), default=None)
    if last is None or None in ends or last - now > ENDS_SOON:
        return None
    return last


def ends_in_use(secret: Dated, now: datetime) -> datetime | None:
    """Return when a secret ends that is used at present, if that is soon."""
    end, used = secret.expires_at, secret.last_used_at
    if end is None or used is None or end - now > ENDS_SOON or now - used >= BUSY:
        return None
    return end


def advise(
    secret: Dated, others: Sequence[Dated], now: datetime
) -> SecretAdvice | None:
    """Return what to think of `secret` beside the `others` that work, if anything."""
    used = secret.last_used_at
    if used is not None and now - used < BUSY:
        sentence = "In use today: do not revoke it yet."
        return SecretAdvice(standing=Standing.BUSY, sentence=sentence)
    reason = _reason_to_retire(secret, others, now)
    if reason:
        return SecretAdvice(standing=Standing.SAFE_TO_RETIRE, sentence=reason)
    if is_lost(secret):
        sentence = (
            "Nobody confirmed that it was saved, and it has never been used. If it is "
            "lost, create a new one."
        )
        return SecretAdvice(standing=Standing.LOST, sentence=sentence)
    return None


def _reason_to_retire(
    secret: Dated, others: Sequence[Dated], now: datetime
) -> str | None:
    used = secret.last_used_at
    newer = [
        other
        for other in others
        if other.created_at > secret.created_at and other.last_used_at is not None
    ]
    if newer and (used is None or _is_quiet(used, newer, now)):
        since = "has never been used" if used is None else "has not been used since"
        return f"Safe to retire: …{newer[-1].hint} is in use, and this one {since}."
    if used is None and now - secret.created_at >= UNUSED:
        return f"Safe to retire: never used in {UNUSED.days} days."
    return None


def _is_quiet(used: datetime, newer: Sequence[Dated], now: datetime) -> bool:
    return now - used >= QUIET or all(used < other.created_at for other in newer)
