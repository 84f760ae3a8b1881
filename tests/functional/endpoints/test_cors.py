"""Which pages of other origins may call us, and what they may call (CORS)."""

import importlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from app.audit.actor import SERVER
from app.clients import lifecycle
from app.clients.details import details_of
from app.clients.models import Client, ClientOrigin
from app.clients.origins import origin_of
from app.clients.queries import find_client
from app.clients.registration import update_client
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.databases import count_statements

ORIGIN = "https://spa.example.com"
URI = f"{ORIGIN}/callback"
OPEN = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/oauth/userinfo": "GET, POST",
    "/.well-known/oauth-authorization-server": "GET",
    "/.well-known/openid-configuration": "GET",
    "/.well-known/oauth-protected-resource": "GET",
    "/.well-known/jwks.json": "GET",
}
CLOSED = (
    "/oauth/authorize",
    "/oauth/consent",
    "/oauth/introspect",
    "/oauth/verify",
    "/login",
    "/api/v1/me",
    "/api/v1/users",
    "/developer/apps",
)
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture
def spa(make: Factory) -> MadeClient:
    return _public(make, URI)


def _public(make: Factory, *uris: str) -> MadeClient:
    return make.client(
        "Page", grant_types=["authorization_code"], redirect_uris=uris,
        is_confidential=False,
    )  # fmt: skip


def _call(
    app: Flask, address: str, method: str = "POST", origin: str | None = ORIGIN
) -> TestResponse:
    headers = {} if origin is None else {"Origin": origin}
    if method == "OPTIONS":
        headers["Access-Control-Request-Method"] = OPEN.get(address, "POST").split(",")[
            0
        ]
        headers["Access-Control-Request-Headers"] = "authorization"
    return app.test_client().open(address, method=method, headers=headers)


def _is_open(app: Flask, origin: str = ORIGIN) -> bool:
    allowed = _call(app, "/oauth/token", origin=origin).headers.get(ALLOW)
    assert allowed in {None, origin}
    return allowed is not None


@pytest.mark.rfc(
    "OpenID Connect Core §5.3",
    "pages of registered apps may ask who signed in",
    level="SHOULD",
)
@pytest.mark.rfc("RFC 7009 §2.3", "pages of registered apps may call", level="MAY")
@pytest.mark.parametrize(("address", "method"), OPEN.items())
def test_a_registered_page_may_call(
    app: Flask, spa: MadeClient, address: str, method: str
) -> None:
    before = _call(app, address, "OPTIONS")
    assert before.status_code == 200
    assert before.headers[ALLOW] == ORIGIN
    assert before.headers["Access-Control-Allow-Methods"] == method
    allowed = before.headers["Access-Control-Allow-Headers"]
    assert allowed == "Authorization, Content-Type"
    assert int(before.headers["Access-Control-Max-Age"]) > 0
    answer = _call(app, address, method.split(",", maxsplit=1)[0])
    assert answer.headers[ALLOW] == ORIGIN
    for response in (before, answer):
        assert response.headers["Vary"] == "Origin"
        # Our cookies play no part: a page never gets to use them.
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Set-Cookie" not in response.headers


def test_a_page_reads_refusals_too(app: Flask, spa: MadeClient) -> None:
    answer = _call(app, "/oauth/token")
    assert (answer.status_code, answer.headers[ALLOW]) == (400, ORIGIN)
    answer = _call(app, "/oauth/token", "GET")
    assert (answer.status_code, answer.headers[ALLOW]) == (405, ORIGIN)


@pytest.mark.rfc(
    "RFC 9700 §2.6", "no page of another origin reads the authorization endpoint"
)
@pytest.mark.parametrize("address", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_everything_else_is_closed(
    app: Flask, spa: MadeClient, address: str, method: str
) -> None:
    answer = _call(app, address, method)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://spa.example.com",
        "https://spa.example.com:8443",
        "https://spa.example.com.evil.example",
        "https://SPA.example.com",
        "https://spa.example.com/",
        "https://x@spa.example.com",
        "https://spa.example.com, https://evil.example.com",
        "null",
        "*",
        "",
        "https://",
        "https://" + "a" * 9000,
        "https://sp\xe9.example.com",
        "com.example.app://callback",
    ],
)
def test_other_origins_read_nothing(app: Flask, spa: MadeClient, origin: str) -> None:
    for address, method in OPEN.items():
        for sent in (method.split(",")[0], "OPTIONS"):
            answer = _call(app, address, sent, origin)
            assert ALLOW not in answer.headers
            # A cache must not hand this answer to a page that may read it.
            assert answer.headers["Vary"] == "Origin"


