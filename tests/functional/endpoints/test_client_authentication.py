"""Client authentication: one identity, one method, one message for every failure."""

import base64
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.audit.actor import SERVER
from app.clients.lifecycle import delete_client, disable_client
from app.clients.queries import find_client
from app.clients.secret_lists import live_secrets
from app.clients.secrets import add_secret, revoke_secret
from app.clock import utcnow
from app.extensions import db
from tests.support.parties import Parties
from tests.support.refusing import told
from tests.support.relying_party import RelyingParty

ENDPOINTS = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
ONE_MESSAGE = {
    "error": "invalid_client",
    "error_description": "Client authentication failed.",
}


def _send(
    app: Flask, address: str = "/oauth/token", header: str | None = None, **form: str
) -> TestResponse:
    data = {"grant_type": "client_credentials", "token": "x"} | form
    headers = {} if header is None else {"Authorization": header}
    return app.test_client().post(address, data=data, headers=headers)


def _basic(*parts: str | None) -> str:
    return "Basic " + base64.b64encode(":".join(map(str, parts)).encode()).decode()


@pytest.mark.rfc("RFC 6749 §2.3.1", "HTTP Basic is supported")
@pytest.mark.parametrize("address", ENDPOINTS)
def test_by_basic_or_by_form(app: Flask, parties: Parties, address: str) -> None:
    service = parties.service("view_users")
    pair = {"client_id": service.client_id, "client_secret": str(service.client_secret)}
    assert _send(app, address, **pair).status_code == 200
    header = _basic(service.client_id, service.client_secret)
    assert _send(app, address, header).status_code == 200
    assert _send(app, address, header, client_id=service.client_id).status_code == 200


@pytest.mark.rfc("RFC 6749 §2.3.1", "both parts of Basic are form-encoded")
def test_basic_is_form_encoded(app: Flask, parties: Parties) -> None:
    service = parties.service()
    spelled = "".join(f"%{ord(c):02X}" for c in str(service.client_secret))
    name = quote(service.client_id).replace("-", "%2D")
    assert _send(app, header=_basic(name, spelled)).status_code == 200
    assert _send(app, header=_basic(name, "%zz%ff")).status_code == 401


@pytest.mark.rfc("RFC 9110 §11.1", "the scheme's case does not matter")
def test_the_case_of_the_scheme_does_not_matter(app: Flask, parties: Parties) -> None:
    service = parties.service()
    header = _basic(service.client_id, service.client_secret)
    for scheme in ("basic", "BASIC"):
        assert _send(app, header=header.replace("Basic", scheme)).status_code == 200


@pytest.mark.rfc("RFC 6749 §2.3", "at most one method of authentication is used")
def test_two_methods_or_identities_are_refused(app: Flask, parties: Parties) -> None:
    one, other = parties.service(), parties.service()
    header = _basic(one.client_id, one.client_secret)
    for form in (
        {"client_secret": str(one.client_secret)},
        {"client_id": one.client_id, "client_secret": str(one.client_secret)},
        {"client_id": other.client_id, "client_secret": str(other.client_secret)},
        {"client_id": other.client_id},
    ):
        response = _send(app, header=header, **form)
        assert response.status_code == 400
        assert response.get_json()["error"] == "invalid_request"


def _failures(
    app: Flask, parties: Parties
) -> list[tuple[str | None, dict[str, str], str]]:
    service, dead = parties.service(), parties.service()
    disabled, public = parties.service(), parties.public()
    with app.app_context():
        for party, end in ((dead, delete_client), (disabled, disable_client)):
            client = find_client(party.client_id)
            assert client is not None
            end(actor=SERVER, client=client)
        db.session.commit()
    secret = str(service.client_secret)
    nobody = "00000000-0000-7000-8000-000000000000"
    return [
        (_basic(service.client_id, "wrong"), {}, "wrong secret"),
        (_basic(service.client_id, ""), {}, "empty secret"),
        (_basic(service.client_id, secret[:-1]), {}, "shortened secret"),
        (_basic(service.client_id, secret.swapcase()), {}, "other case"),
        (_basic(nobody, secret), {}, "unknown client"),
        (_basic("é'\"\\", secret), {}, "no id at all"),
        (_basic(service.client_id.upper(), secret), {}, "another spelling"),
        (_basic(dead.client_id, dead.client_secret), {}, "deleted"),
        (_basic(disabled.client_id, disabled.client_secret), {}, "disabled"),
        (_basic(public.client_id, ""), {}, "public with empty secret"),
        (_basic(public.client_id, secret), {}, "public with a secret"),
        (None, {"client_id": service.client_id}, "no secret"),
        (None, {"client_id": service.client_id, "client_secret": ""}, "blank secret"),
        (None, {"client_id": service.client_id, "client_secret": "x"}, "wrong in form"),
        (None, {"client_id": nobody, "client_secret": secret}, "unknown in form"),
        (None, {"client_id": nobody}, "unknown public"),
    ]


