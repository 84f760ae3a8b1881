"""`flask passport:client` and its kin, as an operator runs them."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from app import digests
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.lifecycle import delete_client
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.secret_lists import live_secrets
from app.clock import utcnow
from app.consents.services import allow
from app.extensions import db
from app.tokens.models import AuthorizationCode, TokenFamily
from tests.factories import Factory
from tests.support.api_caller import with_permissions

COMMANDS = ["client", "clients", "restore", "revoke", "secret"]
NOBODY = str(uuid.UUID(int=7))
URI = "https://portal.example.com/callback"


def run(app: Flask, command: str, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=[f"passport:{command}", *arguments])


def printed(result: Result) -> Any:
    """Return the one JSON value on standard output of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def in_trash(app: Flask, client_id: str) -> None:
    with app.app_context():
        client = find_client(client_id)
        assert client is not None
        delete_client(actor=SERVER, client=client)
        db.session.commit()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(app: Flask, command: str) -> None:
    result = run(app, command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")


@pytest.mark.parametrize(
    "arguments",
    [
        ("client",),
        ("client", "Nightly"),
        ("client", "Nightly", "--grant", "implicit"),
        ("client", "Nightly", "--grant", "client_credentials", "--what"),
        ("clients", "extra"),
        ("restore",),
        ("revoke",),
        ("secret",),
        ("secret", NOBODY, "--expire-others-in", "soon"),
        ("secret", NOBODY, "--expire-others-in", "-7d"),
        ("secret", NOBODY, "--expire-others-in", "9999999d"),
    ],
)
def test_wrong_usage_is_exit_2(app: Flask, arguments: tuple[str, ...]) -> None:
    result = run(app, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_client_is_registered_with_all_that_it_may_do(
    app: Flask, make: Factory
) -> None:
    make.role("Reader", ["view_invoices"])
    client = printed(
        run(
            app,
            *("client", "Invoice Sync", "--description", "Nightly"),
            *("--grant", "authorization_code", "--grant", "client_credentials"),
            *("--redirect-uri", URI, "--redirect-uri", "http://127.0.0.1/cb"),
            *("--role", "Reader", "--permission", "view_users"),
            *("--scope", "view_users", "--scope", "openid"),
            *("--optional-scope", "view_users", "--json"),
        )
    )
    assert uuid.UUID(client["client_id"]).version == 7
    assert digests.is_well_formed(client["client_secret"], "gps")
    of_now = ("client_id", "client_secret", "client_id_issued_at")
    of_now += ("created_at", "updated_at")
    assert client | dict.fromkeys(of_now, "") == {
        "client_id": "",
        "client_secret": "",
        "client_id_issued_at": "",
        "client_name": "Invoice Sync",
        "description": "Nightly",
        "grant_types": ["authorization_code", "client_credentials"],
        "redirect_uris": [URI, "http://127.0.0.1/cb"],
        "post_logout_redirect_uris": [],
        "token_endpoint_auth_method": None,
        "is_pkce_required": True,
        "scope": "openid view_users",
        "optional_scope": "view_users",
        "roles": ["Reader"],
        "permissions": ["view_users"],
        "owner": None,
        "status": "enabled",
        "version": 1,
        "access_token_ttl": None,
        "client_credentials_token_ttl": None,
        "refresh_token_idle_ttl": None,
        "refresh_token_max_ttl": None,
        "lifetimes": {
            "access_token_ttl": 3600,
            "client_credentials_token_ttl": 1800,
            "refresh_token_idle_ttl": 30 * 86_400,
            "refresh_token_max_ttl": 90 * 86_400,
        },
        "created_at": "",
        "updated_at": "",
        "last_used_at": None,
        "verified_at": None,
        "disabled_at": None,
        "deleted_at": None,
    }


def test_people_read_the_secret_once(app: Flask) -> None:
    result = run(app, "client", "Nightly", "--grant", "client_credentials")
    assert result.exit_code == 0
    facts = dict(
        line.split(maxsplit=1)
        for line in result.stdout.splitlines()
        if line.startswith("client_")
    )
    with app.app_context():
        client = find_client(facts["client_id"])
        assert client is not None
        (secret,) = live_secrets(client)
        assert digests.verify(facts["client_secret"], secret.digest)
        (actor,) = set(db.session.scalars(select(AuditEvent.actor_label)))
        assert actor == "flask passport:client"
    assert "nobody can read it again" in result.stdout
    assert facts["client_secret"] not in run(app, "clients", "--json").stdout


def test_a_public_client_has_no_secret(app: Flask) -> None:
    arguments = ("--grant", "authorization_code", "--public", "--redirect-uri")
    client = printed(
        run(app, "client", "Pocket", *arguments, "com.example.app:/cb", "--json")
    )
    assert "client_secret" not in client
    assert client["token_endpoint_auth_method"] == "none"
    assert client["scope"] is None
    spoken = run(app, "client", "Pocket", *arguments, URI)
    assert "client_secret" not in spoken.stdout
    refused = run(app, "secret", client["client_id"])
    assert refused.exit_code == 1
    assert "public app has no secret" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--grant", "authorization_code"), "at least one redirect URI"),
        (("--grant", "client_credentials", "--public"), "cannot act as itself"),
        (("--grant", "client_credentials", "--role", "Nobody"), "no role Nobody"),
        (("--grant", "client_credentials", "--permission", "fly"), "no permission fly"),
        (("--grant", "client_credentials", "--permission", "a\x00"), "no permission"),
        (("--grant", "client_credentials", "--scope", "fly"), "cannot ask users"),
        (("--grant", "client_credentials", "--scope", "manage_users"), "cannot ask"),
        (
            ("--grant", "authorization_code", "--redirect-uri", "http://a.example/"),
            "Use https://",
        ),
    ],
)
def test_a_refusal_is_one_sentence_and_registers_nothing(
    app: Flask, arguments: tuple[str, ...], words: str
) -> None:
    result = run(app, "client", "Nightly", *arguments, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert words in result.stderr
    with app.app_context():
        assert db.session.scalars(select(Client)).all() == []


def test_lists_tell_what_there_is(app: Flask, make: Factory) -> None:
    assert printed(run(app, "clients", "--json")) == []
    assert "No apps are registered" in run(app, "clients").stdout
    assert "trash is empty" in run(app, "clients", "--deleted").stdout
    portal, nightly = make.client("Portal"), make.client("Nightly")
    gone = make.client("Gone")
    in_trash(app, gone.id)
    listed = printed(run(app, "clients", "--json"))
    assert [client["client_name"] for client in listed] == ["Nightly", "Portal"]
    (deleted,) = printed(run(app, "clients", "--deleted", "--json"))
    assert deleted["client_id"] == gone.id
    assert datetime.fromisoformat(deleted["deleted_at"]).tzinfo is not None
    spoken = run(app, "clients").stdout
    assert portal.id in spoken
    assert nightly.id in spoken
    assert gone.id not in spoken


def test_commands_and_the_api_say_the_same_of_an_app(app: Flask, make: Factory) -> None:
    caller = with_permissions(app, ["manage_system"])
    portal = make.client("Portal", owner=make.user(), access_token_ttl=60)
    gone = make.client("Gone")
    in_trash(app, gone.id)
    listed = printed(run(app, "clients", "--json"))
    listed += printed(run(app, "clients", "--deleted", "--json"))
    by_id = {client["client_id"]: client for client in listed}
    for made in (portal, gone):
        said = caller.get(f"/clients/{made.id}").get_json()
        assert said.pop("live_tokens") == 0
        told = by_id[made.id]
        assert {name: told.pop(name) for name in said} == said
        assert told == {"roles": [], "permissions": []}


def test_a_restored_app_needs_a_new_secret(app: Flask, make: Factory) -> None:
    made = make.client("Portal")
    in_trash(app, made.id)
    hint = run(app, "secret", made.id)
    assert hint.exit_code == 1
    assert f"flask passport:restore {made.id}" in hint.stderr
    result = run(app, "restore", made.id)
    assert result.exit_code == 0
    assert f"flask passport:secret {made.id}" in result.stdout
    again = run(app, "restore", made.id)
    assert again.exit_code == 1
    assert "not in the trash" in again.stderr
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        assert live_secrets(client) == []
    new = printed(run(app, "secret", made.id, "--json"))
    assert new["client_secret"] != made.secret


def test_other_secrets_end_after_the_overlap(app: Flask, make: Factory) -> None:
    made = make.client()
    new = printed(run(app, "secret", made.id, "--expire-others-in", "7d", "--json"))
    ends = datetime.fromisoformat(new["others_expire_at"])
    assert abs(ends - utcnow() - timedelta(days=7)) < timedelta(minutes=1)
    spoken = run(app, "secret", made.id, "--expire-others-in", "0")
    assert "other secrets end at" in spoken.stdout
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        (left,) = live_secrets(client)
        assert left.hint in spoken.stdout


@pytest.mark.parametrize("command", ["restore", "revoke", "secret"])
@pytest.mark.parametrize("client_id", ["x", NOBODY, "\x00", "--"])
def test_an_unknown_app_is_refused(app: Flask, command: str, client_id: str) -> None:
    result = run(app, command, client_id)
    assert result.exit_code == (2 if client_id == "--" else 1)
    if client_id != "--":
        assert "There is no app with this ID" in result.stderr


def test_revoking_ends_everything_that_was_given(app: Flask, make: Factory) -> None:
    made = make.client()
    assert run(app, "revoke", made.id).exit_code == 0
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        assert client.token_generation == 1
        assert len(live_secrets(client)) == 1


def test_revoking_for_one_person_leaves_the_others(app: Flask, make: Factory) -> None:
    ada, grace = make.user("ada@example.com"), make.user("grace@example.com")
    made = make.client(grant_types=["authorization_code"])
    with app.app_context():
        for person in (ada, grace):
            _start_family(uuid.UUID(made.id), person.id)
        db.session.commit()
    result = run(app, "revoke", made.id, "--user", "ADA@example.com")
    assert result.exit_code == 0
    with app.app_context():
        families = db.session.scalars(select(TokenFamily)).all()
        ended = {f.user_id for f in families if f.revoked_at is not None}
        assert ended == {ada.id}
    unknown = run(app, "revoke", made.id, "--user", "nobody@example.com")
    assert unknown.exit_code == 1
    assert "nobody@example.com" in unknown.stderr


def _start_family(client_id: uuid.UUID, user_id: uuid.UUID) -> None:
    consent = allow(
        actor=SERVER, user_id=user_id, client_id=client_id, client_name="", scopes=[]
    )
    facts = {"client_id": client_id, "user_id": user_id, "consent_id": consent.id}
    generations = {"client_generation": 0, "user_generation": 0}
    code = AuthorizationCode(
        **facts,
        **generations,
        digest=digests.digest(digests.generate(digests.AUTHORIZATION_CODE)),
        scope="",
        redirect_uri=URI,
        is_redirect_uri_named=True,
        authenticated_at=utcnow(),
        expires_at=utcnow(),
        redeemed_at=utcnow(),
    )
    db.session.add(code)
    db.session.flush()
    family = TokenFamily(
        **facts,
        **generations,
        authorization_code_id=code.id,
        scope="",
        expires_at=utcnow() + timedelta(days=1),
    )
    db.session.add(family)
