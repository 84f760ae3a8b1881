"""Migrations: they lead to the models, step by step up and down, on every database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.types import TypeEngine

from app.config import PROJECT_ROOT
from app.database import Base, UtcDateTime
from app.extensions import db
from tests.support.databases import DATABASES, make_empty_database

REVISIONS = [
    script.revision
    for script in ScriptDirectory(str(PROJECT_ROOT / "migrations")).walk_revisions()
][::-1]
#: Foreign keys without an index of their own, each with the reason why none is needed.
#: Users and clients are never deleted: nothing looks rows up by these.
UNINDEXED = {
    ("authorization_codes", "client_id"): "codes are found by their digest",
    ("authorization_codes", "user_id"): "codes are found by their digest",
    ("authorization_requests", "user_id"): "requests are found by id and browser",
    ("client_secrets", "created_by_id"): "it is only shown",
    ("permission_grants", "client_id"): "holders are found by holder_id",
    ("permission_grants", "user_id"): "holders are found by holder_id",
    ("role_assignments", "client_id"): "holders are found by holder_id",
    ("role_assignments", "user_id"): "holders are found by holder_id",
    ("trials", "secret_id"): "trials are found by their id or client",
    ("trials", "user_id"): "trials are found by their id or client",
    ("token_families", "user_id"): "families are found by consent or client and user",
}


@pytest.fixture(scope="module", params=DATABASES)
def empty_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Return an application over a database without a table."""
    folder = tmp_path_factory.mktemp("migrations")
    with make_empty_database(request.param, folder) as database:
        app = database.make_app()
        with app.app_context():
            yield app
            db.session.remove()


@pytest.fixture
def inspector(empty_app: Flask) -> Iterator[Inspector]:
    """Return what looks at the newest state of the database."""
    upgrade()
    with db.engine.connect() as connection:
        yield inspect(connection)


def tables() -> set[str]:
    """Return the tables that are there, beside Alembic's own."""
    with db.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def state() -> dict[str, object]:
    """Return tables with columns, indexes and constraints, as the database has them."""
    found: dict[str, object] = {}
    with db.engine.connect() as connection:
        inspector = inspect(connection)
        for table in inspector.get_table_names():
            found[table] = (
                sorted((c["name"], str(c["type"]), c["nullable"])
                       for c in inspector.get_columns(table)),
                sorted(str(i["name"]) for i in inspector.get_indexes(table)),
                sorted(str(k["name"]) for k in inspector.get_foreign_keys(table)),
                sorted(str(u["name"]) for u in inspector.get_unique_constraints(table)),
                sorted(str(c["name"]) for c in inspector.get_check_constraints(table)),
            )  # fmt: skip
    return found


def test_each_step_goes_up_down_and_up_again(empty_app: Flask) -> None:
    downgrade(revision="base")
    states = [state()]
    for revision in REVISIONS:
        upgrade(revision=revision)
        above = state()
        downgrade(revision="-1")
        assert state() == states[-1], f"{revision} leaves something behind"
        upgrade(revision=revision)
        assert state() == above
        states.append(above)
    downgrade(revision="base")
    assert tables() == set()


def test_the_newest_state_is_what_the_models_say(inspector: Inspector) -> None:
    assert isinstance(inspector.bind, Connection)
    context = MigrationContext.configure(
        inspector.bind, opts={"compare_type": _compare_type}
    )
    assert compare_metadata(context, Base.metadata) == []


def _compare_type(
    _context: object,
    _inspected: object,
    _column: object,
    _inspected_type: TypeEngine[object],
    metadata_type: TypeEngine[object],
) -> bool | None:
    # SQLite does not tell whether a column keeps a time zone.
    return False if isinstance(metadata_type, UtcDateTime) else None


def test_every_constraint_has_a_name_of_ours(inspector: Inspector) -> None:
    for table in tables():
        named = {
            "pk": [inspector.get_pk_constraint(table)],
            "fk": inspector.get_foreign_keys(table),
            "uq": inspector.get_unique_constraints(table),
            "ck": inspector.get_check_constraints(table),
        }
        for prefix, constraints in named.items():
            for constraint in constraints:
                assert str(constraint["name"]).startswith(f"{prefix}_{table}"), table


def test_every_foreign_key_is_led_by_an_index(inspector: Inspector) -> None:
    missing = set()
    for table in tables():
        indexed = {
            columns[0]
            for columns in (
                *(index["column_names"] for index in inspector.get_indexes(table)),
                *(u["column_names"] for u in inspector.get_unique_constraints(table)),
                inspector.get_pk_constraint(table)["constrained_columns"],
            )
            if columns
        }
        missing |= {
            (table, key["constrained_columns"][0])
            for key in inspector.get_foreign_keys(table)
            if key["constrained_columns"][0] not in indexed
        }
    assert missing == set(UNINDEXED), sorted(missing)


def test_each_migration_says_what_it_does_and_follows_the_last() -> None:
    files = sorted(Path(PROJECT_ROOT, "migrations", "versions").glob("*.py"))
    assert [file.name[:4] for file in files] == REVISIONS
    for file in files:
        text_of_file = file.read_text()
        assert text_of_file.startswith('"""'), file
        assert "from app" not in text_of_file, "an old migration needs none of our code"


def test_the_built_in_rows_are_there_and_go_again(empty_app: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        names = set(connection.execute(text("SELECT name FROM permissions")).scalars())
    assert names >= {
        "manage_system",
        "view_users",
        "manage_users",
        "view_audit_log",
        "introspect_tokens",
    }
