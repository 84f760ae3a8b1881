"""The audit log: complete, in plain words, and only ever added to."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.audit.services import record
from app.audit.words import ACTIONS, is_known
from app.config import PROJECT_ROOT
from app.extensions import db
from tests.support.databases import DATABASES, SERVER_URL, make_empty_database

SOURCES = sorted(Path(PROJECT_ROOT, "app").rglob("*.py"))
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
#: Functions that write an event; an action is what is passed to one of them.
RECORDERS = {
    "record", "record_on_client", "record_on_user",
    "_record", "_record_theft", "_finish", "_end",
}  # fmt: skip
#: Functions that give nobody the actor, each with what they take it for.
ONLY_LOOK = {
    "record": "it writes the event",
    "record_on_client": "the same",
    "record_on_user": "the same",
    "_check_is_somebody_else": "whether it is the person themselves",
    "contents_of": "who sent a request with an idempotency key",
}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
#: Views that commit without an actor, each with the reason why that is no event.
NO_EVENT = {
    "oauth_authorization.authorization_endpoint_by_post": "it only keeps the request",
    "developer.put_aside": "a refusal put aside changes no app, and comes back",
    "developer.put_back": "the same",
    "oauth_tokens.revocation_endpoint": "the token's row tells when and by whom",
}


def calls(source: str) -> Iterator[ast.Call]:
    return calls_in(ast.parse(source))


def calls_in(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node


def given_to(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def name_of(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def actions_in(node: ast.AST, constants: dict[str, str]) -> set[str]:
    """Return the actions that stand in an expression, or that its names stand for."""
    return {
        text
        for part in ast.walk(node)
        if ACTION.fullmatch(
            text := str(part.value)
            if isinstance(part, ast.Constant)
            else constants.get(part.id, "")
            if isinstance(part, ast.Name)
            else ""
        )
    }


def named_actions() -> dict[str, str]:
    """Return the constants of modules that stand for an action."""
    return {
        target.id: str(node.value.value)
        for file in SOURCES
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and ACTION.fullmatch(str(node.value.value))
    }


def recorded_actions() -> set[str]:
    """Return every action that is written down somewhere as one."""
    constants, found = named_actions(), set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and name_of(node) in RECORDERS:
                for value in given_to(node):
                    found |= actions_in(value, constants)
            elif isinstance(node, ast.Assign) and is_named("action", node.targets):
                found |= actions_in(node.value, constants)
    return found


def is_named(name: str, targets: list[ast.expr]) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in targets)


def test_every_action_is_called_something() -> None:
    actions = recorded_actions()
    assert {"client.registered", "user.signed_in", "refresh_token.reused"} <= actions
    assert [action for action in sorted(actions) if not is_known(action)] == []


def test_there_are_words_for_nothing_that_never_happens() -> None:
    known = {action for group in ACTIONS.values() for action in group}
    assert known - recorded_actions() == set()


def test_nothing_changes_or_removes_an_event() -> None:
    """Where the database does not refuse it, nobody may try."""
    for file in SOURCES:
        source = file.read_text()
        assert not re.search(
            r"(UPDATE|DELETE FROM|TRUNCATE)\s+audit_events", source, re.IGNORECASE
        ), file
        for call in calls(source):
            if name_of(call) in {"update", "delete", "purge_rows", "merge"}:
                named = {n.id for n in ast.walk(call) if isinstance(n, ast.Name)}
                assert "AuditEvent" not in named, f"{file}:{call.lineno}"


def trees_within(view: Callable[..., Any]) -> list[ast.AST]:
    """Return a view as a tree, and the functions of its module that it calls."""
    view = inspect.unwrap(view)
    module = inspect.getmodule(view)
    seen: dict[str, ast.AST] = {}
    waiting = [view]
    while waiting:
        function = waiting.pop()
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        seen[function.__name__] = tree
        for call in calls_in(tree):
            called = getattr(module, name_of(call), None)
            if (
                inspect.isfunction(called)
                and called.__module__ == function.__module__
                and called.__name__ not in seen
            ):
                waiting.append(called)
    return list(seen.values())


def is_current_actor(value: ast.AST | None) -> bool:
    return isinstance(value, ast.Call) and name_of(value).endswith("current_actor")


def says_who_acts(function: ast.AST) -> bool:
    """Tell whether somebody is told by `current_actor()` who acts, also by a name."""
    names = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and is_current_actor(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(
        is_current_actor(value) or (isinstance(value, ast.Name) and value.id in names)
        for call in calls_in(function)
        for value in given_to(call)
    )


def test_whatever_commits_says_who_did_it(session_app: Flask) -> None:
    silent, looked_at = set(), 0
    for rule in session_app.url_map.iter_rules():
        view = session_app.view_functions[rule.endpoint]
        if not CHANGES & (rule.methods or set()) or rule.endpoint in NO_EVENT:
            continue
        trees = trees_within(view)
        if any(name_of(call) == "commit" for tree in trees for call in calls_in(tree)):
            looked_at += 1
            if not any(map(says_who_acts, trees)):
                silent.add(rule.endpoint)
    assert looked_at > 30
    assert silent == set(), "pass current_actor() to a service that records"


def test_whoever_is_told_who_acts_passes_it_on() -> None:
    """A function that takes an actor records it, or hands it to one that does."""
    silent, looked_at = set(), 0
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            arguments = [*node.args.args, *node.args.kwonlyargs]
            if "actor" in {a.arg for a in arguments} and node.name not in ONLY_LOOK:
                looked_at += 1
                if not passes_on("actor", node):
                    silent.add(f"{file.name}:{node.lineno} {node.name}")
    assert looked_at > 50
    assert silent == set()


def passes_on(name: str, function: ast.FunctionDef) -> bool:
    """Tell whether a function gives its argument to another, or says whose it is."""
    for part in ast.walk(function):
        given: list[ast.expr | None] = []
        if isinstance(part, ast.Call):
            given = [*given_to(part)]
        elif isinstance(part, ast.Dict):
            # Given as keywords later.
            given = [*part.values]
        if any(isinstance(value, ast.Name) and value.id == name for value in given):
            return True
    return False


@pytest.fixture
def event_in(app: Flask) -> Iterator[AuditEvent]:
    """An event that is in the database."""
    with app.app_context():
        event = record(actor=SERVER, action="rows.purged", subject_kind="server")
        db.session.commit()
        yield event
        db.session.rollback()


def test_the_models_refuse_to_change_an_event(event_in: AuditEvent) -> None:
    event_in.actor_label = "somebody else"
    with pytest.raises(RuntimeError, match="only ever added"):
        db.session.flush()
    db.session.rollback()
    db.session.delete(event_in)
    with pytest.raises(RuntimeError, match="only ever added"):
        db.session.flush()


CHANGING = (
    "UPDATE audit_events SET actor_label = 'somebody else'",
    "UPDATE audit_events SET action = action WHERE false",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events",
    "INSERT INTO audit_events SELECT * FROM audit_events "
    "ON CONFLICT (id) DO UPDATE SET actor_label = 'somebody else'",
)


@pytest.mark.parametrize("database", DATABASES[1:], indirect=True)
@pytest.mark.parametrize("statement", CHANGING)
def test_postgresql_refuses_to_change_an_event(
    event_in: AuditEvent, statement: str
) -> None:
    """By the application's own connection, and so by the owner of the table."""
    event_id = event_in.id
    with pytest.raises(DBAPIError, match="only ever added"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert db.session.get_one(AuditEvent, event_id).actor_label == "Gatepass"


def test_the_protection_can_be_lifted_and_put_back(tmp_path: Path) -> None:
    """A migration down and up again leaves it as it was."""
    if not SERVER_URL:
        pytest.skip("PostgreSQL: TEST_DATABASE_URL is unset")
    with make_empty_database("postgresql", tmp_path) as empty:
        app = empty.make_app()
        with app.app_context():
            upgrade()
            downgrade(revision="0013")
            with db.engine.begin() as connection:
                connection.execute(text("DELETE FROM audit_events"))
            upgrade()
            with (
                pytest.raises(DBAPIError, match="only ever added"),
                db.engine.begin() as connection,
            ):
                connection.execute(text("DELETE FROM audit_events"))
            db.session.remove()
