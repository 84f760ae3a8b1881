"""An app that has had very many tokens and secrets costs the API no more."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.accounts.models import User
from app.clients.models import ClientSecret
from app.clock import utcnow
from app.database import new_id
from app.extensions import db
from app.tokens.models import AccessToken
from app.web.counting import ENOUGH
from tests.factories import Factory, MadeClient
from tests.support.api_caller import Caller, is_problem, with_permissions
from tests.support.databases import count_statements


@pytest.fixture
def caller(app: Flask) -> Caller:
    return with_permissions(app, ["manage_system"])


def fill(app: Flask, client: MadeClient, count: int) -> None:
    """Give the app tokens, each of which expires later than the one before."""
    now = utcnow()
    rows = [
        {
            "id": new_id(),
            "client_id": uuid.UUID(client.id),
            "scope": str(number),
            "audience": "",
            "kid": "",
            "client_generation": 0,
            "issued_at": now,
            "expires_at": now + timedelta(hours=1, seconds=number),
        }
        for number in range(count)
    ]
    with app.app_context():
        db.session.execute(insert(AccessToken), rows)
        db.session.commit()


def retire(app: Flask, client: MadeClient, count: int) -> None:
    """Give the app secrets that ended, each made by somebody else."""
    now = utcnow()
    users = [
        {"id": new_id(), "email": key, "email_key": key, "password_hash": ""}
        for key in (f"maker{number}@{client.id}.example" for number in range(count))
    ]
    rows = [
        {
            "id": new_id(),
            "client_id": uuid.UUID(client.id),
            "digest": uuid.uuid4().bytes * 2,
            "hint": f"{number:04}",
            "created_at": now - timedelta(hours=count - number),
            "created_by_id": user["id"],
            "revoked_at": now - timedelta(days=100 if number == 0 else 1),
            "is_for_trial": number == 1,
        }
        for number, user in enumerate(users)
    ]
    with app.app_context():
        db.session.execute(insert(User), users)
        db.session.execute(insert(ClientSecret), rows)
        db.session.commit()


def scopes(page: dict[str, Any]) -> list[int]:
    return [int(token["scope"]) for token in page["tokens"]]


def test_tokens_end_at_a_thousand_and_go_on_from_the_last(
    app: Flask, caller: Caller, make: Factory
) -> None:
    client = make.client()
    fill(app, client, ENOUGH + 50)
    address = f"/clients/{client.id}/tokens"

    def page(**query: Any) -> dict[str, Any]:
        found: dict[str, Any] = caller.get(address, query_string=query).get_json()
        return found

    first = page(per_page=100)
    assert (first["total"], first["pages"]) == (ENOUGH, 10)
    assert scopes(first) == list(range(ENOUGH + 49, ENOUGH - 51, -1))
    assert scopes(page(per_page=100, page=10)) == list(range(149, 49, -1))
    assert page(per_page=100, page=11)["tokens"] == []
    end = page(per_page=100, page=10)["tokens"][-1]["expires_at"]
    rest = page(per_page=100, expires_by=end)
    assert rest["total"] == 51
    assert scopes(rest) == list(range(50, -1, -1))
    response = caller.get(address, query_string={"expires_by": "tomorrow"})
    assert "expires_by" in is_problem(response, 422)["errors"]


def test_what_is_read_of_tokens_has_a_bound(
    app: Flask, caller: Caller, make: Factory
) -> None:
    client = make.client()
    fill(app, client, 3)
    with count_statements(app) as statements:
        caller.get(f"/clients/{client.id}/tokens", query_string={"page": 900_000})
    listing = [s for s in statements if "ORDER BY access_tokens" in s]
    counted = [s for s in statements if "count(*)" in s and "access_tokens" in s]
    # Nothing lies on that page, so that nothing is looked for there.
    assert listing == []
    assert len(counted) == 1
    assert "LIMIT" in counted[0]


def test_secrets_that_ended_are_the_newest_and_read_at_once(
    app: Flask, caller: Caller, make: Factory
) -> None:
    client = make.client()
    retire(app, client, 4)
    address = f"/clients/{client.id}/secrets"
    with count_statements(app) as few:
        found = caller.get(address).get_json()["secrets"]
    assert [(s["hint"], s["is_live"], s["created_by"]) for s in found[:2]] == [
        ("0002", False, f"maker2@{client.id}.example"),
        ("0003", False, f"maker3@{client.id}.example"),
    ]
    assert [s["is_live"] for s in found[2:]] == [True]
    other = make.client()
    retire(app, other, 70)
    with count_statements(app) as many:
        listed = caller.get(f"/clients/{other.id}/secrets").get_json()["secrets"]
    assert len(many) == len(few)
    assert [s["hint"] for s in listed[:-1]] == [f"{n:04}" for n in range(20, 70)]
