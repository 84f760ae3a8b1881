"""No input makes the protocol fail: each gets an answer in the protocol's own words."""

import base64

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

FORM = "application/x-www-form-urlencoded"
ENDPOINTS = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
NASTY = (
    b"%00", b"a%00b", b"%ff%fe", b"\xff\xfe", b"%ED%A0%80", b"%F0%9F%90%8D", b"%27",
    b"%22", b"%5C", b"%C3%A9", b"%0D%0ASet-Cookie:%20x=y", b"x" * 100_000, b"%zz",
    b"%", b"", b"{}", b"[]", b"null", b"-1", b"1e999", b"%2e%2e%2f", b"${7*7}",
    b"%25s%25n", b"%20",
)  # fmt: skip
NAMES = (
    b"grant_type", b"code", b"redirect_uri", b"code_verifier", b"refresh_token",
    b"scope", b"client_id", b"client_secret", b"token", b"token_type_hint",
)  # fmt: skip


def _is_protocol_answer(response: TestResponse) -> None:
    """Assert that this is an answer of the endpoint and not a failure."""
    assert response.status_code in {200, 400, 401, 413}, response.text
    assert response.headers["Cache-Control"] == "no-store"
    if response.status_code in {400, 401}:
        body = response.get_json()
        assert body["error"]
        # RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E, and nothing of the request.
        description = body.get("error_description", "")
        assert description.isascii()
        assert not set(description) & set('"\\')
        assert len(description) < 200


def _basic(party: RelyingParty) -> dict[str, str]:
    pair = f"{party.client_id}:{party.client_secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


@pytest.mark.parametrize(
    "grant_type",
    [b"authorization_code", b"refresh_token", b"client_credentials", b"x", None],
)
def test_every_parameter_takes_anything(
    party: RelyingParty, grant_type: bytes | None
) -> None:
    client, headers = party.browser.app.test_client(), _basic(party)
    good = {b"code": b"x", b"refresh_token": b"x", b"token": b"x"}
    if grant_type:
        good[b"grant_type"] = grant_type
    for address in ENDPOINTS if grant_type is None else ENDPOINTS[:1]:
        for name in NAMES:
            for value in NASTY:
                fields = (good | {name: value}).items()
                body = b"&".join(b"=".join(pair) for pair in fields)
                response = client.post(
                    address, data=body, content_type=FORM, headers=headers
                )
                _is_protocol_answer(response)


@pytest.mark.rfc("RFC 6749 §3.2", "parameters are not sent more than once")
def test_repeated_parameters_are_refused(party: RelyingParty) -> None:
    client, headers = party.browser.app.test_client(), _basic(party)
    for name in ("grant_type", "scope", "client_id", "token", "unknown"):
        for address in ENDPOINTS:
            body = f"grant_type=client_credentials&token=x&{name}=a&{name}=a"
            response = client.post(
                address, data=body, content_type=FORM, headers=headers
            )
            assert response.status_code == 400
            assert response.get_json()["error"] == "invalid_request"


@pytest.mark.rfc("RFC 6749 §3.2", "a parameter without a value counts as absent")
def test_blank_parameters_are_absent(party: RelyingParty) -> None:
    response = party.act_as_itself(scope="", client_id="", client_secret="", extra="")
    assert response.get_json()["scope"] == "view_users"


@pytest.mark.rfc("RFC 6749 §3.2", "unrecognized parameters are ignored")
def test_unknown_parameters_are_ignored(party: RelyingParty) -> None:
    response = party.act_as_itself(audience="y", nonsense="é'\"")
    assert response.status_code == 200


@pytest.mark.rfc("RFC 6749 §3.2", "the token endpoint takes POST only")
def test_other_methods_are_refused(app: Flask) -> None:
    client = app.test_client()
    for address in ENDPOINTS:
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
            response = client.open(address, method=method)
            assert response.status_code == 405
            assert "POST" in response.headers["Allow"]
            assert response.content_type == "application/problem+json"


@pytest.mark.rfc("RFC 6749 §3.2", "parameters come in a form, in UTF-8")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type":"client_credentials"}', "application/json"),
        (b'["grant_type"]', "application/json"),
        (b"[]", FORM),
        (b"null", "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials", ""),
        (b"grant_type=client_credentials", f"{FORM}; charset=utf-16"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"\x1f\x8b\x08\x00", FORM),
        (bytes(range(256)), FORM),
        (b"&".join(b"p%d=1" % n for n in range(5000)), FORM),
        (b"", FORM),
    ],
    ids=range(12),
)  # fmt: skip
def test_bodies_that_are_no_form(
    party: RelyingParty, body: bytes, content_type: str
) -> None:
    client, headers = party.browser.app.test_client(), _basic(party)
    for address in ENDPOINTS:
        response = client.post(
            address, data=body, content_type=content_type, headers=headers
        )
        assert response.status_code == 400, response.text
        assert response.get_json()["error"] == "invalid_request"


