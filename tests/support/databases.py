"""Databases for tests: migrated once a worker, emptied between tests."""

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Table, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from app import create_app
from app.config import Settings
from app.database import Base, set_reads_only
from app.extensions import db
from app.kept_connections import close_kept_connection
from app.traffic import unwritten
from tests.support.browsing import watch_sessions
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY

SERVER_URL = os.environ.get("TEST_DATABASE_URL", "")
NEEDS_POSTGRESQL = pytest.mark.skipif(
    not SERVER_URL, reason="PostgreSQL: TEST_DATABASE_URL is unset"
)
DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param(
        "postgresql",
        id="postgresql",
        marks=[pytest.mark.postgresql, NEEDS_POSTGRESQL],
    ),
]
# What a test counts must be its own: nothing is written behind its back. Whoever reads
# counts writes them first.
unwritten.INTERVAL_SECONDS = 3600.0

#: More connections than the thread of the tests needs.
MANY = 4
#: Rows that migrations put there and tests do not change for good.
BUILT_IN = ("permissions", "roles", "role_permissions")


@dataclass(frozen=True)
class Database:
    """A database by its address."""

    kind: str
    url: str
    apps: list[Flask] = field(default_factory=list)

    def settings(self, **overrides: object) -> Settings:
        """Return settings for an application over this database."""
        values: dict[str, object] = {
            "app_env": "testing",
            "secret_key": "for-tests-only-" + "0" * 32,
            "database_url": self.url,
            "sqlite_synchronous": "OFF",
            "passport_private_key": TEST_PRIVATE_KEY,
            "passport_public_key": TEST_PUBLIC_KEY,
        }
        return Settings.model_validate(values | overrides)

    def make_app(self, **overrides: object) -> Flask:
        """Return an application over this database."""
        app = create_app(self.settings(**overrides))
        app.testing = True
        watch_sessions(app)
        self.apps.append(app)
        return app

    def close(self) -> None:
        """Give back every connection that an application took."""
        for app in self.apps:
            _let_go(app)

    def empty(self, app: Flask) -> None:
        """Leave nothing but the built-in rows, also of what is still to be written."""
        set_reads_only(False)
        for another in self.apps:
            if another is not app:
                _let_go(another)
        with app.app_context():
            db.session.remove()
            unwritten.discard(db.engine)
            _close_idle_ones()
            with db.engine.begin() as connection:
                if self.kind == "postgresql":
                    # Audit events refuse to go; only a test may overrule that.
                    connection.execute(
                        text("SET LOCAL session_replication_role = replica")
                    )
                # Deleting few rows is much quicker than truncating as many tables.
                for table in reversed(_tables()):
                    if table.name not in BUILT_IN:
                        connection.execute(table.delete())
                _drop_added_built_ins(connection)


def _close_idle_ones() -> None:
    """Close what a test's threads had open at one moment: the server has but so many.

    A pool keeps them all for the next time.
    """
    pool = db.engine.pool
    if isinstance(pool, QueuePool) and pool.checkedin() > MANY:
        db.engine.dispose()


def _let_go(app: Flask) -> None:
    with app.app_context():
        unwritten.discard(db.engine)
        close_kept_connection(db.engine)
        db.engine.dispose()


def _tables() -> list[Table]:
    return Base.metadata.sorted_tables


def _drop_added_built_ins(connection: object) -> None:
    for table, key in (("permissions", "permission_id"), ("roles", "role_id")):
        added = f"SELECT id FROM {table} WHERE NOT is_built_in"
        # Replicas cascade nothing.
        connection.execute(
            text(f"DELETE FROM role_permissions WHERE {key} IN ({added})")
        )
        connection.execute(text(f"DELETE FROM {table} WHERE NOT is_built_in"))


@contextmanager
def count_statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL statements of this thread that run inside the block."""
    statements: list[str] = []
    ours = threading.get_ident()

    def collect(
        _connection: object, _cursor: object, statement: str, *_: object
    ) -> None:
        # The thread that writes what was counted may come between.
        if threading.get_ident() == ours:
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", collect)


@contextmanager
def make_database(kind: str, folder: Path) -> Iterator[Database]:
    """Make a database of `kind`, migrated to the newest state; drop it afterwards."""
    with make_empty_database(kind, folder) as database:
        app = database.make_app()
        with app.app_context():
            upgrade()
            db.session.remove()
        yield database


@contextmanager
def make_empty_database(kind: str, folder: Path) -> Iterator[Database]:
    """Make a database of `kind` without any table; drop it afterwards."""
    name = f"gatepass_test_{uuid.uuid4().hex[:12]}"
    if kind == "sqlite":
        database = Database(kind, f"sqlite:///{folder / name}.sqlite3")
        yield database
        database.close()
        return
    with psycopg.connect(SERVER_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        # As SQLite is told here too: no test cuts the power.
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    url = make_url(SERVER_URL).set(database=name)
    database = Database(kind, url.render_as_string(hide_password=False))
    try:
        yield database
    finally:
        database.close()
        with psycopg.connect(SERVER_URL, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
