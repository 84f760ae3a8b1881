"""How the API learns who calls, and what it says to those it does not let in."""

import base64
import hmac
import json
import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.clock import utcnow
from app.extensions import settings
from app.keys.ring import current_key_ring
from app.tokens.jwts import sign_access_token
from tests.factories import Factory
from tests.support.api_caller import Caller, as_client, is_problem, with_permissions
from tests.support.browsing import Browser
from tests.support.databases import Database
from tests.support.keys import TEST_PUBLIC_KEY

METADATA = "http://127.0.0.1:8000/.well-known/oauth-protected-resource"


def challenge(response: TestResponse) -> dict[str, str]:
    """Return the parameters of the Bearer challenge (RFC 9110 §11.6.1)."""
    scheme, _, parameters = response.headers["WWW-Authenticate"].partition(" ")
    assert scheme == "Bearer"
    return dict(re.findall(r'([a-z_]+)="([^"\\]*)"', parameters))


def call(
    app: Flask, authorization: str | None = None, **kwargs: object
) -> TestResponse:
    """Ask for `/me` with this Authorization header."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().open("/api/v1/me", headers=headers, **kwargs)


def refused(app: Flask, token: str) -> None:
    """Check that `token` opens nothing, and that the answer does not repeat it."""
    response = call(app, f"Bearer {token}")
    is_problem(response, 401)
    assert challenge(response)["error"] == "invalid_token"
    assert token not in response.text


@pytest.mark.rfc("RFC 6750 §3", "a challenge comes with 401")
@pytest.mark.rfc("RFC 6750 §3.1", "no error code where no token was sent", "SHOULD")
@pytest.mark.parametrize(
    "authorization", [None, "", "Basic YTpi", "Digest x", "Bear x"]
)
def test_without_a_bearer_token(app: Flask, authorization: str | None) -> None:
    response = call(app, authorization)
    is_problem(response, 401)
    assert challenge(response) == {
        "realm": "Gatepass API",
        "resource_metadata": METADATA,
    }


@pytest.mark.rfc("RFC 6750 §3.1", "a malformed request is answered with 400")
@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =", "Bearer caf\xe9"],
)
def test_malformed_header(app: Flask, authorization: str) -> None:
    response = call(app, authorization)
    is_problem(response, 400)
    assert challenge(response)["error"] == "invalid_request"


@pytest.mark.rfc("RFC 6750 §2", "no more than one way of sending the token")
def test_two_ways_at_once(app: Flask, make: Factory) -> None:
    token = as_client(app, make.client()).access_token
    by_query = call(app, f"Bearer {token}", query_string={"access_token": token})
    by_form = app.test_client().post(
        "/api/v1/users",
        headers={"Authorization": f"Bearer {token}"},
        data={"access_token": token},
    )
    for response in (by_query, by_form):
        is_problem(response, 400)
        assert challenge(response)["error"] == "invalid_request"


@pytest.mark.rfc(
    "RFC 9700 §4.3.2", "no access token is taken from an address", level="SHOULD"
)
@pytest.mark.rfc("RFC 6750 §2.1", "tokens are taken from the header")
def test_address_and_form_are_no_place_for_a_token(app: Flask, make: Factory) -> None:
    token = as_client(app, make.client()).access_token
    by_query = call(app, query_string={"access_token": token})
    by_form = app.test_client().post("/api/v1/users", data={"access_token": token})
    for response in (by_query, by_form):
        is_problem(response, 401)
        assert "error" not in challenge(response)


@pytest.mark.rfc("RFC 9110 §11.1", "the scheme's name is read in any case")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_scheme_in_any_case(app: Flask, make: Factory, scheme: str) -> None:
    token = as_client(app, make.client()).access_token
    assert call(app, f"{scheme} {token}").status_code == 200


@pytest.mark.rfc("RFC 9068 §4", "a token that is refused is told as invalid_token")
@pytest.mark.rfc("RFC 6750 §3.1", "an expired, revoked or malformed token is 401")
@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "." * 50, "A" * 20_000],
)
def test_garbage(app: Flask, token: str) -> None:
    refused(app, token)


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.mark.rfc(
    "RFC 6749 §10.3", "tokens cannot be made, changed or guessed by others"
)
@pytest.mark.rfc("RFC 8725 §3.1", "the algorithm is never the token's to choose")
@pytest.mark.parametrize("algorithm", ["HS256", "none", "None", "nOnE"])
def test_signed_by_somebody_else(app: Flask, make: Factory, algorithm: str) -> None:
    kid, claims, signature = as_client(app, make.client()).access_token.split(".")
    header = json.dumps({"alg": algorithm, "typ": "at+jwt", "kid": _kid(kid)})
    signed = f"{_encoded(header.encode())}.{claims}"
    pem = base64.b64decode(TEST_PUBLIC_KEY)
    refused(app, f"{signed}.{_encoded(hmac.digest(pem, signed.encode(), 'sha256'))}")
    refused(app, f"{signed}.{signature}")
    refused(app, f"{signed}.")


def _kid(header: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(header + "=="))["kid"])


@pytest.mark.rfc(
    "RFC 6750 §5.2", "a token is protected against change by its signature"
)
@pytest.mark.rfc(
    "RFC 6749 §10.3", "tokens cannot be made, changed or guessed by others"
)
@pytest.mark.rfc("RFC 6749 §7", "the API validates the token and what it covers")
@pytest.mark.parametrize("changed", ["header", "claims", "signature"])
def test_changed_on_the_way(app: Flask, make: Factory, changed: str) -> None:
    parts = as_client(app, make.client()).access_token.split(".")
    position = ["header", "claims", "signature"].index(changed)
    middle = len(parts[position]) // 2
    letter = "A" if parts[position][middle] != "A" else "B"
    parts[position] = parts[position][:middle] + letter + parts[position][middle + 1 :]
    refused(app, ".".join(parts))


def _forge(app: Flask, caller: Caller, **changes: object) -> str:
    """Sign claims with our own key, for a token id that has no row unless told."""
    with app.app_context():
        values = {
            "token_id": uuid.uuid4(),
            "issuer": settings.issuer,
            "subject": uuid.UUID(caller.client.id),
            "client_id": uuid.UUID(caller.client.id),
            "audience": settings.audiences,
            "scope": "manage_system",
            "issued_at": utcnow(),
            "expires_at": utcnow() + timedelta(hours=1),
        }
        return sign_access_token(current_key_ring(), **(values | changes))


def test_well_signed_but_without_a_row(app: Flask, make: Factory) -> None:
    refused(app, _forge(app, as_client(app, make.client())))


@pytest.mark.rfc("RFC 6750 §5.2", "a token names whom it is for")
@pytest.mark.rfc("RFC 9068 §4", "the token must name this API as its audience")
def test_token_for_another_api(database: Database, app: Flask, make: Factory) -> None:
    caller = as_client(app, make.client())
    elsewhere = database.make_app(api_audience="https://other.example.com")
    response = Caller(elsewhere, caller.access_token, caller.client).get("/me")
    is_problem(response, 401)
    assert challenge(response)["error"] == "invalid_token"
    assert "another API" in challenge(response)["error_description"]


def test_refresh_token_is_no_access_token(app: Flask, make: Factory) -> None:
    refused(app, "gpr_" + "a" * 49)


@pytest.mark.rfc("RFC 6750 §3.1", "403 names the scope that is needed", "MAY")
def test_missing_scope_is_named(app: Flask, make: Factory) -> None:
    response = as_client(app, make.client()).get("/users")
    is_problem(response, 403)
    told = challenge(response)
    assert told["error"] == "insufficient_scope"
    assert told["scope"] == "view_users"


@pytest.mark.rfc("RFC 6749 §7", "the API validates the token and what it covers")
def test_scope_that_was_not_asked_for_is_not_used(app: Flask, make: Factory) -> None:
    client = make.client(permissions=["view_users", "manage_users"])
    narrow = as_client(app, client, scope="view_users")
    assert narrow.get("/users").status_code == 200
    response = narrow.post("/users", json={"email": "new@example.com"})
    is_problem(response, 403)
    assert challenge(response)["scope"] == "manage_users view_users"


def test_guard_comes_before_anything_else_is_read(app: Flask) -> None:
    response = app.test_client().post(
        "/api/v1/users", data=b"{", content_type="application/json"
    )
    is_problem(response, 401)


def test_missing_keys_name_the_command(database: Database, app: Flask) -> None:
    keyless = database.make_app(passport_private_key="", passport_public_key="")
    response = call(keyless, "Bearer a.b.c")
    assert "flask passport:keys" in is_problem(response, 503)["detail"]


def test_unknown_addresses_need_no_token_to_be_unknown(app: Flask) -> None:
    is_problem(app.test_client().get("/api/v1/nothing"), 404)


def test_no_session_and_no_cookie(app: Flask) -> None:
    caller = with_permissions(app, ["view_users"])
    for response in (caller.get("/users"), caller.get("/me"), call(app)):
        assert "Set-Cookie" not in response.headers
        assert "Authorization" in response.headers["Vary"]


def test_signed_in_browser_gets_nothing_by_its_cookie(
    app: Flask, make: Factory
) -> None:
    user = make.user(administrator=True)
    browser = Browser(app)
    browser.get("/login")
    form = {"email": user.email, "password": user.password}
    assert browser.submit(form, follow=False).status_code == 303
    is_problem(browser.client.get("/api/v1/users"), 401)
