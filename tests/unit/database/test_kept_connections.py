"""A thread's kept connection is opened once, and closed by the thread after it."""

import os
import sqlite3
import threading
import warnings
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from app.extensions import db
from app.kept_connections import close_kept_connection, kept_connection


@pytest.fixture
def engine(app: Flask) -> Engine:
    """The application's engine, from which this thread keeps no connection yet."""
    with app.app_context():
        close_kept_connection(db.engine)
        return db.engine


def taken(engine: Engine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


def ask(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT 1")) or 0)


def in_thread(work: Callable[[], None], engine: Engine) -> None:
    """Do it in a thread, and let the next one begin, which keeps nothing."""
    for task in (work, lambda: close_kept_connection(engine)):
        thread = threading.Thread(target=task)
        thread.start()
        thread.join(timeout=30)
        assert not thread.is_alive()


def is_closed(driver: object) -> bool:
    if isinstance(driver, psycopg.Connection):
        return driver.closed
    assert isinstance(driver, sqlite3.Connection)
    try:
        driver.execute("SELECT 1")
    except sqlite3.ProgrammingError as error:
        return "closed" in str(error)
    return False


def test_a_thread_has_one_connection_which_is_closed_with_it(engine: Engine) -> None:
    drivers: list[object] = []

    def work() -> None:
        connection = kept_connection(engine)
        assert ask(connection) == 1
        assert kept_connection(engine) is connection
        assert taken(engine) == 1
        drivers.append(connection.connection.driver_connection)

    for _ in range(3):
        in_thread(work, engine)
        assert taken(engine) == 0
    assert all(is_closed(driver) for driver in drivers)


def test_a_connection_that_is_replaced_is_closed_too(engine: Engine) -> None:
    def work() -> None:
        for _ in range(3):
            connection = kept_connection(engine)
            assert ask(connection) == 1
            connection.connection.driver_connection.close()  # type: ignore[union-attr]
            connection.invalidate()
        assert ask(kept_connection(engine)) == 1
        kept_connection(engine).close()
        assert ask(kept_connection(engine)) == 1
        assert taken(engine) == 1

    in_thread(work, engine)
    assert taken(engine) == 0


def test_a_thread_may_end_after_its_engine(engine: Engine) -> None:
    drivers: list[object] = []

    def work() -> None:
        connection = kept_connection(engine)
        assert ask(connection) == 1
        drivers.append(connection.connection.driver_connection)
        engine.dispose()

    in_thread(work, engine)
    assert is_closed(drivers[0])


def test_a_thread_that_never_found_its_database_ends_in_peace(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise SQLAlchemyError

    def work() -> None:
        kept_connection(engine).close()
        monkeypatch.setattr(engine, "connect", refuse)
        with pytest.raises(SQLAlchemyError):
            kept_connection(engine)

    in_thread(work, engine)
    assert taken(engine) == 0


def test_a_forked_process_leaves_the_connections_of_threads_alone(
    engine: Engine,
) -> None:
    opened, forked = threading.Event(), threading.Event()
    answers: list[int] = []

    def work() -> None:
        connection = kept_connection(engine)
        ask(connection)
        opened.set()
        forked.wait(timeout=30)
        answers.append(ask(connection))

    thread = threading.Thread(target=work)
    thread.start()
    opened.wait(timeout=30)
    with warnings.catch_warnings(action="ignore"):
        child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    forked.set()
    thread.join(timeout=30)
    assert answers == [1]
