"""The audit log as a file: read in batches, so that any length fits into memory."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, Row, Select, tuple_

from app.audit.models import AuditEvent
from app.audit.words import in_words
from app.database import reading_only

BATCH = 500
#: What a spreadsheet takes for the beginning of a formula, in Japanese too.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
#: Where a cell begins, also for a spreadsheet that ends cells by semicolons or tabs.
_FORMULA = re.compile(rf"\A(?=[\t\r\n]|\s*[{_SIGNS}])|(?<=[;\t\r\n])(?=\s*[{_SIGNS}])")
COLUMNS = (
    "happened_at",
    "actor_kind",
    "actor_id",
    "actor_label",
    "action",
    "in_words",
    "subject_kind",
    "subject_id",
    "subject_label",
    "details",
    "ip_address",
    "reference_id",
    "id",
    "via_client_id",
)

Facts = dict[str, Any]


def csv_lines(events: Select[AuditEvent], engine: Engine) -> Iterator[str]:
    """Yield the events as CSV (RFC 4180), the names of the columns first.

    What a spreadsheet would take for a formula has an apostrophe before it.
    """
    yield _csv_line(COLUMNS)
    for facts in read(events, engine):
        details = json.dumps(facts["details"], ensure_ascii=False)
        cells = facts | {"details": details if facts["details"] else ""}
        yield _csv_line(_harmless(cells[name]) for name in COLUMNS)


def json_lines(events: Select[AuditEvent], engine: Engine) -> Iterator[str]:
    """Yield the events as JSON, one on each line."""
    for facts in read(events, engine):
        yield json.dumps(facts, ensure_ascii=False) + "\n"


def read(events: Select[AuditEvent], engine: Engine) -> Iterator[Facts]:
    """Yield the events that a select finds, newest first, as plain facts.

    Each batch is a short transaction that only reads, and begins where the last one
    ended: nothing is held while the reader takes its time.
    """
    columns = AuditEvent.__table__.c
    statement = events.with_only_columns(*columns).limit(BATCH)
    place = tuple_(columns.happened_at, columns.id)
    rows = _batch(engine, statement)
    while rows:
        yield from map(_facts, rows)
        if len(rows) < BATCH:
            return
        last = rows[-1]
        rows = _batch(engine, statement.where(place < (last.happened_at, last.id)))


def _batch(engine: Engine, statement: Select[Any]) -> list[Row[Any]]:
    with reading_only(), engine.connect() as connection:
        return list(connection.execute(statement))


def _facts(row: Row[Any]) -> Facts:
    known = row._asdict() | {
        "happened_at": row.happened_at.isoformat().replace("+00:00", "Z"),
        "in_words": in_words(row.action),
    }
    texts = {
        name: None if known[name] is None else str(known[name])
        for name in COLUMNS
        if name != "details"
    }
    return {name: row.details if name == "details" else texts[name] for name in COLUMNS}


def _harmless(cell: str | None) -> str:
    return _FORMULA.sub("'", cell or "")


def _csv_line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
