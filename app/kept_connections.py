"""A connection in AUTOCOMMIT for each thread, for work of a single statement."""

import os
import select
import threading
import weakref

import psycopg
from sqlalchemy import Connection, Engine


class _Life:
    """Ends with the thread that it was made in, and does nothing then."""


class _Keeper(threading.local):
    """This thread's connections, one for each engine."""

    def __init__(self) -> None:
        self.by_engine: dict[Engine, Connection] = {}
        # Python's own object of a thread would not do: that of a thread which Granian
        # made is never let go.
        self.life = _Life()
        _close_those_of_ended_threads()
        _kept_by.append((weakref.ref(self.life), os.getpid(), self.by_engine))


#: What each thread keeps. A thread that Granian made crashes if Python code runs while
#: it ends, so what it kept must outlive it, and the next new thread closes it.
_kept_by: list[tuple[weakref.ref[_Life], int, dict[Engine, Connection]]] = []
_closing = threading.Lock()


def _close_those_of_ended_threads() -> None:
    """Close what threads of this process kept that have ended.

    A forked process has none of its parent's threads but one. Their connections are
    the parent's still, and closing them would end them there too.
    """
    with _closing:
        ended = [k for k in _kept_by if k[0]() is None and k[1] == os.getpid()]
        for kept in ended:
            _kept_by.remove(kept)
    for _, _, connections in ended:
        for connection in connections.values():
            _close(connection)


def _close(connection: Connection) -> None:
    """Close a connection, which giving it back to its pool would not do."""
    if not connection.closed:
        connection.invalidate()
        connection.close()


_kept = _Keeper()


def kept_connection(engine: Engine) -> Connection:
    """Return this thread's connection in AUTOCOMMIT, for work of a single statement.

    It stays checked out, which spares BEGIN and ROLLBACK, and on PostgreSQL their round
    trips, until the first thread begins after this one has ended. A connection that the
    server has dropped is replaced.
    """
    connection = _kept.by_engine.get(engine)
    if connection is not None:
        if _is_open(connection):
            return connection
        _close(connection)
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    _kept.by_engine[engine] = connection
    return connection


def close_kept_connection(engine: Engine) -> None:
    """Close this thread's kept connection, if it has one; the next use opens another.

    For threads that outlive the engine.
    """
    connection = _kept.by_engine.pop(engine, None)
    if connection is not None:
        _close(connection)


def _is_open(connection: Connection) -> bool:
    """Tell whether a connection can be used, without asking the server.

    While nobody asks, PostgreSQL says nothing but goodbye: what can be read then is
    the end of the connection (or so rare a notice that a new one costs nothing).
    """
    if connection.closed or connection.invalidated:
        return False
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        return True
    if driver.closed:
        return False
    idle = select.poll()
    idle.register(driver.fileno(), select.POLLIN)
    return not idle.poll(0)
