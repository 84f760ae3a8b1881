"""Which keys are published and kept: those that a token still needs (RFC 7517 §5)."""

import logging
import time
import weakref
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine, Select, bindparam, delete, select
from sqlalchemy.exc import SQLAlchemyError

from app.clock import utcnow
from app.extensions import db
from app.kept_connections import kept_connection
from app.keys.models import PublishedKey
from app.keys.published import read_newer_keys, read_older_kids
from app.keys.ring import current_key_ring
from app.tokens.models import AccessToken

log = logging.getLogger(__name__)

#: For how many seconds the answer that a key is needed is kept.
NEEDED_FOR = 30
#: The answer that no token needs a key is kept for so many times as long as it took to
#: find out: whatever comes, the question takes a small part of a process's time, and
#: where it is quick the answer is almost as fresh as the database.
REST = 20


@dataclass(frozen=True)
class _Answer:
    """Whether a key is needed, and until when that may be believed.

    `until` is when the token expires that needs it; `rests_until` counts on the
    process's own clock, for what must not be asked too often.
    """

    is_needed: bool
    until: datetime | None
    rests_until: float


_answers: weakref.WeakKeyDictionary[Engine, dict[str, _Answer]] = (
    weakref.WeakKeyDictionary()
)


def describe_key_set() -> dict[str, Any]:
    """Return the JWK set to publish: the current key, and others that tokens need.

    A previous key leaves when no unexpired token carries its `kid`; a newer one is
    there as soon as it is announced, before it signs. Raises KeysUnusableError.
    """
    ring = current_key_ring()
    try:
        newer = read_newer_keys()
        kept = [
            key
            for kid, key in ring.verifying.items()
            if kid == ring.kid or (kid not in newer and is_needed(kid))
        ]
    except SQLAlchemyError:
        # Whoever verifies tokens without us must be able to go on without our database.
        log.exception("the keys that other servers published cannot be read")
        return ring.jwks
    return {
        "keys": [dict(key.as_dict(private=False)) for key in (*kept, *newer.values())]
    }


def is_needed(kid: str) -> bool:
    """Tell whether an unexpired access token was signed with this key."""
    by_kid = _answers.setdefault(db.engine, {})
    now = utcnow()
    answer = by_kid.get(kid)
    if answer is None or _is_stale(answer, now):
        answer = by_kid[kid] = _ask(kid, now)
    return answer.is_needed


def _is_stale(answer: _Answer, now: datetime) -> bool:
    has_expired = answer.until is not None and answer.until <= now
    return has_expired or time.monotonic() >= answer.rests_until


def purge_published_keys(*, is_dry_run: bool = False) -> int:
    """Delete the published keys that are older than ours and needed by no token.

    Returns how many. Commits.
    """
    kids = [kid for kid in read_older_kids() if not is_needed(kid)]
    if kids and not is_dry_run:
        db.session.execute(delete(PublishedKey).where(PublishedKey.kid.in_(kids)))
        db.session.commit()
    return len(kids)


@cache
def _select_needing() -> Select[Any]:
    # In order of expiry, by the index: a previous key's tokens are the first to expire,
    # so the first row is found at once as long as there is any.
    return (
        select(AccessToken.expires_at)
        .where(
            AccessToken.expires_at > bindparam("now"),
            AccessToken.kid == bindparam("kid"),
        )
        .order_by(AccessToken.expires_at)
        .limit(1)
    )


def _ask(kid: str, now: datetime) -> _Answer:
    began = time.monotonic()
    first_end: datetime | None = kept_connection(db.engine).scalar(
        _select_needing(), {"kid": kid, "now": now}
    )
    ended = time.monotonic()
    rest = REST * (ended - began)
    if first_end is not None:
        rest = max(rest, NEEDED_FOR)
    return _Answer(first_end is not None, first_end, ended + rest)
