"""Registering clients and changing what is registered."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import digests
from app.access.catalogue import find_permission, update_permission
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.details import ClientDetails, checked_details, details_of
from app.clients.lifetimes import lifetimes_for
from app.clients.models import Client, ClientSecret
from app.clients.queries import find_client
from app.clients.registration import (
    KeyReusedError,
    Registration,
    register_client,
    update_client,
)
from app.clients.secret_lists import live_secrets
from app.errors import ConflictError, DomainError
from app.extensions import db, settings
from tests.factories import Factory

OWN = ClientDetails(name="Invoice Sync", grant_types=("client_credentials",))
WEB = ClientDetails(
    name="Portal",
    grant_types=("authorization_code",),
    redirect_uris=("https://portal.example.com/callback",),
)
PUBLIC = replace(WEB, is_confidential=False)


def test_nobody_registers_where_the_console_tries_apps(context: None) -> None:
    callback = f"{settings.issuer}/developer/try/callback"
    for uri in (callback, callback.replace(":8000", ":9")):
        with pytest.raises(DomainError, match="where the console tries apps") as said:
            registered(replace(WEB, redirect_uris=(uri,)))
        assert said.value.field == "redirect_uris"


def registered(details: ClientDetails = OWN) -> Client:
    """Register a client in the open context."""
    return register_client(actor=SERVER, details=details).client


def the_last_event() -> AuditEvent:
    """Return what the audit log tells last."""
    query = select(AuditEvent).order_by(AuditEvent.happened_at.desc())
    return db.session.scalars(query).first()


def test_a_confidential_client_gets_one_secret_of_which_the_digest_stays(
    context: None,
) -> None:
    registration = register_client(actor=SERVER, details=OWN)
    (kept,) = live_secrets(registration.client)
    assert digests.is_well_formed(registration.secret, digests.CLIENT_SECRET)
    assert digests.verify(registration.secret, kept.digest)
    assert kept.hint == registration.secret[-4:]
    events = db.session.scalars(select(AuditEvent)).all()
    assert {event.action for event in events} >= {"client.registered"}
    assert registration.secret not in str([event.details for event in events])


@pytest.mark.rfc("RFC 8252 §8.5", "an app that is given to many keeps no secret")
@pytest.mark.rfc("RFC 6749 §2.1", "a public client has no secret")
def test_a_public_client_gets_no_secret(context: None) -> None:
    registration = register_client(actor=SERVER, details=PUBLIC)
    assert registration.secret is None
    assert live_secrets(registration.client) == []


def test_the_same_form_again_makes_neither_a_client_nor_a_secret(
    context: None,
) -> None:
    key = uuid.uuid4().hex
    first = register_client(actor=SERVER, details=OWN, idempotency_key=key)
    again = register_client(actor=SERVER, details=OWN, idempotency_key=key)
    assert again.client is first.client
    assert again.is_repeat
    assert again.secret is None
    assert len(db.session.scalars(select(ClientSecret)).all()) == 1


def test_the_same_form_sent_twice_at_once_makes_one_client(
    context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = uuid.uuid4().hex
    first = register_client(actor=SERVER, details=OWN, idempotency_key=key)
    looks: list[object] = []
    look = Session.scalar

    def blind_once(self: Session, *args: Any, **kwargs: Any) -> Any:
        looks.append(args)
        return None if len(looks) == 1 else look(self, *args, **kwargs)

    monkeypatch.setattr(Session, "scalar", blind_once)
    again = register_client(actor=SERVER, details=OWN, idempotency_key=key)
    assert again.is_repeat
    assert again.client.id == first.client.id


def test_a_key_is_bound_to_what_was_said_with_it(context: None) -> None:
    key = uuid.uuid4().hex

    def register(contents: str | None, key: str | None = key) -> Registration:
        return register_client(
            actor=SERVER, details=OWN, idempotency_key=key, contents=contents
        )

    first = register("this")
    assert first.client.idempotency_digest == digests.digest("this")
    assert register("this").client is first.client
    assert register(None).client is first.client
    with pytest.raises(KeyReusedError, match="Invoice Sync") as said:
        register("that")
    assert said.value.field == "idempotency_key"
    # What was said with an older key nobody knows.
    older = register(None, uuid.uuid4().hex).client
    assert register("that", older.idempotency_key).client is older
    assert register("that", None).client.idempotency_digest is None


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 65, "with blank in the key", "\x00"]
)
def test_a_broken_idempotency_key_is_refused(context: None, key: str) -> None:
    with pytest.raises(DomainError, match="Open it again"):
        register_client(actor=SERVER, details=OWN, idempotency_key=key)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "two\nlines"}),
        ("name", {"name": "nul\x00"}),
        ("name", {"name": "half a pair \ud800"}),
        ("name", {"name": "turned \u202ename"}),
        ("name", {"name": "\u200d\u200d"}),
        ("description", {"description": "x" * 1001}),
        ("description", {"description": "nul\x00"}),
        ("grant_types", {"grant_types": ()}),
        ("grant_types", {"grant_types": ("implicit",)}),
        ("grant_types", {"grant_types": ("client_credentials", "password")}),
        ("redirect_uris", {"redirect_uris": ()}),
        ("redirect_uris", {"redirect_uris": ("http://portal.example.com/",)}),
        ("redirect_uris", {"redirect_uris": ("com.example.app:/cb",)}),
        (
            "redirect_uris",
            {"redirect_uris": tuple(f"https://a.example/{n}" for n in range(51))},
        ),
        ("scopes", {"scopes": ("no_such_permission",)}),
        ("scopes", {"scopes": ("manage_system",)}),
        ("scopes", {"scopes": ("nul\x00",)}),
        ("optional_scopes", {"optional_scopes": ("openid",)}),
        ("optional_scopes", {"optional_scopes": ("offline_access",)}),
        ("optional_scopes", {"optional_scopes": ("manage_system",)}),
        ("optional_scopes", {"scopes": (), "optional_scopes": ("view_users",)}),
        ("owner_id", {"owner_id": uuid.uuid4()}),
        ("access_token_ttl", {"access_token_ttl": 0}),
        ("access_token_ttl", {"access_token_ttl": 10**12}),
        ("refresh_token_idle_ttl", {"refresh_token_idle_ttl": 365 * 86_400}),
    ],
)
def test_details_that_break_a_rule_are_refused_by_field(
    context: None, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(DomainError) as refusal:
        register_client(actor=SERVER, details=replace(WEB, **changes))
    assert refusal.value.field == field
    assert refusal.value.message.endswith(".")
    assert refusal.value.message.isprintable()
    assert db.session.scalars(select(Client)).all() == []


@pytest.mark.rfc("RFC 6749 §4.4", "only confidential clients use client_credentials")
def test_a_public_client_cannot_act_as_itself(context: None) -> None:
    both = ("authorization_code", "client_credentials")
    with pytest.raises(DomainError) as refusal:
        register_client(actor=SERVER, details=replace(PUBLIC, grant_types=both))
    assert refusal.value.field == "grant_types"


@pytest.mark.rfc("RFC 9700 §2.1.1", "public clients must use PKCE")
def test_pkce_can_be_lifted_for_a_confidential_client_only(context: None) -> None:
    assert not registered(replace(WEB, is_pkce_required=False)).is_pkce_required
    with pytest.raises(DomainError) as refusal:
        registered(replace(PUBLIC, is_pkce_required=False))
    assert refusal.value.field == "is_pkce_required"


@pytest.mark.parametrize(
    "name", ["<b>Sync</b> & Co", "تزامن الفواتير", "می‌خواهم", "👩‍💻 Tools", "C++"]
)
def test_names_of_all_scripts_are_kept_as_they_are(context: None, name: str) -> None:
    assert registered(replace(OWN, name=f"  {name} ")).name == name


def test_details_are_kept_in_one_form(context: None) -> None:
    details = checked_details(
        replace(
            WEB,
            grant_types=("client_credentials", "authorization_code"),
            redirect_uris=("https://b.example/", "https://a.example/") * 2,
            scopes=("view_users", "openid", "view_users"),
            description="one\r\ntwo ",
        )
    )
    assert details.grant_types == ("authorization_code", "client_credentials")
    assert details.redirect_uris == ("https://b.example/", "https://a.example/")
    assert details.scopes == ("openid", "view_users")
    assert details.description == "one\ntwo"


def test_a_change_is_told_with_its_difference_and_counted(context: None) -> None:
    client = registered(WEB)
    changed = replace(WEB, name="Customer Portal", access_token_ttl=600)
    changes = update_client(actor=SERVER, client=client, details=changed)
    assert changes == {
        "name": ["Portal", "Customer Portal"],
        "access_token_ttl": [None, 600],
    }
    assert client.version == 2
    assert the_last_event().details == changes
    assert update_client(actor=SERVER, client=client, details=changed) == {}
    assert client.version == 2


def test_a_change_from_an_older_state_is_refused(context: None) -> None:
    client = registered(WEB)
    for name in ("First", "Second"):
        details = replace(WEB, name=name)
        if name == "First":
            update_client(
                actor=SERVER, client=client, details=details, expected_version=1
            )
            continue
        with pytest.raises(ConflictError, match="while you were editing"):
            update_client(
                actor=SERVER, client=client, details=details, expected_version=1
            )
    assert client.name == "First"


def test_what_an_app_can_keep_is_settled_at_registration(context: None) -> None:
    client = registered(WEB)
    with pytest.raises(DomainError) as refusal:
        update_client(actor=SERVER, client=client, details=PUBLIC)
    assert refusal.value.field == "is_confidential"


def test_a_refused_change_leaves_nothing_behind(context: None) -> None:
    client = registered(WEB)
    wrong = replace(WEB, name="Other", redirect_uris=("javascript:alert(1)",))
    with pytest.raises(DomainError):
        update_client(actor=SERVER, client=client, details=wrong)
    assert client.name == "Portal"
    assert client.redirect_uris == ["https://portal.example.com/callback"]


def test_a_scope_that_is_no_longer_delegable_hinders_no_other_change(
    app: Flask, make: Factory
) -> None:
    make.permission("read_orders", is_delegable=True)
    with app.app_context():
        client = registered(replace(WEB, scopes=("read_orders",)))
        permission = find_permission("read_orders")
        assert permission is not None
        update_permission(actor=SERVER, permission=permission, is_delegable=False)
        details = replace(details_of(client), name="Other")
        update_client(actor=SERVER, client=client, details=details)
        assert client.name == "Other"
        assert client.scopes == ["read_orders"]
        with pytest.raises(DomainError):
            registered(replace(WEB, scopes=("read_orders",)))


def test_what_is_no_longer_asked_for_is_no_longer_optional(
    app: Flask, make: Factory
) -> None:
    make.permission("read_orders", is_delegable=True)
    with app.app_context():
        client = registered(
            replace(WEB, optional_scopes=("view_users", "read_orders", "email"))
        )
        assert client.optional_scopes == ["email", "read_orders", "view_users"]
        details = replace(details_of(client), scopes=("openid", "read_orders"))
        changes = update_client(actor=SERVER, client=client, details=details)
        assert client.optional_scopes == ["email", "read_orders"]
        assert set(changes) == {"scopes", "optional_scopes"}


def test_lifetimes_are_the_clients_own_or_the_servers(context: None) -> None:
    client = registered(replace(WEB, access_token_ttl=60, refresh_token_max_ttl=3600))
    lifetimes = lifetimes_for(client, defaults=settings)
    assert lifetimes.access_token_ttl == 60
    assert lifetimes.client_credentials_token_ttl == 1800
    assert lifetimes.refresh_token_max_ttl == 3600
    assert lifetimes.refresh_token_idle_ttl == 3600


@pytest.mark.parametrize(
    "spelling",
    ["", "x", "\x00", "{id}", "ID", "nohyphens", "'; DROP TABLE clients; --", "\ud800"],
)
def test_what_is_no_client_id_finds_nothing(
    app: Flask, make: Factory, spelling: str
) -> None:
    made = make.client()
    with app.app_context():
        assert find_client(made.id).name == made.name
        assert find_client(uuid.UUID(made.id)) is not None
        written = {
            "{id}": f"{{{made.id}}}",
            "ID": made.id.upper(),
            "nohyphens": made.id.replace("-", ""),
        }.get(spelling, spelling)
        assert find_client(written) is None
