"""What the protected API says of itself, and where its challenge points (RFC 9728)."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories import Factory

ADDRESS = "/.well-known/oauth-protected-resource"
ISSUER = "http://127.0.0.1:8000"


@pytest.mark.rfc("RFC 9728 §3.2", "the metadata is a JSON object with the resource")
def test_every_member_is_true(app: Flask, make: Factory) -> None:
    make.permission("read_orders", is_delegable=True)
    make.permission("write_orders")
    response = app.test_client().get(ADDRESS)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.get_json() == {
        "resource": ISSUER,
        "authorization_servers": [ISSUER],
        "scopes_supported": ["read_orders", "view_users"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Gatepass",
        "resource_documentation": f"{ISSUER}/api/docs",
    }
    assert response.cache_control.max_age == 300
    issuer = app.test_client().get("/.well-known/oauth-authorization-server").get_json()
    assert issuer["issuer"] == ISSUER


@pytest.mark.rfc("RFC 9728 §3.1", "a path of the resource goes behind the well-known")
@pytest.mark.rfc("RFC 9728 §5.1", "the challenge names the metadata")
@pytest.mark.parametrize(
    ("resource", "address"),
    [
        (ISSUER, ADDRESS),
        (f"{ISSUER}/", ADDRESS),
        (f"{ISSUER}/api/v1", f"{ADDRESS}/api/v1"),
        ("https://api.example.com/v1", ADDRESS),
        (f"{ISSUER}.example.com/v1", ADDRESS),
        ("orders", ADDRESS),
    ],
)
def test_the_challenge_leads_to_the_metadata(
    app: Flask, configure: Callable[..., None], resource: str, address: str
) -> None:
    configure(api_audience=(resource, "https://other.example.com"))
    refused = app.test_client().get("/api/v1/me")
    assert refused.status_code == 401
    (named,) = re.findall(
        r'resource_metadata="([^"]*)"', refused.headers["WWW-Authenticate"]
    )
    assert named == ISSUER + address
    found = app.test_client().get(named.removeprefix(ISSUER)).get_json()
    assert found["resource"] == resource


@pytest.mark.parametrize("path", ["/api/v1", "/x", "/api/v1/me"])
def test_other_resources_have_none(app: Flask, path: str) -> None:
    response = app.test_client().get(ADDRESS + path)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