@pytest.mark.rfc("RFC 7662 §2.3", "a caller that is not known is answered with 401")
@pytest.mark.rfc(
    "RFC 7009 §2.1", "the client is authenticated before anything is revoked"
)
@pytest.mark.rfc("RFC 6749 §4.4.2", "a client acting as itself authenticates")
@pytest.mark.rfc("RFC 6749 §3.2.1", "a confidential client proves who it is")
@pytest.mark.rfc("RFC 6749 §5.2", "failed authentication is 401 with a challenge")
@pytest.mark.rfc("RFC 7617 §2", "a Basic challenge names its realm")
def test_every_failure_has_the_same_words(app: Flask, parties: Parties) -> None:
    for header, form, case in _failures(app, parties):
        for address in ENDPOINTS:
            response = _send(app, address, header, **form)
            assert response.status_code == 401, (case, address)
            assert told(response)[0] == ONE_MESSAGE, (case, address)
            challenge = response.headers["WWW-Authenticate"]
            assert challenge == 'Basic realm="Gatepass clients", charset="UTF-8"'
            assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "header",
    [
        "Basic", "Basic ", "Basic x", "Basic !!!!", "Basic " + "A" * 60_000, "Bearer x",
        "Negotiate x", "", "Basic " + base64.b64encode(b"\xff:\xfe").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"a\0b:c").decode(), "Basic é", "Basic \x80",
        "Basic " + base64.b64encode("é:ü".encode("latin-1")).decode(),
        _basic("a", "b") + ", " + _basic("c", "d"),
    ],
    ids=range(15),
)  # fmt: skip
def test_headers_that_cannot_be_read(app: Flask, header: str) -> None:
    for address in ENDPOINTS:
        response = _send(app, address, header)
        assert response.status_code == 401
        assert response.get_json()["error"] == "invalid_client"
        assert "WWW-Authenticate" in response.headers


def test_who_names_no_client_is_refused(app: Flask) -> None:
    for address in ENDPOINTS:
        response = _send(app, address)
        assert (response.status_code, response.get_json()["error"]) == (
            401, "invalid_client"
        )  # fmt: skip


@pytest.mark.rfc("RFC 6749 §2.3.1", "credentials are never taken from the address")
def test_credentials_in_the_address_do_not_count(app: Flask, parties: Parties) -> None:
    service = parties.service()
    query = f"client_id={service.client_id}&client_secret={service.client_secret}"
    response = _send(app, f"/oauth/token?{query}")
    assert (response.status_code, response.get_json()["error"]) == (
        400, "invalid_request"
    )  # fmt: skip


def test_several_secrets_overlap_until_each_ends(app: Flask, parties: Parties) -> None:
    service = parties.service()
    with app.app_context():
        client = find_client(service.client_id)
        assert client is not None
        tomorrow = utcnow() + timedelta(days=1)
        _, new = add_secret(actor=SERVER, client=client, expires_at=tomorrow)
        db.session.commit()
    old = str(service.client_secret)
    for secret in (old, new):
        assert _send(app, header=_basic(service.client_id, secret)).status_code == 200
    with app.app_context():
        client = find_client(service.client_id)
        assert client is not None
        first, second = live_secrets(client)
        revoke_secret(actor=SERVER, secret=first)
        second.expires_at = utcnow()
        db.session.commit()
    for secret in (old, new):
        assert _send(app, header=_basic(service.client_id, secret)).status_code == 401


def test_another_clients_secret_is_worth_nothing(app: Flask, parties: Parties) -> None:
    one, other = parties.service(), parties.service()
    header = _basic(one.client_id, other.client_secret)
    assert _send(app, header=header).status_code == 401


def test_use_is_remembered_once_a_minute(app: Flask, parties: Parties) -> None:
    service = parties.service()
    service.act_as_itself()
    with app.app_context():
        client = find_client(service.client_id)
        assert client is not None
        first = client.last_used_at
        assert first is not None
        assert live_secrets(client)[0].last_used_at == first
        changed = client.updated_at
    service.act_as_itself()
    with app.app_context():
        client = find_client(service.client_id)
        assert client is not None
        assert client.last_used_at == first
        assert client.updated_at == changed


def test_a_failed_try_is_no_use(app: Flask, parties: Parties) -> None:
    service = parties.service()
    _send(app, header=_basic(service.client_id, "wrong"))
    with app.app_context():
        client = find_client(service.client_id)
        assert client is not None
        assert client.last_used_at is None


def test_a_public_client_proves_itself_by_its_id_alone(parties: Parties) -> None:
    party: RelyingParty = parties.public()
    tokens = party.tokens()
    assert party.refresh(tokens["refresh_token"]).status_code == 200
