"""Keys that running servers tell each other about by the database.

While a rotation is rolled out servers of the old and the new key run side by side. Each
publishes the public half of the key that it signs with, before its first signature, and
takes a token by an unknown key only if that key was published after its own: it is then
a newer one. `passport:keys --rotate` announces the new key before any server signs with
it, so that APIs which keep our keys for a while can learn it first. An older key counts
only if this server's environment still names it as a previous one, so that
`passport:keys --force` really ends what it replaces.
"""

import re
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from joserfc.jwk import RSAKey
from sqlalchemy import Engine, select

from app.clock import utcnow
from app.database import AnyRow, insert_into
from app.extensions import db
from app.kept_connections import kept_connection
from app.keys.models import PublishedKey
from app.keys.reading import read_public_keys
from app.keys.ring import KeyRing, KeysUnusableError, as_jwk, current_key_ring

#: The thumbprint of a key: SHA-256 in base64url (RFC 7638 §3.1).
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
#: Seconds between two look-ups, whatever tokens come.
LOOK_UP_INTERVAL = 1.0


@dataclass
class _Memory:
    """What this process knows of published keys while it signs with one key."""

    since: datetime
    is_published: bool = False
    looked_up_at: float | None = None
    newer: Mapping[str, RSAKey] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_memories: weakref.WeakKeyDictionary[Engine, dict[str, _Memory]] = (
    weakref.WeakKeyDictionary()
)


def publish_current_key() -> None:
    """Let other servers know the key that this one signs with; done once a process.

    Raises KeysUnusableError. It is one INSERT of its own, so it must not be called
    inside a transaction that has written.
    """
    ring = current_key_ring()
    memory = _memory_of(ring)
    if memory.is_published:
        return
    _publish(ring.verifying[ring.kid], utcnow())
    memory.is_published = True


def announce(*, replaced: str | None, new: str | None) -> None:
    """Publish the key that is being replaced and then, if there is one, the new key.

    The order tells which is newer, also where the old one has not signed anything yet.
    Both are spelled as in the environment.
    """
    now = utcnow()
    for text, published_at in ((replaced, now), (new, now + timedelta.resolution)):
        if text is not None:
            (public,) = read_public_keys(text)
            _publish(as_jwk(public), published_at)


def key_id(text: str) -> str:
    """Return the thumbprint of the public key that is spelled so."""
    (public,) = read_public_keys(text)
    return str(as_jwk(public).kid)


def find_newer_key(kid: str) -> RSAKey | None:
    """Return the key with this thumbprint if another server signs with it by now.

    All newer keys are read at once and kept; an unknown thumbprint, such as anybody can
    make up, causes at most one look-up a second.
    """
    if not _THUMBPRINT.fullmatch(kid):
        return None
    ring = current_key_ring()
    memory = _memory_of(ring)
    # Whoever comes while another thread looks up waits for what that one finds.
    with memory.lock:
        if kid not in memory.newer and _may_look_up(memory):
            memory.newer = read_newer_keys()
    return memory.newer.get(kid)


def read_newer_keys() -> dict[str, RSAKey]:
    """Return the keys that were published after the one that this process signs with.

    Of a key that is not published yet, the moment counts when the process came to use
    it.
    """
    ring = current_key_ring()
    published = _select_all()
    since = _memory_of(ring).since
    if ring.kid in published:
        since = min(published.pop(ring.kid).published_at, since)
    return {
        kid: key
        for kid, row in published.items()
        if row.published_at > since and (key := _read(kid, row.public_key))
    }


def read_older_kids() -> list[str]:
    """Return the thumbprints of keys that were published before this process's own.

    There is none as long as that one cannot be used, or is not published itself.
    """
    try:
        kid = current_key_ring().kid
    except KeysUnusableError:
        return []
    published = _select_all()
    own = published.get(kid)
    if own is None:
        return []
    return [
        kid for kid, row in published.items() if row.published_at < own.published_at
    ]


def _select_all() -> dict[str, AnyRow]:
    rows = kept_connection(db.engine).execute(select(*PublishedKey.__table__.c))
    return {row.kid: row for row in rows}


def _memory_of(ring: KeyRing) -> _Memory:
    by_key = _memories.setdefault(db.engine, {})
    return by_key.setdefault(ring.kid, _Memory(since=utcnow()))


def _may_look_up(memory: _Memory) -> bool:
    now = time.monotonic()
    last = memory.looked_up_at
    if last is not None and now - last < LOOK_UP_INTERVAL:
        return False
    memory.looked_up_at = now
    return True


def _read(kid: str, text: str) -> RSAKey | None:
    """Return the key, if it is one and really has this thumbprint."""
    try:
        (public,) = read_public_keys(text)
    except ValueError:
        return None
    key = as_jwk(public)
    return key if key.kid == kid else None


def _publish(key: RSAKey, published_at: datetime) -> None:
    engine = db.engine
    pem = key.as_pem(private=False).decode()
    kept_connection(engine).execute(
        insert_into(engine, PublishedKey)
        .values(kid=key.kid, public_key=pem, published_at=published_at)
        .on_conflict_do_nothing()
    )
