"""`/api/v1/me`: what every token may ask."""

import json

from flask import Flask

from tests.factories import Factory
from tests.support.api_caller import as_client, for_user
from tests.support.databases import count_statements


def test_client_credentials_token_is_the_app_itself(app: Flask, make: Factory) -> None:
    client = make.client("Invoice Sync", permissions=["view_users"])
    response = as_client(app, client).get("/me")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.get_json() == {
        "client_id": client.id,
        "client_name": "Invoice Sync",
        "user": None,
        "scope": "view_users",
        "permissions": ["view_users"],
    }


def test_user_token_acts_for_the_user(app: Flask, make: Factory) -> None:
    client = make.client("Portal", grant_types=["authorization_code"])
    user = make.user("ada@example.com", name="Ada Lovelace", permissions=["view_users"])
    body = for_user(app, client, user, scope="view_users").get("/me").get_json()
    assert body == {
        "client_id": client.id,
        "client_name": "Portal",
        "user": {
            "id": str(user.id),
            "email": "ada@example.com",
            "name": "Ada Lovelace",
        },
        "scope": "view_users",
        "permissions": ["view_users"],
    }


def test_token_without_any_permission_opens_it(app: Flask, make: Factory) -> None:
    body = as_client(app, make.client()).get("/me").get_json()
    assert body["scope"] == ""
    assert body["permissions"] == []


def test_markup_in_names_stays_text(app: Flask, make: Factory) -> None:
    name = "<script>alert('ü')</script>"
    response = as_client(app, make.client(name)).get("/me")
    assert response.get_json()["client_name"] == name
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_it_takes_one_select(app: Flask, make: Factory) -> None:
    client = make.client(grant_types=["client_credentials"])
    caller = as_client(app, client)
    assert caller.get("/me").status_code == 200
    with count_statements(app) as statements:
        assert caller.get("/me").status_code == 200
    assert [s.split()[0] for s in statements] == ["SELECT"]


def test_users_token_takes_one_select(app: Flask, make: Factory) -> None:
    client = make.client(grant_types=["authorization_code"])
    caller = for_user(app, client, make.user(permissions=["view_users"]))
    assert caller.get("/me").status_code == 200
    with count_statements(app) as statements:
        assert caller.get("/me").status_code == 200
    assert [s.split()[0] for s in statements] == ["SELECT"]


def test_answers_are_for_this_caller_only(app: Flask, make: Factory) -> None:
    response = as_client(app, make.client()).get("/me")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Authorization" in response.headers["Vary"]
    assert "Set-Cookie" not in response.headers


def test_head_is_answered_without_a_body(app: Flask, make: Factory) -> None:
    response = as_client(app, make.client()).send("HEAD", "/me")
    assert response.status_code == 200
    assert response.data == b""


def test_schema_names_exactly_what_is_sent(app: Flask, make: Factory) -> None:
    sent = as_client(app, make.client()).get("/me").get_json()
    document = json.loads(app.test_client().get("/api/v1/openapi.json").data)
    schema = document["components"]["schemas"]["Me"]
    assert set(schema["required"]) == set(schema["properties"]) == set(sent)
