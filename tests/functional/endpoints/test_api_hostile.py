"""Whatever is sent, the API answers with a problem, never with a fault of its own."""

import json
import uuid

import pytest
from flask import Flask

from tests.support.api_caller import Caller, is_problem, with_permissions

EVERYTHING = ("view_users", "manage_users", "manage_system")
JSON = "application/json"


@pytest.fixture
def caller(app: Flask) -> Caller:
    """A program that may do everything."""
    return with_permissions(app, EVERYTHING)


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"nonsense", b'{"email": "\xff\xfe"}', b"[" * 100_000, b'{"a": NaN}'],
)
def test_no_json(caller: Caller, body: bytes) -> None:
    for address in ("/users", "/clients"):
        response = caller.post(address, data=body, content_type=JSON)
        expected = 400 if body else 422
        is_problem(response, expected)


def test_more_that_is_no_json(caller: Caller) -> None:
    digits = b'{"expires_in": ' + b"9" * 10_000 + b"}"
    for body in (digits, b"\x00", b'{"email": "a@example.com"} x', b"\xfe\xff\x00{"):
        is_problem(caller.post("/users", data=body, content_type=JSON), 400)


@pytest.mark.parametrize("body", ["[]", "[{}]", '"text"', "1", "null", "true"])
def test_json_but_no_object(caller: Caller, body: str) -> None:
    is_problem(caller.post("/users", data=body, content_type=JSON), 400)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded"],
)
def test_other_media_types(caller: Caller, content_type: str) -> None:
    response = caller.post(
        "/users", data='{"email": "a@example.com"}', content_type=content_type
    )
    is_problem(response, 415)


def test_megabytes(caller: Caller) -> None:
    body = json.dumps({"email": "a" * 2_000_000})
    is_problem(caller.post("/users", data=body, content_type=JSON), 413)
    is_problem(caller.post("/clients", data=body, content_type=JSON), 413)


@pytest.mark.parametrize(
    "page", ["-1", "0", str(10**30), "9" * 5000, "x", "", "1.5", "\x00", "NaN", "1e3"]
)
def test_page_that_is_none(caller: Caller, page: str) -> None:
    for address in ("/users", "/clients"):
        document = is_problem(caller.get(address, query_string={"page": page}), 422)
        assert "page" in document["errors"]


@pytest.mark.parametrize("per_page", ["0", "101", "-5", str(10**20)])
def test_pages_that_are_too_long(caller: Caller, per_page: str) -> None:
    response = caller.get("/users", query_string={"per_page": per_page})
    assert "per_page" in is_problem(response, 422)["errors"]


def test_page_after_the_last_is_empty(caller: Caller) -> None:
    body = caller.get("/users", query_string={"page": "1000000"}).get_json()
    assert body["users"] == []
    assert body["page"] == 1_000_000


def test_long_addresses(caller: Caller) -> None:
    response = caller.get("/users", query_string={"search": "x" * 60_000})
    assert "search" in is_problem(response, 422)["errors"]
    assert caller.get("/users", query_string={"x": "y" * 60_000}).status_code == 200


@pytest.mark.parametrize(
    "search", ["%", "_", "\\", "'", '"; DROP TABLE users', "ß", "İ"]
)
def test_searches_are_only_text(caller: Caller, search: str) -> None:
    for address, name in (("/users", "users"), ("/clients", "clients")):
        response = caller.get(address, query_string={"search": search})
        assert response.status_code == 200
        assert response.get_json()[name] == []


def test_nul_and_bytes_that_are_no_text(caller: Caller) -> None:
    for query in ("search=%00", "search=a%00b", "%00=1&search=%00"):
        is_problem(caller.get(f"/users?{query}"), 422)
    for query in ("search=%ff%fe", "search=%ed%a0%80", "%ff=%ff"):
        assert caller.get(f"/clients?{query}").status_code == 200


