"""Writing what was counted and noted: one upsert for each row, in short transactions.

Several processes write the same rows; each adds what it has seen, in the same order, so
that none waits for the other in a circle.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    case,
    delete,
    func,
    null,
    select,
    update,
)

from app.database import insert_into, new_id, write_turn
from app.traffic.models import HourlyCount, RefusedRequest
from app.traffic.reasons import Endpoint, Question, RefusalReason

#: Rows of one client, of requests without a client, and of all; the oldest go.
MAXIMUM_ROWS_EACH, MAXIMUM_ROWS = 500, 10_000
MAXIMUM_FINDINGS = 5

#: A finding as rows keep it.
Kept = dict[str, Any]
#: A client and the beginning of an hour.
Counted = tuple[uuid.UUID, datetime]

_refused: Table = RefusedRequest.__table__  # type: ignore[assignment]
_counts: Table = HourlyCount.__table__  # type: ignore[assignment]


@dataclass(slots=True)
class Tally:
    """How often something happened."""

    tokens: int = 0
    calls: int = 0
    refusals: int = 0

    def take_in(self, other: "Tally") -> None:
        """Add the other's numbers."""
        self.tokens += other.tokens
        self.calls += other.calls
        self.refusals += other.refusals


@dataclass(slots=True)
class Noted:
    """Refusals that fold into one row and are not written yet."""

    key: str
    endpoint: Endpoint
    reason: RefusalReason
    client_id: uuid.UUID | None
    facts: dict[str, Any]
    first_seen_at: datetime
    #: Whether it is the first time that this process notes any such.
    is_new: bool
    last_seen_at: datetime = field(init=False)
    count: int = 0
    reference_id: str | None = None
    ip_address: str | None = None
    #: What is to be asked about them, and when it was last worth asking.
    questions: dict[Question, datetime] = field(default_factory=dict)

    def see(self, *, now: datetime, ip_address: str | None) -> None:
        """Count another one."""
        self.count += 1
        self.last_seen_at = now
        self.ip_address = ip_address

    def take_in(self, older: "Noted") -> None:
        """Add those that were noted before."""
        self.count += older.count
        self.first_seen_at = older.first_seen_at
        self.is_new = self.is_new or older.is_new
        self.questions = older.questions | self.questions


def write_refusals(engine: Engine, refusals: Iterable[Noted]) -> None:
    """Add refusals to their rows, with what can be found out about them."""
    noted = sorted(refusals, key=lambda one: one.key)
    found = _find_out(engine, noted)
    rows = [_row(one, found.get(one.key, ())) for one in noted]
    with write_turn(engine), engine.begin() as connection:
        connection.execute(_upsert_refusals(engine), rows)
        _add_findings(connection, found)
        _let_the_oldest_go(connection, {one.client_id for one in noted if one.is_new})


def write_counts(engine: Engine, counts: Mapping[Counted, Tally]) -> None:
    """Add to the counts of each client and hour."""
    rows = [
        {
            "client_id": client_id,
            "hour": hour,
            "tokens": tally.tokens,
            "calls": tally.calls,
            "refusals": tally.refusals,
        }
        for (client_id, hour), tally in sorted(counts.items(), key=lambda one: one[0])
    ]
    statement = insert_into(engine, _counts)
    statement = statement.on_conflict_do_update(
        index_elements=["client_id", "hour"],
        set_={
            name: _counts.c[name] + statement.excluded[name]
            for name in ("tokens", "calls", "refusals")
        },
    )
    with write_turn(engine), engine.begin() as connection:
        connection.execute(statement, rows)


def _upsert_refusals(engine: Engine) -> Any:
    statement = insert_into(engine, _refused)
    new, old = statement.excluded, _refused.c
    return statement.on_conflict_do_update(
        index_elements=["fold_key"],
        set_={
            "count": old.count + new.count,
            "client_id": func.coalesce(old.client_id, new.client_id),
            "last_seen_at": new.last_seen_at,
            "last_reference_id": new.last_reference_id,
            "last_ip_address": new.last_ip_address,
            # What comes again after it was put aside is shown again.
            "dismissed_at": case(
                (new.last_seen_at > old.dismissed_at, null()), else_=old.dismissed_at
            ),
        },
    )


def _row(noted: Noted, findings: Sequence[Kept]) -> dict[str, Any]:
    whose = (finding.get("client_id") for finding in findings)
    found = next((uuid.UUID(str(one)) for one in whose if one), None)
    return {
        "id": new_id(),
        "fold_key": noted.key,
        "endpoint": str(noted.endpoint),
        "reason": str(noted.reason),
        "client_id": noted.client_id or found,
        "facts": noted.facts,
        "findings": [],
        "count": noted.count,
        "first_seen_at": noted.first_seen_at,
        "last_seen_at": noted.last_seen_at,
        "last_reference_id": noted.reference_id,
        "last_ip_address": noted.ip_address,
        "dismissed_at": None,
    }


def _find_out(engine: Engine, noted: Sequence[Noted]) -> dict[str, list[Kept]]:
    """Ask what is to be asked; return the answers by the key of the row, last first."""
    found: dict[str, list[Kept]] = {}
    asked = [one for one in noted if one.questions]
    if not asked:
        return found
    with engine.connect() as opened:
        connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        for one in asked:
            latest_first = sorted(
                one.questions.items(), key=lambda item: item[1], reverse=True
            )
            for question, at in latest_first:
                finding = question.ask(connection, question.about)
                if finding is not None:
                    found.setdefault(one.key, []).append(finding.kept(at=at))
    return found


def _add_findings(connection: Connection, found: Mapping[str, Sequence[Kept]]) -> None:
    """Put new findings before those of before; the same one stands there once."""
    if not found:
        return
    kept = connection.execute(
        select(_refused.c.id, _refused.c.fold_key, _refused.c.findings).where(
            _refused.c.fold_key.in_(found)
        )
    ).all()
    for row in kept:
        merged: dict[Any, Kept] = {}
        for finding in (*found[row.fold_key], *row.findings):
            merged.setdefault(_identity(finding), finding)
        connection.execute(
            update(_refused)
            .where(_refused.c.id == row.id)
            .values(findings=list(merged.values())[:MAXIMUM_FINDINGS])
        )


def _identity(finding: Kept) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((k, str(v)) for k, v in finding.items() if k != "at"))


def _let_the_oldest_go(
    connection: Connection, client_ids: Collection[uuid.UUID | None]
) -> None:
    for client_id in client_ids:
        is_its = (
            _refused.c.client_id.is_(None)
            if client_id is None
            else _refused.c.client_id == client_id
        )
        _keep_the_latest(connection, MAXIMUM_ROWS_EACH, is_its)
    if client_ids:
        _keep_the_latest(connection, MAXIMUM_ROWS)


def _keep_the_latest(connection: Connection, most: int, *conditions: Any) -> None:
    beyond = connection.scalar(
        select(_refused.c.last_seen_at)
        .where(*conditions)
        .order_by(_refused.c.last_seen_at.desc())
        .offset(most)
        .limit(1)
    )
    if beyond is not None:
        connection.execute(
            delete(_refused).where(*conditions, _refused.c.last_seen_at <= beyond)
        )
