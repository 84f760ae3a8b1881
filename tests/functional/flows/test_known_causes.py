"""Causes of holes in other servers, each tried against this one.

Causes that belong to one endpoint are tested with it; these belong to none.
"""

import gzip
import json
from base64 import b64encode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.databases import Database
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

FORM = "application/x-www-form-urlencoded"
#: Parts of the protocol that others have had holes in, and that are not offered here.
OTHER_GRANTS = (
    "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange", "AUTHORIZATION_CODE",
)  # fmt: skip


def _is_refused(response: TestResponse, error: str = "invalid_grant") -> bool:
    return response.status_code == 400 and response.get_json()["error"] == error


def _at(app: Flask, party: RelyingParty) -> RelyingParty:
    """Return the same app as a client of another process."""
    return RelyingParty(
        Browser(app),
        party.client_id,
        party.client_secret,
        code_verifier=party.code_verifier,
    )


@pytest.mark.rfc("RFC 9700 §4.14.2", "a reused refresh token ends its family")
def test_a_restart_forgets_no_refresh_token(
    database: Database, party: RelyingParty, clock: MovableClock
) -> None:
    first = party.tokens()
    second = party.refresh(first["refresh_token"]).get_json()
    clock.forward(seconds=11)
    restarted = _at(database.make_app(), party)
    assert _is_refused(restarted.refresh(first["refresh_token"]))
    assert _is_refused(party.refresh(second["refresh_token"]))
    assert not party.introspect(second["access_token"])["active"]


@pytest.mark.rfc("RFC 6749 §4.1.2", "a code is used at most once")
def test_a_restart_forgets_no_code(database: Database, party: RelyingParty) -> None:
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    assert _is_refused(_at(database.make_app(), party).redeem(code))
    assert not party.introspect(tokens["access_token"])["active"]


@pytest.mark.rfc("RFC 9700 §2.4", "the password grant gives nothing")
@pytest.mark.rfc("RFC 6749 §5.2", "an unknown grant type is told as such")
@pytest.mark.parametrize("grant_type", OTHER_GRANTS)
def test_grants_that_are_not_offered_give_nothing(
    parties: Parties, grant_type: str
) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    response = party.token(
        grant_type=grant_type,
        username=user.email,
        password=user.password,
        assertion="eyJhbGciOiJub25lIn0.e30.",
        device_code="x",
        code=party.allow()["code"],
        redirect_uri=party.redirect_uri,
        code_verifier=party.code_verifier,
    )
    assert _is_refused(response, "unsupported_grant_type")


@pytest.mark.rfc("RFC 6749 §3.2.1", "a confidential client proves who it is")
def test_an_assertion_is_no_credential(party: RelyingParty) -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    for assertion in ("eyJhbGciOiJub25lIn0.e30.", "a.b.c"):
        response = party.browser.app.test_client().post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": party.client_id,
                "client_assertion_type": kind,
                "client_assertion": assertion,
            },
        )
        assert response.status_code == 401
        assert response.get_json()["error"] == "invalid_client"


def test_a_packed_body_is_never_unpacked(party: RelyingParty) -> None:
    pair = f"{party.client_id}:{party.client_secret}".encode()
    bomb = gzip.compress(b"grant_type=client_credentials&x=" + b"x" * 10_000_000)
    for body in (bomb, gzip.compress(b"grant_type=client_credentials")):
        response = party.browser.app.test_client().post(
            "/oauth/token",
            data=body,
            content_type=FORM,
            headers={
                "Authorization": f"Basic {b64encode(pair).decode()}",
                "Content-Encoding": "gzip",
            },
        )
        assert _is_refused(response, "invalid_request")


def test_nothing_that_a_request_or_an_app_names_is_fetched(
    make: Factory, parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("The server called somebody.")

    party = parties.confidential()
    # The test client needs no socket; whatever opens one now is a call of ours.
    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    inside = "http://169.254.169.254/latest"
    for name in ("request_uri", "jwks_uri", "logo_uri", "client_uri", "resource"):
        page = party.ask(**{name: inside})
        assert page.status_code in {200, 303}
        assert "169.254" not in page.headers.get("Location", "")
    assert party.act_as_itself(jwks_uri=inside, client_assertion=inside).status_code


@pytest.mark.parametrize(
    "name", ["error", "error_description", "error_hint", "error_uri", "message"]
)
def test_pages_show_nothing_that_an_address_says(
    party: RelyingParty, name: str
) -> None:
    words = "<b>call+this+number</b>"
    for address in ("/login", "/oauth/authorize", "/oauth/consent", "/logout", "/x"):
        page = party.browser.client.get(f"{address}?{name}={words}")
        assert "call this number" not in page.text, address
        assert "<b>" not in page.text, address


def test_pages_of_a_person_are_not_kept_for_going_back(party: RelyingParty) -> None:
    for address in ("/account/security", "/account/apps", "/login"):
        page = party.browser.client.get(address)
        assert "no-store" in page.headers["Cache-Control"], address
    screen = party.ask()
    assert screen.status_code == 200
    assert "no-store" in screen.headers["Cache-Control"]
    assert screen.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    page = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    assert "no-store" in page.headers["Cache-Control"]


def test_a_readable_cookie_holds_no_token(parties: Parties) -> None:
    party = parties.confidential()
    tokens = party.tokens(scope="openid")
    with party.browser.client.session_transaction() as session:
        kept = json.dumps(dict(session), default=str)
    names = ("access_token", "refresh_token", "id_token")
    for secret in (*map(tokens.get, names), party.client_secret, party.code_verifier):
        assert secret not in kept


@pytest.mark.rfc("RFC 8414 §3.3", "the issuer is the one it is asked for by")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80@127.0.0.1", "[::1"])
def test_no_address_of_ours_follows_the_host_header(
    party: RelyingParty, host: str
) -> None:
    for address in ("/login", "/.well-known/openid-configuration", "/account/apps"):
        page = party.browser.app.test_client().get(address, headers={"Host": host})
        assert page.status_code < 500
        assert "evil.example" not in page.text + page.headers.get("Location", "")
