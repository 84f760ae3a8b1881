"""What the server says of itself (RFC 8414)."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.parties import Parties

ADDRESS = "/.well-known/oauth-authorization-server"


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
