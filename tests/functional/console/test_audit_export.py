"""The audit log as a file: whole, harmless, and as long as it likes."""

import csv
import io
import json
import re
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.audit.actor import Actor
from app.audit.export import BATCH, COLUMNS, csv_lines, json_lines
from app.audit.filters import Filters
from app.audit.models import AuditEvent
from app.audit.services import record
from app.database import new_id
from app.extensions import db
from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import parse

AUDIT, EXPORT = "/audit", r"/audit/export"
MANY = 20_000


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def exported(console: Console, query: str, file_format: str) -> Any:
    """Press one of the two buttons of a narrowed log."""
    return console.send(f"{AUDIT}?{query}", {"format": file_format}, action=EXPORT)


def happened(app: Flask, about: str, **details: Any) -> None:
    with app.app_context():
        record(
            actor=Actor(
                kind="user", label="Grace", ip_address="192.0.2.7", reference_id="abc"
            ),
            action="client.updated",
            subject_kind="client",
            subject_label=about,
            details=details,
        )
        db.session.commit()


def test_csv_has_a_line_for_each_event_that_the_filters_let_through(
    app: Flask, console: Console
) -> None:
    happened(app, 'Invoice "Sync",\nnightly', name=["Old", "Grüße"])
    answer = exported(console, "actor=Grace", "csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "no-store" in answer.headers["Cache-Control"]
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="audit-')
    (event,) = csv.DictReader(io.StringIO(answer.text))
    assert tuple(event) == COLUMNS
    assert event["subject_label"] == 'Invoice "Sync",\nnightly'
    assert json.loads(event["details"]) == {"name": ["Old", "Grüße"]}
    assert (event["ip_address"], event["reference_id"]) == ("192.0.2.7", "abc")
    moment = datetime.fromisoformat(event["happened_at"])
    assert event["happened_at"].endswith("Z")
    assert datetime.now(UTC) - moment < timedelta(minutes=5)


def test_json_lines_hold_the_same_facts(app: Flask, console: Console) -> None:
    happened(app, "Grüße", name=["Old", "New"])
    answer = exported(console, "actor=Grace", "jsonl")
    assert answer.mimetype == "application/jsonl"
    (line,) = answer.text.splitlines()
    event = json.loads(line)
    assert tuple(event) == COLUMNS
    assert event["in_words"] == "changed the settings"
    assert event["details"] == {"name": ["Old", "New"]}
    assert event["actor_id"] is None


#: Names that end a cell or a line for whoever reads carelessly.
HOSTILE = (
    "a,b", "a;b", 'a "b" c', '"', '""', "'", "a\nb", "a\r\nb", "a\rb", "a\tb", "a\\",
    "a\\\"b", '",', '"\n"', "\u2028", "\x1e", "\ufeffa", "\u202ea", "", " a ", "NULL",
)  # fmt: skip


FIELD = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
RFC_4180 = re.compile(rf"(?:{FIELD}(?:,{FIELD})*\r\n)+")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_written_is_read(app: Flask, console: Console, name: str) -> None:
    """As RFC 4180 §2 has it: lines end in CRLF, and quotes keep what ends a cell."""
    happened(app, name, name=["before", name])
    text = exported(console, "actor=Grace", "csv").text
    head, event = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert text.endswith("\r\n")
    assert len(event) == len(head) == len(COLUMNS)
    facts = dict(zip(head, event, strict=True))
    assert facts["subject_label"] == name
    assert json.loads(facts["details"]) == {"name": ["before", name]}
    assert (facts["actor_label"], facts["reference_id"]) == ("Grace", "abc")
    assert RFC_4180.fullmatch(text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "  =", "\n=", "\t@"])
def test_no_spreadsheet_finds_a_formula_within(
    app: Flask, console: Console, delimiter: str, sign: str
) -> None:
    """However it separates cells: many do so by semicolons, for decimal commas."""
    for before in ("", "a", 'a"', "a,", 'a",', "a\r\n", 'a"\r\n'):
        happened(
            app, f"{before}{delimiter}{sign}1+1", name=f"{before}{delimiter}{sign}"
        )
    text = exported(console, "actor=Grace", "csv").text
    for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        for cell in line:
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d")), line


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(app: Flask, console: Console, first: str) -> None:
    name = f'{first}HYPERLINK("https://evil.example","x")'
    happened(app, name, name=name)
    answer = exported(console, "actor=Grace", "csv")
    (event,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert event["subject_label"] == f"'{name}"
    for cell in event.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_who_took_the_log_is_in_the_log(app: Flask, console: Console) -> None:
    happened(app, "Invoice Sync")
    exported(console, "actor=Grace&since=2020-01-01", "csv")
    with app.app_context():
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "audit.exported")
        ).one()
        assert event.actor_id == console.person.id
        assert event.ip_address == "127.0.0.1"
        assert event.reference_id
        assert event.details == {
            "format": "csv",
            "filters": "actor: Grace, since: 2020-01-01",
        }
    assert "Ada exported the audit log" in parse(console.get(AUDIT).text).text


def test_an_export_needs_the_button_and_the_permission(
    app: Flask, console: Console, make: Factory, browser: Browser
) -> None:
    assert exported(console, "", "exe").status_code == 400
    person = make.user(permissions=["view_users"])
    browser.sign_in(person.email, person.password)
    browser.get("/account/security")
    token = browser.form()["fields"]["csrf_token"]
    answer = browser.client.post(
        f"{AUDIT}/export", data={"csrf_token": token, "format": "csv"}
    )
    assert answer.status_code == 403
    with app.app_context():
        assert not db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "audit.exported")
        ).all()


def fill(app: Flask, count: int) -> None:
    """Put very many events into the log, some at the same moment."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with app.app_context():
        db.session.execute(
            insert(AuditEvent),
            [
                {
                    "id": new_id(),
                    "happened_at": start + timedelta(seconds=number // 7),
                    "action": "client.updated",
                    "actor_kind": "command",
                    "actor_label": "many",
                    "subject_kind": "client",
                    "subject_label": f"App {number}",
                    "details": {"name": ["x" * 100, "y" * 100]},
                }
                for number in range(count)
            ],
        )
        db.session.commit()


def test_any_length_passes_through_little_memory(app: Flask) -> None:
    fill(app, MANY)
    with app.app_context(), count_statements(app) as statements:
        tracemalloc.start()
        try:
            lines = csv_lines(Filters(actor="many").select(), db.engine)
            count = sum(1 for _ in lines)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert count == MANY + 1
    assert most < 6 * 1024 * 1024, "all of it would take more than twenty"
    # So many batches, and the look whether there is another.
    assert len([s for s in statements if "audit_events" in s]) == MANY / BATCH + 1


def test_each_event_comes_once_and_the_newest_first(app: Flask) -> None:
    fill(app, 3 * BATCH + 1)
    with app.app_context():
        events = [
            json.loads(line) for line in json_lines(Filters().select(), db.engine)
        ]
    assert len({event["id"] for event in events}) == len(events) == 3 * BATCH + 1
    order = [(event["happened_at"], event["id"]) for event in events]
    assert order == sorted(order, reverse=True)


def test_nothing_is_held_while_the_reader_takes_its_time(app: Flask) -> None:
    fill(app, BATCH + 1)
    with app.app_context():
        lines = json_lines(Filters().select(), db.engine)
        next(lines)
        record(
            actor=Actor(kind="command", label="meanwhile"),
            action="client.updated",
            subject_kind="client",
        )
        db.session.commit()
        assert sum(1 for _ in lines) == BATCH
