"""Runs migrations over the application's own engine, each run in one transaction."""

from importlib import import_module

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine

from app.config import PROJECT_ROOT
from app.database import UtcDateTime

for models in sorted((PROJECT_ROOT / "app").glob("*/models.py")):
    import_module(f"app.{models.parent.name}.models")

db = current_app.extensions["migrate"].db


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write plain SQLAlchemy types, so that old migrations need none of our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(
    _context: object,
    _inspected: object,
    _column: object,
    _inspected_type: TypeEngine,
    metadata_type: TypeEngine,
) -> bool | None:
    """Leave our times out of the comparison: SQLite does not keep the time zone."""
    return False if isinstance(metadata_type, UtcDateTime) else None


def run(connection: Connection) -> None:
    """Run over `connection`."""
    if connection.dialect.name == "sqlite":
        # A table is rebuilt by dropping it, which must not cascade; SQLite takes this
        # setting only outside a transaction.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")


with db.engine.connect() as connection:
    run(connection)
