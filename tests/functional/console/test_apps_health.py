"""Each rule about the health of apps finds, over all apps, those that it speaks of."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.access.models import Permission, PermissionGrant, Role, RoleAssignment
from app.accounts.models import User
from app.audit.actor import Actor
from app.audit.services import record
from app.audit.words import CASE
from app.clients.models import Client, ClientSecret
from app.clock import DAY, utcnow
from app.developer.health.facts import facts_of_all
from app.developer.health.hints import RULES, candidates
from app.developer.health.rule import Rule
from app.extensions import db
from app.traffic.models import HourlyCount, RefusedRequest, begin_of_hour

#: Alike but for a letter that a pattern would take for any other, and for its case.
NAMES = ("read_it", "read.it", "READ_IT")
CODE, OWN = "authorization_code", "client_credentials"
ENDS = some.none() | some.integers(-2, 16).map(lambda days: utcnow() + days * DAY)
USES = some.none() | some.integers(0, 40).map(lambda hours: utcnow() - hours * DAY / 24)
URIS = some.sampled_from(
    ["http://localhost/cb", "http://127.0.0.1:8080/cb?https:", "http://[::1]/https:",
     "https://a.example.com/cb", "com.example.app:/cb", "http://localhost.example/cb"]
)  # fmt: skip
SECRETS = some.fixed_dictionaries(
    {
        "expires_at": ENDS,
        "last_used_at": USES,
        "shown_at": some.none() | some.just(utcnow()),
        "stored_at": some.none() | some.just(utcnow()),
        "revoked_at": some.none() | some.just(utcnow()),
        "is_for_trial": some.booleans(),
    }
)
APPS = some.fixed_dictionaries(
    {
        "grant_types": some.sampled_from([[CODE], [OWN], [CODE, OWN]]),
        "is_confidential": some.booleans(),
        "is_pkce_required": some.booleans(),
        "redirect_uris": some.lists(URIS, max_size=3),
        "scopes": some.none() | some.lists(some.sampled_from(NAMES), max_size=2),
        "disabled_at": some.none() | some.just(utcnow()),
    }
)
AROUND = some.fixed_dictionaries(
    {
        "secrets": some.lists(SECRETS, max_size=3),
        "owner": some.sampled_from(["nobody", "active", "gone"]),
        "holds": some.sampled_from(["nothing", "directly", "by role", "empty role"]),
        "requests": some.sampled_from([0, 60, 81]),
        "refusals": some.lists(some.sampled_from([1, 10, 19, 20]), max_size=3),
        "are_disputed": some.booleans(),
    }
)
BOUNDED = settings(
    max_examples=40,
    # Each example is rolled back, so that the next finds the database empty.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@BOUNDED
@given(
    apps=some.lists(some.tuples(APPS, AROUND), min_size=1, max_size=12),
    delegable=some.sets(some.sampled_from(NAMES)),
)
def test_whoever_has_a_hint_is_among_those_that_its_rule_finds(
    app: Flask,
    apps: list[tuple[dict[str, Any], dict[str, Any]]],
    delegable: set[str],
) -> None:
    with rolled_back(app):
        people = add_people_and_permissions(delegable)
        clients = [add_app(columns, around, people) for columns, around in apps]
        facts, now = facts_of_all(clients), utcnow()
        listed = set(db.session.scalars(candidates(100)))
        for rule in RULES:
            ids = ids_of(rule)
            for client in clients:
                hints = list(rule.find(client, facts[client.id], now))
                if any(hint.kind != "info" for hint in hints):
                    assert client.id in ids, f"{rule} misses {hints}"
                    assert client.id in listed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_each_rule_finds_something_or_is_for_an_apps_own_page(
    app: Flask, rule: Rule
) -> None:
    with app.app_context():
        db.session.rollback()
        if type(rule).candidates is Rule.candidates:
            assert type(rule).__name__ in {"NeverUsed", "NoOwner", "NobodyHoldsIt"}
        else:
            assert ids_of(rule) == set()


def ids_of(rule: Rule) -> set[uuid.UUID]:
    found = rule.candidates()
    return set() if found is None else set(db.session.scalars(found))


@contextmanager
def rolled_back(app: Flask) -> Iterator[None]:
    with app.app_context():
        try:
            yield
        finally:
            db.session.rollback()


def add_people_and_permissions(delegable: set[str]) -> dict[str, User | None]:
    built_in = db.session.scalars(db.select(Permission))
    for permission in built_in:
        permission.is_delegable = False
    permissions = [Permission(name=n, is_delegable=n in delegable) for n in NAMES]
    full = Role(name="Full", permissions=permissions[:1])
    gone = {"deactivated_at": utcnow()}
    people = {name: person(name, **(gone if name == "gone" else {}))
              for name in ("active", "gone")}  # fmt: skip
    db.session.add_all([*permissions, full, Role(name="Empty"), *people.values()])
    db.session.flush()
    return {"nobody": None, **people}


def person(name: str, **columns: Any) -> User:
    email = f"{name}@example.com"
    return User(email=email, email_key=email, name=name, password_hash="!", **columns)


def add_app(
    columns: dict[str, Any], around: dict[str, Any], people: dict[str, User | None]
) -> Client:
    client = Client(name="Some app", owner=people[around["owner"]], **columns)
    db.session.add(client)
    db.session.flush()
    for secret in around["secrets"]:
        digest = uuid.uuid4().bytes * 2
        row = ClientSecret(client_id=client.id, digest=digest, hint="wxyz", **secret)
        db.session.add(row)
    give(client, around["holds"])
    if around["are_disputed"]:
        record(
            actor=Actor(kind="user", id=uuid.uuid4(), label="Ada", reference_id="r"),
            action=CASE,
            subject_kind="client",
            subject_id=client.id,
            subject_label=client.name,
        )
    count(client, around["requests"], around["refusals"])
    db.session.flush()
    return client


def give(client: Client, how: str) -> None:
    if how == "directly":
        permission = db.session.scalars(db.select(Permission).limit(1)).one()
        grant = PermissionGrant(client_id=client.id, permission_id=permission.id)
        db.session.add(grant)
    elif how != "nothing":
        name = "Full" if how == "by role" else "Empty"
        role = db.session.scalars(db.select(Role).where(Role.name == name)).one()
        db.session.add(RoleAssignment(client_id=client.id, role_id=role.id))


def count(client: Client, requests: int, refusals: list[int]) -> None:
    """Write what was asked for and refused in the last day, as the server does."""
    hour = begin_of_hour(utcnow())
    db.session.add(
        HourlyCount(
            client_id=client.id,
            hour=hour,
            tokens=requests,
            calls=0,
            refusals=sum(refusals),
        )
    )
    db.session.add_all(
        RefusedRequest(
            endpoint="token",
            reason="secret_wrong",
            fold_key=uuid.uuid4().hex[:16],
            client_id=client.id,
            count=number,
        )
        for number in refusals
    )
