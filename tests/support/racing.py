"""Many requests at one moment against a served product, or in an order that is set."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL
from requests import PreparedRequest

from tests.support.databases import Database

T = TypeVar("T")

_WAITING = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@dataclass(frozen=True)
class Answer:
    """What came back on one of several connections."""

    status: int
    body: Any


def send_at_once(request: PreparedRequest, *, times: int) -> list[Answer]:
    """Send the same to an address that answers JSON, on so many connections.

    All of them are open before the first asks, and all ask before one is read: the
    product has every request before it has answered many.
    """
    to = urlsplit(str(request.url))
    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(HTTPConnection(to.netloc, timeout=30)))
            for _ in range(times)
        ]
        for connection in connections:
            connection.connect()
        for connection in connections:
            connection.request(
                str(request.method), to.path, request.body, dict(request.headers)
            )
        answers = [connection.getresponse() for connection in connections]
        return [Answer(one.status, json.loads(one.read())) for one in answers]


def at_once(tries: Sequence[Callable[[], T]]) -> list[T]:
    """Run every try in a thread of its own, released together; return the results."""
    barrier = threading.Barrier(len(tries))

    def run(attempt: Callable[[], T]) -> T:
        barrier.wait(timeout=30)
        return attempt()

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))


def while_another(
    database: Database,
    statement: str,
    values: Mapping[str, object],
    tries: Sequence[Callable[[], T]],
) -> list[T]:
    """Run the tries while another transaction has done `statement`.

    Each begins when the one before waits for a lock; when all wait, the other
    transaction commits. For PostgreSQL: SQLite lets one write at a time.
    """
    address = database.url.replace("+psycopg", "")
    with (
        ThreadPoolExecutor(len(tries)) as pool,
        psycopg.connect(address) as other,
        psycopg.connect(address, autocommit=True) as watcher,
    ):
        other.execute(SQL(statement), values)
        begun = []
        for attempt in tries:
            begun.append(pool.submit(attempt))
            _await_waiting(watcher, len(begun))
        other.commit()
        return [one.result(timeout=30) for one in begun]


def _await_waiting(watcher: psycopg.Connection, count: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        row = watcher.execute(_WAITING).fetchone()
        if row is not None and row[0] >= count:
            return
        time.sleep(0.005)
    raise AssertionError(f"fewer than {count} wait for the other transaction")
