"""What is asked of a database, and the steps by which it would answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.extensions import db


@contextmanager
def selects(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """Collect the questions that are put to the database inside the block."""
    asked: list[tuple[str, Any]] = []

    def collect(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_: Any
    ) -> None:
        if statement.lstrip("( ").upper().startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", collect)


def plan(app: Flask, statement: str, parameters: Any) -> list[str]:
    """Return the steps by which the database would answer."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            prefix = "EXPLAIN QUERY PLAN "
        else:
            prefix = "EXPLAIN "
            # Small tables are read as a whole unless there is another way at all.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(prefix + statement, parameters).all()
        return [str(row[-1]).strip() for row in rows]
