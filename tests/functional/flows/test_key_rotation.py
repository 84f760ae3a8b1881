"""Rotating keys: what each server takes and publishes while servers differ."""

import base64
from collections.abc import Callable
from json import dumps, loads
from typing import Any
from weakref import WeakKeyDictionary

import jwt
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.keys import published
from app.keys.models import PublishedKey
from app.keys.ring import KeySources, ring_of
from app.tokens import key_set
from tests.support.clock import MovableClock
from tests.support.databases import count_statements
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY, make_key_pair
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

OLD = (TEST_PRIVATE_KEY, TEST_PUBLIC_KEY)
NEW = make_key_pair(2064)
JWKS = "/.well-known/jwks.json"
Use = Callable[..., None]


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Start with a process that has signed and looked up nothing; do so again."""

    def forget() -> None:
        monkeypatch.setattr(published, "_memories", WeakKeyDictionary())
        monkeypatch.setattr(key_set, "_answers", WeakKeyDictionary())

    forget()
    return forget


@pytest.fixture
def use(configure: Callable[..., None]) -> Use:
    """Let the server run with a pair and the previous public keys."""

    def change(pair: tuple[str, str], *previous: str) -> None:
        configure(
            passport_private_key=pair[0],
            passport_public_key=pair[1],
            passport_previous_public_keys=",".join(previous),
        )

    return change


def _kid(pair: tuple[str, str]) -> str:
    return ring_of(KeySources(private=pair[0], public=pair[1])).kid


def _token(service: RelyingParty) -> str:
    token: str = service.act_as_itself().get_json()["access_token"]
    return token


def _published(app: Flask) -> list[str]:
    return [key["kid"] for key in app.test_client().get(JWKS).get_json()["keys"]]


def _rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(PublishedKey)) or 0


def _named(token: str, kid: object) -> str:
    """Let a token name another key."""
    header, rest = token.split(".", 1)
    fields = loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    changed = dumps(fields | {"kid": kid}).encode()
    return f"{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}.{rest}"


def test_a_process_publishes_its_key_once(app: Flask, parties: Parties) -> None:
    service = parties.service("view_users")
    with count_statements(app) as statements:
        _token(service)
        _token(service)
    inserts = [s for s in statements if "INSERT INTO published_keys" in s]
    assert len(inserts) == 1
    with app.app_context():
        (row,) = db.session.scalars(select(PublishedKey))
        assert row.kid == _kid(OLD)
        assert "PRIVATE" not in row.public_key


def test_a_server_that_was_not_restarted_yet_takes_new_tokens(
    app: Flask, parties: Parties, use: Use
) -> None:
    service = parties.service("view_users")
    old = _token(service)
    use(NEW, OLD[1])
    new = _token(service)
    assert service.call(old).status_code == 200
    # The server of the old key has never heard of the new one but by the database.
    use(OLD)
    assert service.call(new).status_code == 200
    assert service.introspect(new)["active"]
    assert (
        app.test_client()
        .get("/oauth/verify", headers={"Authorization": f"Bearer {new}"})
        .status_code
        == 200
    )
    assert set(_published(app)) == {_kid(OLD), _kid(NEW)}
    keys = jwt.PyJWKSet.from_dict(app.test_client().get(JWKS).get_json())
    for token in (old, new):
        key = keys[jwt.get_unverified_header(token)["kid"]]
        jwt.decode(token, key, algorithms=["RS256"], audience="http://127.0.0.1:8000")
    service.post("/oauth/revoke", token=new)
    assert service.call(new).status_code == 401


def test_an_announced_key_is_published_before_it_signs(
    app: Flask, parties: Parties, use: Use
) -> None:
    service = parties.service("view_users")
    old = _token(service)
    with app.app_context():
        published.announce(replaced=OLD[1], new=NEW[1])
    assert _published(app) == [_kid(OLD), _kid(NEW)]
    use(NEW, OLD[1])
    new = _token(service)
    for token in (old, new):
        assert service.call(token).status_code == 200


def test_a_key_that_was_replaced_by_force_opens_nothing(
    app: Flask, parties: Parties, use: Use, new_process: Callable[[], None]
) -> None:
    service = parties.service("view_users")
    old = _token(service)
    use(NEW)
    for _ in range(2):
        assert service.call(old).status_code == 401
        assert _published(app) == [_kid(NEW)]
        new = _token(service)
        assert service.call(new).status_code == 200
        # Nor after a restart, when the database has told which key came first.
        new_process()
    assert _rows(app) == 2


@pytest.mark.rfc(
    "OpenID Connect Core §10.1.1",
    "a previous key stays published while tokens need it",
    level="SHOULD",
)
@pytest.mark.rfc("RFC 7517 §5", "only keys that are in use are published")
def test_a_previous_key_leaves_when_no_token_needs_it(
    app: Flask, parties: Parties, use: Use, clock: MovableClock
) -> None:
    service = parties.service("view_users")
    old = _token(service)
    use(NEW, OLD[1])
    assert _published(app) == [_kid(NEW), _kid(OLD)]
    clock.forward(minutes=20)
    new = _token(service)
    assert _published(app) == [_kid(NEW), _kid(OLD)]
    clock.forward(minutes=11)
    assert _published(app) == [_kid(NEW)]
    assert service.call(old).status_code == 401
    assert service.call(new).status_code == 200


def test_a_previous_key_signs_nothing_that_it_did_not_sign_then(
    app: Flask, parties: Parties, use: Use
) -> None:
    service = parties.service("view_users")
    use(NEW, OLD[1])
    new = _token(service)
    claims: dict[str, Any] = jwt.decode(new, options={"verify_signature": False})
    pem = base64.b64decode(OLD[0]).decode()
    header = {"typ": "at+jwt", "kid": _kid(OLD)}
    forged = jwt.encode(claims, pem, algorithm="RS256", headers=header)
    assert service.call(forged).status_code == 401
    assert not service.introspect(forged)["active"]
    assert service.call(new).status_code == 200


def test_made_up_keys_cost_at_most_one_look_up_a_second(
    app: Flask, parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = parties.service("view_users")
    token = _token(service)
    # Nothing that comes more than a second later is counted, however slow the machine.
    monkeypatch.setattr(published, "LOOK_UP_INTERVAL", 3600.0)
    with count_statements(app) as statements:
        for number in range(30):
            made_up = _named(token, f"{number:043}")
            assert service.call(made_up).status_code == 401
    assert len(statements) == 1
    monkeypatch.setattr(published, "LOOK_UP_INTERVAL", 0.0)
    crooked = ("x", "0" * 42, "0" * 44, "0" * 42 + "\n", "é" * 43, "", 7, None, ["a"])
    with count_statements(app) as statements:
        for kid in crooked:
            assert service.call(_named(token, kid)).status_code == 401, kid
    assert statements == []


def test_a_row_that_is_no_such_key_is_not_taken(
    app: Flask, parties: Parties, use: Use
) -> None:
    service = parties.service("view_users")
    _token(service)
    use(NEW, OLD[1])
    new = _token(service)
    with app.app_context():
        row = db.session.get_one(PublishedKey, _kid(NEW))
        other = db.session.get_one(PublishedKey, _kid(OLD)).public_key
        for wrong in ("", "garbage", other, f"{other}{row.public_key}"):
            row.public_key = wrong
            db.session.commit()
            use(OLD)
            assert service.call(new).status_code == 401
            assert _published(app) == [_kid(OLD)]


def test_the_key_set_goes_on_without_the_database(
    app: Flask, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(NEW, OLD[1])

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("unreachable"))

    monkeypatch.setattr(key_set, "read_newer_keys", fail)
    assert set(_published(app)) == {_kid(NEW), _kid(OLD)}


def test_purge_removes_what_no_token_needs(
    app: Flask, parties: Parties, use: Use, clock: MovableClock
) -> None:
    def purge(*options: str) -> int:
        run = app.test_cli_runner().invoke(args=["passport:purge", "--json", *options])
        assert run.exit_code == 0, run.output
        count: int = loads(run.stdout)["rows"]["published_keys"]
        return count

    service = parties.service("view_users")
    _token(service)
    use(NEW, OLD[1])
    _token(service)
    assert (purge(), _rows(app)) == (0, 2)
    clock.forward(hours=2)
    assert (purge("--dry-run"), _rows(app)) == (1, 2)
    # Run beside a server of the old key, it leaves alone what is newer.
    use(OLD)
    assert (purge(), _rows(app)) == (0, 2)
    use(NEW, OLD[1])
    assert (purge(), _rows(app)) == (1, 1)
    use(("", ""))
    assert (purge(), _rows(app)) == (0, 1)