def test_only_enabled_public_clients_count(app: Flask, make: Factory) -> None:
    make.client(grant_types=["authorization_code"], redirect_uris=[URI])
    assert not _is_open(app)
    spa = _public(make, URI)
    assert _is_open(app)
    steps: tuple[tuple[Callable[..., None], bool], ...] = (
        (lifecycle.disable_client, False),
        (lifecycle.enable_client, True),
        (lifecycle.delete_client, False),
        (lifecycle.restore_client, True),
    )
    for change, is_open in steps:
        with app.app_context():
            client = find_client(spa.id, with_deleted=True)
            change(actor=SERVER, client=client)
            db.session.commit()
        assert _is_open(app) == is_open, change


def test_origins_follow_the_redirect_uris(app: Flask, make: Factory) -> None:
    spa = _public(make, URI, f"{ORIGIN}/silent", "http://127.0.0.1:5173/cb")
    assert _is_open(app)
    assert _is_open(app, "http://127.0.0.1:5173")
    # A redirect may go to any port of this device; a page is where it is registered.
    assert not _is_open(app, "http://127.0.0.1:5174")
    with app.app_context():
        client = find_client(spa.id)
        assert client is not None
        uris = ("https://other.example.com:8443/cb", "com.example.app:/cb")
        changed = replace(details_of(client), redirect_uris=uris)
        update_client(actor=SERVER, client=client, details=changed)
        db.session.commit()
    assert not _is_open(app)
    assert _is_open(app, "https://other.example.com:8443")


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://App.Example.com/cb?x=1", "https://app.example.com"),
        ("https://app.example.com:443/cb", "https://app.example.com"),
        ("https://app.example.com:8443", "https://app.example.com:8443"),
        ("HTTPS://app.example.com?x", "https://app.example.com"),
        ("http://localhost:80/cb", "http://localhost"),
        ("http://[::1]:3000/cb", "http://[::1]:3000"),
        ("http://127.0.0.1/cb", "http://127.0.0.1"),
        ("com.example.app:/cb", None),
        ("com.example.app://host/cb", None),
        ("https://" + ".".join(["a" * 61] * 4) + ".example/cb", None),
    ],
)
def test_the_origin_of_a_redirect_uri(uri: str, origin: str | None) -> None:
    assert origin_of(uri) == origin


def test_nothing_is_asked_of_the_database_without_an_origin(
    app: Flask, spa: MadeClient
) -> None:
    address = "/oauth/token"
    with count_statements(app) as statements:
        for method in ("GET", "OPTIONS"):
            _call(app, address, method, None)
            _call(app, address, method, "null")
    assert statements == []
    with count_statements(app) as statements:
        assert ALLOW in _call(app, address, "GET").headers
    assert len(statements) == 1


def test_clients_from_before_are_filled_in(app: Flask, make: Factory) -> None:
    spa = _public(make, URI, "http://localhost:5173/cb", "com.example.app:/cb")
    make.client(grant_types=["authorization_code"])
    migration = importlib.import_module("migrations.versions.0012_fill_client_origins")
    with app.app_context():
        kept = select(Client.name, ClientOrigin.origin).join(
            Client, Client.id == ClientOrigin.client_id
        )
        before = set(db.session.execute(kept))
        assert len(before) == 2
        db.session.execute(delete(ClientOrigin))
        context = MigrationContext.configure(db.session.connection())
        with Operations.context(context):
            migration.upgrade()
            assert set(db.session.execute(kept)) == before
            migration.upgrade()
            assert set(db.session.execute(kept)) == before
            migration.downgrade()
            assert set(db.session.execute(kept)) == set()
        db.session.rollback()
    assert spa.name == "Page"
