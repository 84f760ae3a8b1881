"""What is settled before a view runs."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import reading_only
from tests.support.databases import count_statements
from tests.support.markup import parse
from tests.support.sample_pages import MakePages

LOOK = "/samples/reads"


def begins(pages: Flask, method: str, address: str) -> str:
    with count_statements(pages) as statements:
        answer = pages.test_client().open(address, method=method)
    assert answer.status_code == 200
    return statements[0]


@pytest.mark.parametrize(
    ("method", "address", "statement"),
    [
        ("GET", LOOK, "BEGIN"),
        ("HEAD", LOOK, "BEGIN"),
        ("POST", LOOK, "BEGIN IMMEDIATE"),
        ("GET", "/samples/writes", "BEGIN IMMEDIATE"),
    ],
)
def test_only_requests_that_may_write_take_the_lock(
    pages: Flask, method: str, address: str, statement: str
) -> None:
    assert begins(pages, method, address) == statement


def test_the_promise_ends_with_the_request(pages: Flask) -> None:
    with reading_only():
        assert begins(pages, "GET", LOOK) == "BEGIN"
        assert begins(pages, "POST", LOOK) == "BEGIN IMMEDIATE"
    assert begins(pages, "GET", "/samples/writes") == "BEGIN IMMEDIATE"


@pytest.mark.parametrize("address", ["/samples/open?q=a%00b", "/samples/class/a%00b"])
def test_nul_in_an_address_is_refused(visitor: FlaskClient, address: str) -> None:
    answer = visitor.get(address)
    assert answer.status_code == 400
    assert "could not be read" in answer.text


@pytest.mark.parametrize("data", [{"name": "a\0b"}, {"a\0b": "name"}])
def test_nul_in_a_form_is_refused(visitor: FlaskClient, data: dict[str, str]) -> None:
    assert visitor.post("/samples/change", data=data).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Referer": "https://["},
        {"Referer": "https://localhost:99999999/"},
        {"Referer": "https://localhost:port/"},
        {"Referer": "\xff\xfe"},
        {"Host": "["},
        {"Host": "a:b:c"},
    ],
)
def test_crooked_addresses_are_no_fault_of_ours(
    make_pages: MakePages, headers: dict[str, str]
) -> None:
    pages = make_pages(app_url="https://auth.example.com")
    pages.config["WTF_CSRF_ENABLED"] = True
    client = pages.test_client()
    base = "https://localhost"
    login = parse(client.get("/login", base_url=base).text)
    token = login.one("input", name="csrf_token")["value"]
    for address in ("/", "/login", "/samples/users", "/samples/nowhere"):
        read = client.get(address, headers=headers, base_url=base)
        assert read.status_code < 500, address
    # The token is right, so that the check of the referrer behind it is reached.
    sent = client.post(
        "/samples/change", data={"csrf_token": token}, headers=headers, base_url=base
    )
    assert sent.status_code == 400


def test_endpoints_for_programs_guard_themselves(visitor: FlaskClient) -> None:
    assert visitor.get("/samples/machine?q=a%00b").status_code == 200


def test_authlib_never_logs_token_responses(
    caplog: pytest.LogCaptureFixture, make_pages: MakePages
) -> None:
    logging.getLogger("authlib").setLevel(logging.DEBUG)
    make_pages()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("authlib.oauth2.rfc6749").debug({"access_token": "secret"})
    assert "secret" not in caplog.text
