"""The token endpoint as a whole: no bytes fail it, and none but ours open it."""

import base64
import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.factories import Factory
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

FORM = "application/x-www-form-urlencoded"
BOUNDED = settings(
    max_examples=60,
    # One application serves every example; no example leaves anything for the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = (
    "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope",
    "client_id", "client_secret", "resource", "client_assertion", "assertion",
    "username", "password",
)  # fmt: skip
GRANTS = ("authorization_code", "client_credentials", "refresh_token", "password", "")
NOBODY = "00000000-0000-7000-8000-000000000000"
#: What a WSGI server may hand on as a header: anything of Latin-1 but line ends.
HEADERS = some.text(
    some.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60
)
BASIC = some.binary(max_size=60).map(
    lambda raw: f"Basic {base64.b64encode(raw).decode()}"
)
TYPES = some.sampled_from(
    [FORM, f"{FORM}; charset=utf-16", "application/json", "multipart/form-data",
     "multipart/form-data; boundary=x", "text/plain", ""]
)  # fmt: skip
VALUES = some.sampled_from([*GRANTS, NOBODY, "x", "gpc_x", "\0"]) | some.text(
    some.characters(codec="utf-8"), max_size=20
)
FIELDS = some.dictionaries(some.sampled_from(NAMES), VALUES, max_size=8)


DELEGABLE = ("read_orders", "write_orders", "read_stock")


@pytest.fixture
def service(parties: Parties) -> RelyingParty:
    """An app that acts as itself."""
    return parties.service("view_users")


@pytest.fixture
def orders(make: Factory) -> None:
    """Permissions that people can lend to apps."""
    for name in DELEGABLE:
        make.permission(name, is_delegable=True)


def _send(app: Flask, body: object, **request: Any) -> tuple[int, dict[str, Any]]:
    response = app.test_client().post("/oauth/token", data=body, **request)
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, json.loads(response.data)


@BOUNDED
@given(
    body=some.binary(max_size=200),
    header=some.none() | BASIC | HEADERS,
    content_type=TYPES | HEADERS,
    encoding=some.none() | some.sampled_from(["gzip", "deflate", "br", "x"]),
    query=some.none() | some.binary(max_size=20),
)
def test_no_bytes_fail_it_or_open_it(
    app: Flask,
    body: bytes,
    header: str | None,
    content_type: str,
    encoding: str | None,
    query: bytes | None,
) -> None:
    named = {"Authorization": header, "Content-Encoding": encoding}
    status, answer = _send(
        app,
        body,
        content_type=content_type,
        headers={name: value for name, value in named.items() if value is not None},
        query_string=None if query is None else query.decode("latin-1"),
    )
    assert status in {400, 401}
    assert "access_token" not in answer
    assert answer["error"]


@BOUNDED
@given(form=FIELDS, header=some.none() | BASIC)
def test_no_form_opens_it_without_a_credential(
    app: Flask, form: dict[str, str], header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    status, answer = _send(app, form, headers=headers)
    assert status in {400, 401}
    assert "access_token" not in answer


@pytest.mark.rfc("RFC 6749 §5.2", "an error is JSON with a code, in plain ASCII")
@BOUNDED
@given(form=FIELDS)
def test_a_client_gets_no_more_than_it_asks_for_well(
    service: RelyingParty, form: dict[str, str]
) -> None:
    good: dict[str, str | None] = {"grant_type": "client_credentials"}
    response = service.token(**(good | form))
    answer = response.get_json()
    if response.status_code == 200:
        assert form.get("grant_type") in {None, "client_credentials"}
        assert form.get("client_id") in {None, "", service.client_id}
        assert not form.get("client_secret")
        assert answer["scope"] == "view_users"
    else:
        assert response.status_code in {400, 401}
        assert set(answer) <= {"error", "error_description"}
        description = answer.get("error_description", "")
        assert description.isascii()
        assert not set(description) & set('"\\')


@settings(BOUNDED, max_examples=20)
@given(data=some.data())
def test_a_token_carries_what_was_asked_and_is_held(
    orders: None, parties: Parties, data: some.DataObject
) -> None:
    names = some.frozensets(some.sampled_from([*DELEGABLE, "openid"]), min_size=1)
    held = data.draw(some.frozensets(some.sampled_from(DELEGABLE)), label="held")
    party = parties.confidential(user=parties.person(*held))
    asked = data.draw(names, label="asked")
    tokens = party.tokens(scope=" ".join(asked))
    granted = asked & (held | {"openid"})
    assert frozenset(tokens["scope"].split()) == granted
    # Refreshing narrows for one token, and widens never.
    again = data.draw(names, label="asked again")
    response = party.refresh(tokens["refresh_token"], scope=" ".join(again))
    if again <= granted:
        narrowed = response.get_json()
        assert frozenset(narrowed["scope"].split()) == again
        whole = party.refresh(narrowed["refresh_token"]).get_json()
        assert frozenset(whole["scope"].split()) == granted
    else:
        assert response.get_json()["error"] == "invalid_scope"
