"""What the hot paths cost in statements, and that each look-up has its index."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, bindparam, insert, select, text

from app import digests
from app.accounts.models import User
from app.clients.models import Client, ClientSecret
from app.clients.statements import _select_client
from app.clock import utcnow
from app.consents.models import Consent
from app.consents.statements import stands
from app.database import new_id
from app.extensions import db
from app.oauth.models import AuthorizationRequest
from app.tokens.models import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    TokenFamily,
)
from app.tokens.queries import live_token_count_for
from app.tokens.statements import _select_active
from tests.support.databases import count_statements
from tests.support.parties import Parties
from tests.support.query_plans import plan, selects
from tests.support.relying_party import RelyingParty

TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
ROWS = 3000
LONG_AGO = utcnow() - timedelta(days=9)


def _kinds(statements: list[str]) -> list[str]:
    return [statement.split(maxsplit=1)[0].upper() for statement in statements]


def test_client_credentials_cost_one_select_and_one_insert(parties: Parties) -> None:
    service = parties.service("view_users")
    service.act_as_itself()
    with count_statements(parties.app) as statements:
        assert service.act_as_itself().status_code == 200
    assert _kinds(statements) == ["SELECT", "INSERT"]


def test_a_protected_call_costs_one_select(parties: Parties) -> None:
    party = parties.confidential()
    for token in (
        party.tokens()["access_token"],
        party.act_as_itself().get_json()["access_token"],
    ):
        party.call(token)
        with count_statements(parties.app) as statements:
            assert party.call(token).status_code == 200
        assert _kinds(statements) == ["SELECT"]


def test_introspection_costs_two_selects(parties: Parties) -> None:
    service = parties.service("view_users")
    token = service.act_as_itself().get_json()["access_token"]
    with count_statements(parties.app) as statements:
        assert service.introspect(token)["active"]
    assert _kinds(statements) == ["SELECT", "SELECT"]


@pytest.mark.parametrize("header", ["unknown", "wrong secret"])
def test_a_refused_client_costs_one_select(parties: Parties, header: str) -> None:
    service = parties.service()
    service.client_secret = "wrong"
    if header == "unknown":
        service.client_id = "00000000-0000-7000-8000-000000000000"
    # The first request of a server publishes its key.
    service.act_as_itself()
    with count_statements(parties.app) as statements:
        assert service.act_as_itself().status_code == 401
    assert _kinds(statements) == ["SELECT"]


def test_an_exchange_stays_within_its_budget(party: RelyingParty) -> None:
    first = party.allow()["code"]
    party.redeem(first)
    code = party.allow()["code"]
    with count_statements(party.browser.app) as statements:
        assert party.redeem(code).status_code == 200
    kinds = [kind for kind in _kinds(statements) if kind not in TRANSACTIONS]
    assert kinds.count("SELECT") == 2
    assert kinds.count("UPDATE") == 1
    assert kinds.count("INSERT") == 3


def test_garbage_costs_no_look_up_of_tokens(parties: Parties) -> None:
    service = parties.service()
    service.act_as_itself()
    for token in ("x", "a.b.c", "gpr_" + "0" * 49):
        with count_statements(parties.app) as statements:
            service.introspect(token)
        assert _kinds(statements) == ["SELECT"], token


@pytest.fixture
def filled(app: Flask, parties: Parties) -> Iterator[Flask]:
    """Enough rows that a planner has reason to use an index."""
    parties.confidential().tokens()
    with app.app_context():
        for kind in (AccessToken, AuthorizationRequest):
            _copy(kind)
        clients, codes = _copy(Client), _copy(AuthorizationCode)
        _copy(ClientSecret, client_id=clients)
        users = _copy(User, email_key=[f"copy{number}" for number in range(ROWS)])
        _copy(Consent, client_id=clients, user_id=users)
        _copy(TokenFamily, client_id=clients, authorization_code_id=codes)
        _copy(RefreshToken, position=range(1, ROWS + 1))
        db.session.commit()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    yield app
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Other tests find these tables nearly empty, and count on no numbers.
            connection.execute(text("DELETE FROM sqlite_stat1"))
            connection.execute(text("ANALYZE sqlite_schema"))


def _copy(kind: type[Any], **values: Sequence[Any]) -> Sequence[Any]:
    """Add copies of the only row of `kind` and return their ids.

    Each has keys of its own; `values` are what other columns get.
    """
    table = kind.__table__
    row = db.session.execute(select(table)).mappings().one()
    values = {"id": [new_id() for _ in range(ROWS)]} | values
    copies = []
    for number in range(ROWS):
        copy = dict(row) | {name: its[number] for name, its in values.items()}
        if "digest" in copy:
            copy["digest"] = digests.digest(f"{table.name}{number}")
        if copy.get("expires_at"):
            copy["expires_at"] += timedelta(seconds=number)
        copies.append(copy)
    db.session.execute(insert(table), copies)
    return values["id"]


def _plan(query: Select[Any], parameters: dict[str, Any]) -> str:
    connection = db.session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    compiled = query.compile(dialect=connection.dialect)
    prefix = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    bound = compiled.construct_params(parameters)
    processed = {
        name: _processed(compiled, name, value) for name, value in bound.items()
    }
    if compiled.positional:
        values: Any = tuple(processed[name] for name in compiled.positiontup or ())
    else:
        values = processed
    rows = connection.exec_driver_sql(prefix + str(compiled), values).all()
    return "\n".join(str(row[-1]) for row in rows)


def _processed(compiled: Any, name: str, value: Any) -> Any:
    process = compiled._bind_processors.get(name)
    return process(value) if process else value


def _by_digest(kind: Any) -> Select[Any]:
    return select(kind.id).where(kind.digest == digests.digest("x"))


LOOK_UPS: dict[str, tuple[Callable[[], Select[Any]], str]] = {
    "bearer": (_select_active, "access_tokens"),
    "client": (_select_client, "clients"),
    "secrets of a client": (_select_client, "client_secrets"),
    "code": (lambda: _by_digest(AuthorizationCode), "authorization_codes"),
    "refresh token": (lambda: _by_digest(RefreshToken), "refresh_tokens"),
    "replay": (
        lambda: select(TokenFamily.id).where(
            TokenFamily.authorization_code_id == new_id()
        ),
        "token_families",
    ),
    "tokens of a family": (
        lambda: select(AccessToken.id).where(AccessToken.family_id == new_id()),
        "access_tokens",
    ),
    "families of a user": (
        lambda: select(TokenFamily.id).where(
            TokenFamily.client_id == new_id(), TokenFamily.user_id == new_id()
        ),
        "token_families",
    ),
    "apps of a user": (
        lambda: select(Consent.id).where(
            Consent.user_id == new_id(), stands(bindparam("now"))
        ),
        "consents",
    ),
    "users of an app": (
        lambda: select(Consent.id).where(
            Consent.client_id == new_id(), stands(bindparam("now"))
        ),
        "consents",
    ),
    "last tokens for a user": (
        lambda: select(AccessToken.id).where(AccessToken.user_id == new_id()),
        "access_tokens",
    ),
    "purge": (
        lambda: select(AccessToken.id).where(AccessToken.expires_at <= LONG_AGO),
        "access_tokens",
    ),
    "purge of requests": (
        lambda: select(AuthorizationRequest.id).where(
            AuthorizationRequest.expires_at <= LONG_AGO
        ),
        "authorization_requests",
    ),
}


def test_every_look_up_has_an_index(filled: Flask) -> None:
    with filled.app_context():
        for name, (query, table) in LOOK_UPS.items():
            parameters = {"token_id": new_id(), "client_id": new_id(), "now": utcnow()}
            plan = _plan(query(), parameters)
            assert f"SCAN {table}" not in plan, (name, plan)
            assert f"Seq Scan on {table}" not in plan, (name, plan)
            assert table in plan, (name, plan)


def test_a_persons_tokens_of_one_app_are_found_by_the_person(app: Flask) -> None:
    with app.app_context(), selects(app) as asked:
        assert live_token_count_for(new_id(), new_id()) == 0
    ((statement, parameters),) = asked
    steps = "\n".join(plan(app, statement, parameters))
    assert "ix_access_tokens_user_id" in steps
    assert "ix_access_tokens_client_id" not in steps
