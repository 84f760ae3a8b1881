"""Our rows in the dress that Authlib expects."""

import uuid
from typing import Any

import pytest
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from app.clients.statements import ClientRecord
from app.oauth.adapters import ProtocolClient, ProtocolRequest


def _client(**changes: Any) -> ProtocolClient:
    facts: dict[str, Any] = {
        "id": uuid.UUID(int=7),
        "name": "Invoice Sync",
        "grant_types": ("authorization_code",),
        "redirect_uris": ("https://a.example/cb",),
        "is_confidential": True,
        "token_endpoint_auth_method": None,
        "is_pkce_required": True,
        "token_generation": 0,
        "access_token_ttl": None,
        "client_credentials_token_ttl": None,
        "refresh_token_idle_ttl": None,
        "refresh_token_max_ttl": None,
        "last_used_at": None,
        "secrets": (),
        "permissions": frozenset(),
        "delegable": frozenset(),
    }
    return ProtocolClient(ClientRecord(**(facts | changes)))


def test_a_client_is_named_by_its_id() -> None:
    assert _client().get_client_id() == "00000000-0000-0000-0000-000000000007"
    assert _client().name == "Invoice Sync"


def test_only_a_single_redirect_uri_is_a_default() -> None:
    assert _client().get_default_redirect_uri() == "https://a.example/cb"
    several = _client(redirect_uris=("https://a.example/", "https://b.example/"))
    assert several.get_default_redirect_uri() is None
    assert several.check_redirect_uri("https://b.example/")
    assert not several.check_redirect_uri("https://b.example")


def test_methods_follow_from_the_kind_of_client() -> None:
    methods = ("client_secret_basic", "client_secret_post", "none")
    for is_confidential, expected in ((True, [1, 1, 0]), (False, [0, 0, 1])):
        client = _client(is_confidential=is_confidential)
        found = [client.check_endpoint_auth_method(m, "token") for m in methods]
        assert found == expected


def test_one_method_may_be_chosen() -> None:
    client = _client(token_endpoint_auth_method="client_secret_post")
    assert client.check_endpoint_auth_method("client_secret_post", "token")
    assert not client.check_endpoint_auth_method("client_secret_basic", "token")


def test_refreshing_follows_from_the_code_grant() -> None:
    client = _client()
    assert client.check_grant_type("refresh_token")
    assert client.check_response_type("code")
    assert not client.check_response_type("token")
    other = _client(grant_types=("client_credentials",))
    assert not other.check_grant_type("refresh_token")
    assert not other.check_response_type("code")


def test_the_payload_is_the_only_source() -> None:
    request = ProtocolRequest("POST", {"a": "1"})
    assert (request.args, request.form) == ({}, {"a": "1"})
    assert request.payload.datalist == {"a": ["1"]}
    assert request.required("a") == "1"
    with pytest.raises(InvalidRequestError, match="b is missing"):
        request.required("b")
