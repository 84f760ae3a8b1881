"""What the server says of itself (RFC 8414)."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

ADDRESS = "/.well-known/oauth-authorization-server"
#: None at all, or what tells that the person would have had to be asked.
TAKEN = {None, "consent_required", "login_required", "interaction_required"}
OTHER_GRANTS = (
    "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)  # fmt: skip


def _error(party: RelyingParty, **changes: str) -> str | None:
    """Return the error with which a request goes back to the app, if it does."""
    page = party.ask(**changes)
    if page.status_code == 200:
        named = re.search(r'name="error" value="([^"]*)"', page.text)
        return None if named is None else named[1]
    return party.answer(page).get("error")


@pytest.mark.rfc("RFC 9700 §2.1.1", "the metadata says that PKCE is supported")
@pytest.mark.rfc("RFC 9207 §2.3", "the metadata says that iss is sent")
@pytest.mark.rfc("RFC 8414 §3.2", "no member is empty")
@pytest.mark.rfc("RFC 8414 §3", "the metadata is at its well-known address")
@pytest.mark.rfc("RFC 8414 §3.2", "metadata is a JSON object with the issuer")
def test_every_member_is_true(app: Flask) -> None:
    response = app.test_client().get(ADDRESS)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    body = response.get_json()
    issuer = "http://127.0.0.1:8000"
    assert body["issuer"] == issuer
    assert body["response_types_supported"] == ["code"]
    assert body["code_challenge_methods_supported"] == ["S256"]
    assert body["authorization_response_iss_parameter_supported"] is True
    assert set(body["grant_types_supported"]) == {
        "authorization_code", "client_credentials", "refresh_token"
    }  # fmt: skip
    # RFC 8414 §2: no member without a value.
    assert all(value not in ("", None, []) for value in body.values())


@pytest.mark.rfc("RFC 8414 §2", "each endpoint is where the metadata says")
@pytest.mark.rfc("RFC 6749 §3.1", "the endpoints' addresses have no fragment")
def test_every_address_exists(app: Flask) -> None:
    body = app.test_client().get(ADDRESS).get_json()
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for name, address in body.items():
        if name.endswith(("_endpoint", "_uri")):
            assert address.removeprefix(body["issuer"]) in rules, name


@pytest.mark.rfc("RFC 8414 §2", "the listed authentication methods are those taken")
def test_the_methods_of_each_endpoint(app: Flask, parties: Parties) -> None:
    body = app.test_client().get(ADDRESS).get_json()
    public = parties.public()
    for name, address in (
        ("revocation", "/oauth/revoke"),
        ("introspection", "/oauth/introspect"),
    ):
        methods = body[f"{name}_endpoint_auth_methods_supported"]
        taken = public.post(address, token="x").status_code == 200
        assert taken == ("none" in methods)


@pytest.mark.rfc(
    "OpenID Connect Discovery §4.3", "the issuer is the one it is asked for by"
)
@pytest.mark.rfc("RFC 9207 §2.3", "the issuer is that of the metadata")
@pytest.mark.rfc("RFC 8414 §3.3", "the issuer is the one it is asked for by")
def test_the_issuer_is_the_configured_one_and_not_the_hosts(
    app: Flask, configure: Callable[..., None]
) -> None:
    configure(app_url="https://auth.example.com")
    response = app.test_client().get(
        ADDRESS, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert response.get_json()["issuer"] == "https://auth.example.com"
    assert "evil" not in response.text


def test_it_may_be_kept(app: Flask) -> None:
    response = app.test_client().get(ADDRESS)
    assert response.cache_control.public
    assert response.cache_control.max_age == 300
    assert response.headers["Vary"] == "Origin"
    assert "Set-Cookie" not in response.headers
    tag = {"If-None-Match": response.headers["ETag"]}
    assert app.test_client().get(ADDRESS, headers=tag).status_code == 304


def test_it_is_there_without_keys(app: Flask, configure: Callable[..., None]) -> None:
    configure(passport_private_key="", passport_public_key="")
    assert app.test_client().get(ADDRESS).status_code == 200


@pytest.mark.rfc("RFC 8414 §2", "what is listed is what is taken")
@pytest.mark.rfc("OpenID Connect Discovery §3", "what is listed is what is taken")
def test_what_is_listed_is_taken_and_nothing_else_is(
    app: Flask, parties: Parties
) -> None:
    body = app.test_client().get(ADDRESS).get_json()
    party = parties.confidential()
    for name in (*body["grant_types_supported"], *OTHER_GRANTS):
        answer = party.token(grant_type=name).get_json()
        is_refused = answer.get("error") == "unsupported_grant_type"
        assert is_refused != (name in body["grant_types_supported"]), name
    for parameter, listed, others in (
        ("response_type", "response_types_supported", ("token", "code id_token")),
        ("response_mode", "response_modes_supported", ("fragment", "jwt", "x")),
        ("prompt", "prompt_values_supported", ("create", "x")),
        ("code_challenge_method", "code_challenge_methods_supported", ("plain", "x")),
        ("scope", "scopes_supported", ("address", "phone", "manage_system")),
    ):
        for value in body[listed]:
            assert _error(party, **{parameter: value}) in TAKEN, (parameter, value)
        for value in others:
            assert _error(party, **{parameter: value}) not in TAKEN, (parameter, value)


@pytest.mark.rfc("RFC 8414 §2", "what is not listed is not there")
def test_what_is_not_offered_is_not_reachable(app: Flask) -> None:
    client = app.test_client()
    for address in (
        "/oauth/par", "/oauth/register", "/oauth/device", "/oauth/device/code",
        "/oauth/device_authorization", "/oauth/check_session", "/oauth/bc-authorize",
        "/.well-known/webfinger", "/register",
    ):  # fmt: skip
        for method in ("GET", "POST"):
            assert client.open(address, method=method).status_code == 404, address