def test_utf_8_may_be_said(party: RelyingParty) -> None:
    response = party.browser.app.test_client().post(
        "/oauth/token",
        data=b"grant_type=client_credentials",
        content_type=f"{FORM}; charset=UTF-8",
        headers=_basic(party),
    )
    assert response.status_code == 200


def test_parameters_in_the_address_are_refused(party: RelyingParty) -> None:
    for query in ("scope=view_users", "x", "grant_type=client_credentials", "%ff"):
        response = party.browser.app.test_client().post(
            f"/oauth/token?{query}",
            data=b"grant_type=client_credentials",
            content_type=FORM,
            headers=_basic(party),
        )
        assert response.status_code == 400
        assert response.get_json()["error"] == "invalid_request"


@pytest.mark.parametrize("size", [40_000, 1_100_000, 5_000_000])
def test_megabytes_are_refused(party: RelyingParty, size: int) -> None:
    client = party.browser.app.test_client()
    for address in (*ENDPOINTS, "/oauth/authorize"):
        response = client.post(address, data=b"token=" + b"x" * size, content_type=FORM)
        assert response.status_code in {400, 413}
        assert "Location" not in response.headers
        is_page = address == "/oauth/authorize"
        assert response.mimetype.endswith("json") is not is_page


@pytest.mark.rfc("RFC 6749 §5.2", "an unknown grant type is told as such")
def test_unknown_grant_types(party: RelyingParty) -> None:
    for grant_type in (
        "password", "implicit", "CLIENT_CREDENTIALS", "client_credentials ", "é'\"\\",
        "urn:ietf:params:oauth:grant-type:jwt-bearer", "x" * 20_000, "<script>",
    ):  # fmt: skip
        response = party.token(grant_type=grant_type)
        assert response.status_code == 400
        assert response.get_json()["error"] == "unsupported_grant_type"
        assert len(response.text) < 300


def test_a_missing_grant_type_is_an_invalid_request(party: RelyingParty) -> None:
    response = party.token()
    assert (response.status_code, response.get_json()["error"]) == (
        400, "invalid_request"
    )  # fmt: skip


def test_the_authorization_endpoint_takes_anything(party: RelyingParty) -> None:
    client = party.browser.client
    names = (*party.authorization_parameters(), "scope", "resume", "prompt", "next")
    for name in names:
        for value in NASTY:
            good = party.authorization_parameters()
            good.pop(name, None)
            pairs = [f"{key}={good[key]}".encode() for key in good]
            query = b"&".join([*pairs, name.encode() + b"=" + value])
            address = f"/oauth/authorize?{query.decode('latin-1')}"
            response = client.get(address)
            assert response.status_code in {303, 400}, (name, value)
            assert "\n" not in response.headers.get("Location", "")
            if name not in {"client_id", "state"}:
                continue
            response = client.post("/oauth/authorize", data=query, content_type=FORM)
            assert response.status_code in {303, 400, 413}, (name, value)


def test_the_consent_form_takes_anything(party: RelyingParty) -> None:
    for field in ("request_id", "decision"):
        for value in (b"\0", b"\xff", b"'\"\\", b"x" * 100_000, "é".encode()):
            party.ask()
            page = party.browser.submit(
                {field: value}, action="/oauth/consent", follow=False
            )
            assert page.status_code in {400, 404}
            assert "Location" not in page.headers


def test_cookies_may_be_anything(party: RelyingParty) -> None:
    for value in ("gpb_\xff", "x" * 4000, "", "'\"", "gpb_" + "é" * 49):
        party.browser.client.set_cookie("gatepass-browser", value)
        assert party.browser.client.get(
            "/oauth/authorize", query_string=party.authorization_parameters()
        ).status_code in {303, 400}


def test_any_host_and_plain_http_are_no_failure(parties: Parties) -> None:
    # Behind a TLS proxy every request arrives as plain HTTP under some host.
    service = parties.service("view_users")
    response = parties.app.test_client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=_basic(service) | {"Host": "internal.example"},
        base_url="http://internal.example",
    )
    assert response.status_code == 200
