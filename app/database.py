"""How rows are kept: naming of constraints, UTC times, and how transactions begin."""

import json
import sqlite3
import threading
import uuid
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import uuid_utils.compat
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    TypeDecorator,
    Uuid,
    cast,
    event,
    func,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 10_000

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Statements and rows of columns that are named where they are selected.
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on the way in and on the way out of any database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetimes are not stored; use clock.utcnow()")
        value = value.astimezone(UTC)
        # SQLite has no time zones: it stores the bare UTC reading.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class Base(DeclarativeBase):
    """The root of every model."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={
            datetime: UtcDateTime(),
            uuid.UUID: Uuid(),
            bytes: LargeBinary(32),
            str: String(255),
        },
    )


def new_id() -> uuid.UUID:
    """Return a new UUIDv7 (RFC 9562 §5.7): unique, and sorted by time of making."""
    return uuid_utils.compat.uuid7()


def json_list_holds(
    column: ColumnElement[Any] | Any, value: str | ColumnElement[str] | Any
) -> ColumnElement[bool]:
    """Return the condition that a column's JSON list of texts holds exactly `value`.

    `value` may be a column too, of names that need no escapes in JSON. Of a column that
    is null the answer is null.
    """
    quoted = json.dumps(value) if isinstance(value, str) else '"' + value + '"'
    # A JSON list is text in both databases, with each member in double quotes. LIKE
    # would not do: in names `_` is a letter like others, and SQLite's knows no case.
    text = cast(column, String)
    return text != func.replace(text, quoted, "", type_=String)


def insert_into(
    engine: Engine, table: type[Base] | Table
) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that may go on with ON CONFLICT, as the engine's database does.

    Both databases write that alike, but SQLAlchemy has it for each on its own.
    """
    if engine.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


_reads_only: ContextVar[bool] = ContextVar("reads_only", default=False)


@contextmanager
def reading_only(reads: bool = True) -> Iterator[None]:
    """Let transactions that begin inside take no write lock (a GET never commits).

    With `reads=False` it undoes an outer promise, for the one GET that may write.
    """
    token = _reads_only.set(reads)
    try:
        yield
    finally:
        _reads_only.reset(token)


def set_reads_only(reads: bool) -> None:
    """Set the promise for the rest of this context (one request)."""
    _reads_only.set(reads)


def engine_options(database_url: str) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for the database behind `database_url`."""
    # Not bounded here: the server's threads bound it, and each uses at most two, its
    # kept one and its session's. A smaller bound would make threads wait.
    # What fails is logged with its statement; the values in it are people's, and what a
    # stranger typed into the wrong field.
    options: dict[str, Any] = {"pool_size": 0, "hide_parameters": True}
    if database_url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000}}
    return options | {"pool_pre_ping": True}


def is_database_there(database_url: str) -> bool:
    """Tell whether connecting would find a database and not make an empty file."""
    url = make_url(database_url)
    if not url.drivername.startswith("sqlite"):
        return True
    return bool(url.database) and Path(str(url.database)).is_file()


def prepare_engine(engine: Engine, *, sqlite_synchronous: str = "FULL") -> None:
    """Make `engine` keep our habits; on SQLite: WAL, foreign keys, IMMEDIATE writes."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(dbapi: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if not isinstance(dbapi, sqlite3.Connection):
            return
        # The driver must not begin transactions by itself: `begin` below does.
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA synchronous = {sqlite_synchronous}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return
        # A deferred transaction that comes to write after a read fails at once when
        # another has written meanwhile, whatever the busy timeout: take the lock first.
        statement = "BEGIN" if _reads_only.get() else "BEGIN IMMEDIATE"
        connection.exec_driver_sql(statement)


_turns: weakref.WeakKeyDictionary[Engine, threading.Lock] = weakref.WeakKeyDictionary()


def write_turn(engine: Engine) -> AbstractContextManager[Any]:
    """Let this process's threads write to SQLite one after the other.

    SQLite admits one writer at a time, and the others ask it again and again whether
    they may begin. A thread that waits for our lock uses no CPU meanwhile. Other
    databases need no turns.
    """
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return _turns.setdefault(engine, threading.Lock())
