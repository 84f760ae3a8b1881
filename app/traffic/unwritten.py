"""What has been counted and noted in this process and is not yet written.

A request does nothing here but change a dictionary. A thread of its own writes what is
pending about once a second; whoever reads writes it first, see `flush`. What cannot be
written is kept for the next time, within bounds, and nobody but the log hears of it.
"""

import atexit
import logging
import os
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.util import Finalize
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, SQLAlchemyError

from app.database import reading_only
from app.traffic.folds import Budget, coarse_facts, fold_keys
from app.traffic.models import NO_CLIENT, begin_of_hour
from app.traffic.reasons import Endpoint, Question, Refusal
from app.traffic.writing import Counted, Noted, Tally, write_counts, write_refusals

log = logging.getLogger(__name__)

#: How long the thread lets things gather.
INTERVAL_SECONDS = 1.0
#: Rows that may wait to be written with their facts, and all that may wait.
MAXIMUM_FINE, MAXIMUM_PENDING = 1000, 3000
#: Rows that this process remembers to have noted already: they are not new.
MAXIMUM_KNOWN = 20_000
MAXIMUM_QUESTIONS = 5
MAXIMUM_COUNTS = 20_000


@dataclass(slots=True)
class Ledger:
    """What is pending for one database."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    #: Held while something is written, never while something is noted.
    writing: threading.Lock = field(default_factory=threading.Lock)
    refusals: dict[str, Noted] = field(default_factory=dict)
    counts: dict[Counted, Tally] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    budget: Budget = field(default_factory=Budget)

    def note(
        self,
        refusal: Refusal,
        *,
        keys: tuple[str, str, str],
        endpoint: Endpoint,
        ip_address: str | None,
        now: datetime,
    ) -> Noted:
        """Add a refusal to the row that it folds into, and return that."""
        with self.lock:
            fineness = self._fineness(refusal, keys, now)
            key = keys[fineness]
            noted = self.refusals.get(key)
            if noted is None:
                noted = self.refusals[key] = Noted(
                    key=key,
                    endpoint=endpoint,
                    reason=refusal.reason,
                    client_id=refusal.client_id if fineness < 2 else None,
                    facts=_facts(refusal, fineness),
                    first_seen_at=now,
                    is_new=key not in self.known,
                )
                self._remember(key)
            noted.see(now=now, ip_address=ip_address)
            self._ask(noted, refusal.question, now)
            self._tally(refusal.client_id, now).refusals += 1
            return noted

    def _fineness(
        self, refusal: Refusal, keys: tuple[str, str, str], now: datetime
    ) -> int:
        """Return which of the keys there is room for."""
        finest, coarse, _ = keys
        if finest in self.refusals:
            return 0
        if len(self.refusals) < MAXIMUM_FINE and self._may_be_fine(
            finest, refusal, now
        ):
            return 0
        if coarse in self.refusals or len(self.refusals) < MAXIMUM_PENDING:
            return 1
        return 2

    def _may_be_fine(self, key: str, refusal: Refusal, now: datetime) -> bool:
        if not refusal.facts or key in self.known:
            return True
        return self.budget.take(refusal.client_id, now, refusal.share)

    def _remember(self, key: str) -> None:
        if len(self.known) >= MAXIMUM_KNOWN:
            self.known.clear()
        self.known.add(key)

    def _ask(self, noted: Noted, question: Question | None, now: datetime) -> None:
        if question is None:
            return
        if question in noted.questions or len(noted.questions) < MAXIMUM_QUESTIONS:
            noted.questions[question] = now

    def count(self, client_id: uuid.UUID, kind: str, now: datetime) -> None:
        """Add one granted request of a client: `tokens` or `calls`."""
        with self.lock:
            tally = self._tally(client_id, now)
            setattr(tally, kind, getattr(tally, kind) + 1)

    def _tally(self, client_id: uuid.UUID | None, now: datetime) -> Tally:
        hour = begin_of_hour(now)
        key = (client_id or NO_CLIENT, hour)
        if key not in self.counts and len(self.counts) >= MAXIMUM_COUNTS:
            key = (NO_CLIENT, hour)
        tally = self.counts.get(key)
        if tally is None:
            tally = self.counts[key] = Tally()
        return tally

    def take(self) -> tuple[dict[str, Noted], dict[Counted, Tally]]:
        """Return what is pending, which is then nobody's but the caller's."""
        with self.lock:
            taken = self.refusals, self.counts
            self.refusals, self.counts = {}, {}
            return taken

    def take_back(
        self, refusals: Iterable[Noted], counts: dict[Counted, Tally]
    ) -> None:
        """Keep what could not be written for the next time."""
        with self.lock:
            for noted in refusals:
                newer = self.refusals.get(noted.key)
                if newer is not None:
                    newer.take_in(noted)
                elif len(self.refusals) < MAXIMUM_PENDING:
                    self.refusals[noted.key] = noted
            for key, tally in counts.items():
                if key in self.counts:
                    self.counts[key].take_in(tally)
                elif len(self.counts) < MAXIMUM_COUNTS:
                    self.counts[key] = tally


def _facts(refusal: Refusal, fineness: int) -> dict[str, Any]:
    if fineness == 0:
        return dict(refusal.facts)
    return coarse_facts(refusal) if fineness == 1 else {}


_ledgers: weakref.WeakKeyDictionary[Engine, Ledger] = weakref.WeakKeyDictionary()
_something = threading.Event()
_changing = threading.Lock()
_thread: threading.Thread | None = None


def note_refusal(
    engine: Engine,
    refusal: Refusal,
    *,
    endpoint: Endpoint,
    secret_key: str,
    ip_address: str | None,
    name: Callable[[str], str],
    now: datetime,
) -> None:
    """Note a refusal. `name` gives the reference id for the key of its row."""
    keys = fold_keys(refusal, secret_key=secret_key, endpoint=endpoint)
    noted = _ledger(engine).note(
        refusal, keys=keys, endpoint=endpoint, ip_address=ip_address, now=now
    )
    noted.reference_id = name(noted.key)
    _wake()


def count_granted(
    engine: Engine, client_id: uuid.UUID, kind: str, *, now: datetime
) -> None:
    """Count a granted request of a client: one of `tokens` or `calls`."""
    _ledger(engine).count(client_id, kind, now)
    _wake()


def flush(engine: Engine) -> None:
    """Write what this process has pending; when it returns it can be read.

    In transactions of its own, so the caller must not be in the middle of one. Never
    raises for the database's sake.
    """
    ledger = _ledgers.get(engine)
    if ledger is None:
        return
    with ledger.writing, reading_only(False):
        refusals, counts = ledger.take()
        if refusals:
            _try(lambda: write_refusals(engine, refusals.values()), ledger, refusals)
        if counts:
            _try(lambda: write_counts(engine, counts), ledger, counts=counts)


def discard(engine: Engine) -> None:
    """Forget what is pending and what was noted, as if nothing had happened."""
    ledger = _ledgers.get(engine)
    if ledger is not None:
        with ledger.writing, _changing:
            _ledgers.pop(engine, None)


def _try(
    write: Callable[[], None],
    ledger: Ledger,
    refusals: dict[str, Noted] | None = None,
    counts: dict[Counted, Tally] | None = None,
) -> None:
    try:
        write()
    except DataError:
        # The database refuses the values themselves: kept, they would be refused again
        # each time, and everything else with them.
        log.exception("what was refused and counted was lost")
    except SQLAlchemyError:
        log.exception("what was refused and counted cannot be written at the moment")
        ledger.take_back((refusals or {}).values(), counts or {})
    except Exception:
        log.exception("what was refused and counted was lost")


def _ledger(engine: Engine) -> Ledger:
    ledger = _ledgers.get(engine)
    if ledger is not None:
        return ledger
    with _changing:
        return _ledgers.setdefault(engine, Ledger())


def _wake() -> None:
    if _something.is_set():
        return
    _something.set()
    if _thread is None:
        _start()


def _start() -> None:
    global _thread  # noqa: PLW0603 - one thread serves the whole process
    with _changing:
        if _thread is None:
            _thread = threading.Thread(
                target=_write_now_and_then, name="traffic", daemon=True
            )
            _thread.start()
            # Granian's workers are processes of multiprocessing, which run these at
            # their end and nothing of atexit.
            Finalize(None, _flush_all, exitpriority=10)


def _write_now_and_then() -> None:
    while True:
        _something.wait()
        time.sleep(INTERVAL_SECONDS)
        _something.clear()
        _flush_all()
        if any(ledger.refusals or ledger.counts for ledger in list(_ledgers.values())):
            # It could not be written: try again, also if nothing else comes.
            _something.set()


def _flush_all() -> None:
    with _changing:
        engines = list(_ledgers)
    for engine in engines:
        flush(engine)


def _begin_anew() -> None:
    """A forked process has no thread, and what is pending is its parent's to write."""
    global _thread, _changing
    _thread, _changing = None, threading.Lock()
    _something.clear()
    _ledgers.clear()


atexit.register(_flush_all)
os.register_at_fork(after_in_child=_begin_anew)