@pytest.mark.parametrize(
    "identifier",
    ["abc", "%00", "a%00b", "..%2f..", "0" * 5000, "%ff", "{}", "null", "1", "-1"],
)
def test_identifiers_that_are_none(caller: Caller, identifier: str) -> None:
    for kind in ("users", "clients"):
        response = caller.get(f"/{kind}/{identifier}")
        assert response.status_code in {400, 404}
        is_problem(response, response.status_code)


def test_other_spellings_of_an_identifier(caller: Caller) -> None:
    client_id = caller.client.id
    for spelled in (f"{{{client_id}}}", client_id.replace("-", ""), f"{client_id}%00"):
        response = caller.get(f"/clients/{spelled}")
        is_problem(response, response.status_code)
    assert caller.get(f"/clients/{client_id}").status_code == 200


def test_identifiers_of_nothing(caller: Caller) -> None:
    missing = uuid.uuid4()
    for method, address in (
        ("GET", f"/users/{missing}"),
        ("POST", f"/users/{missing}/deactivate"),
        ("POST", f"/users/{missing}/activate"),
        ("GET", f"/clients/{missing}"),
        ("DELETE", f"/clients/{missing}"),
        ("POST", f"/clients/{missing}/restore"),
        ("GET", f"/clients/{missing}/secrets"),
        ("GET", f"/clients/{missing}/permissions"),
        ("GET", f"/clients/{missing}/tokens"),
        ("DELETE", f"/clients/{missing}/tokens"),
        ("DELETE", f"/clients/{missing}/tokens/{missing}"),
        ("DELETE", f"/clients/{missing}/secrets/{missing}"),
    ):
        is_problem(caller.send(method, address), 404)


@pytest.mark.parametrize(
    "value", ["a\x00b", "\ud800", 1, None, [], {}, True, "x" * 100_000]
)
def test_values_that_no_field_takes(caller: Caller, value: object) -> None:
    grant = {"grant_types": ["client_credentials"]}
    for address, given in (
        ("/users", {"email": value}),
        ("/users", {"email": "a@example.com", "name": value}),
        ("/users", {"email": "a@example.com", "password": value or 1}),
        ("/clients", {"client_name": value} | grant),
        ("/clients", {"client_name": "A", "description": value} | grant),
        ("/clients", {"client_name": "A", "grant_types": [value]}),
        ("/clients", {"client_name": "A", "redirect_uris": [value]} | grant),
        ("/clients", {"client_name": "A", "scope": value or 1} | grant),
        ("/clients", {"client_name": "A", "owner_id": value or 1} | grant),
        ("/clients", {"client_name": "A", "access_token_ttl": value or 0} | grant),
    ):
        if value != 1 or "ttl" not in str(given):
            is_problem(caller.post(address, json=given), 422)


def test_unknown_members_are_refused(caller: Caller) -> None:
    response = caller.post(
        "/users", json={"email": "a@example.com", "is_admin": True, "id": "1"}
    )
    errors = is_problem(response, 422)["errors"]
    assert set(errors) == {"is_admin", "id"}


def test_methods_that_are_not_taken(caller: Caller) -> None:
    for method in ("DELETE", "PUT", "PATCH", "POST"):
        response = caller.send(method, "/me")
        is_problem(response, 405)
        assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("if_match", ["nonsense", '"', "*", "W/", '"\xff"', "," * 5000])
def test_preconditions_of_any_spelling(caller: Caller, if_match: str) -> None:
    client_id = caller.client.id
    response = caller.patch(
        f"/clients/{client_id}",
        json={"description": "new"},
        headers={"If-Match": if_match},
    )
    assert response.status_code in {200, 412}


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/me",
        "/api/v1/me/",
        "/api/v1/%00",
        "/api//",
    ],
)
def test_addresses_of_nothing(app: Flask, address: str) -> None:
    response = app.test_client().get(address)
    assert response.status_code in {400, 404}
    is_problem(response, response.status_code)
