"""The check for gateways: who may pass to an API that knows nothing of tokens."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory
from tests.support.databases import count_statements
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
IDENTITY = {
    "X-Auth-Client-Id",
    "X-Auth-User-Id",
    "X-Auth-Subject",
    "X-Auth-Email",
    "X-Auth-Scope",
    "X-Auth-Permissions",
}
OWN, ORDERS = "http://127.0.0.1:8000", "https://orders.example.com"


def _ask(
    app: Flask, token: str | None, query: str = "", *, path: str = "", method="GET"
) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return app.test_client().open(
        f"/oauth/verify{path}{query}", method=method, headers=headers
    )


def _own(party: RelyingParty, **form: str) -> str:
    token: str = party.act_as_itself(**form).get_json()["access_token"]
    return token


def _refusal(response: TestResponse, status: int) -> str:
    assert response.status_code == status
    assert response.data == b""
    assert response.headers["Cache-Control"] == "no-store"
    assert not IDENTITY & set(dict(response.headers))
    return str(response.headers["WWW-Authenticate"])


def test_a_client_acting_as_itself(app: Flask, parties: Parties) -> None:
    service = parties.service("view_users", "manage_users")
    response = _ask(app, _own(service), "?permission=view_users")
    assert response.status_code == 200
    assert response.data == b""
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    found = {name: response.headers[name] for name in IDENTITY}
    assert found == {
        "X-Auth-Client-Id": service.client_id,
        # Empty, not absent: what a caller sent under these names is overwritten.
        "X-Auth-User-Id": "",
        "X-Auth-Email": "",
        "X-Auth-Subject": service.client_id,
        "X-Auth-Scope": "manage_users view_users",
        "X-Auth-Permissions": "manage_users view_users",
    }


def test_a_client_acting_for_a_person(
    app: Flask, parties: Parties, make: Factory
) -> None:
    user = make.user("zoë+100%@example.com", permissions=["view_users"])
    party = parties.confidential(user=user)
    response = _ask(app, party.tokens()["access_token"], "?permission=view_users")
    assert response.status_code == 200
    assert response.headers["X-Auth-User-Id"] == str(user.id)
    assert response.headers["X-Auth-Subject"] == str(user.id)
    assert response.headers["X-Auth-Client-Id"] == party.client_id
    # Only visible ASCII goes into a header; the rest is percent-encoded.
    assert response.headers["X-Auth-Email"] == "zo%C3%AB+100%25@example.com"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["", "/", "/orders", "/orders/7/lines"])
def test_any_method_and_the_path_that_envoy_appends(
    app: Flask, parties: Parties, method: str, path: str
) -> None:
    token = _own(parties.service("view_users"))
    query = "?permission=view_users"
    assert _ask(app, token, query, path=path, method=method).status_code == 200
    assert _ask(app, None, query, path=path, method=method).status_code == 401


def test_all_permissions_are_needed(app: Flask, parties: Parties) -> None:
    token = _own(parties.service("view_users"))
    assert _ask(app, token).status_code == 200
    challenge = _refusal(
        _ask(app, token, "?permission=view_users&permission=manage_users"), 403
    )
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="manage_users view_users"' in challenge
    # What a caller adds behind what the gateway asks for only narrows.
    query = "?permission=manage_users&permission=view_users&audience=" + OWN
    _refusal(_ask(app, token, query), 403)


def test_a_revoked_token_is_gone_at_once(app: Flask, party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    assert _ask(app, token, "?permission=view_users").status_code == 200
    party.post("/oauth/revoke", token=token)
    challenge = _refusal(_ask(app, token, "?permission=view_users"), 401)
    assert 'error="invalid_token"' in challenge


def test_what_was_taken_away_is_not_told(app: Flask, parties: Parties) -> None:
    service = parties.service("view_users", "manage_users")
    token = _own(service)
    arguments = ("permission:revoke", service.client_id, "manage_users")
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    response = _ask(app, token)
    assert response.headers["X-Auth-Permissions"] == "view_users"
    assert response.headers["X-Auth-Scope"] == "view_users"
    _refusal(_ask(app, token, "?permission=manage_users"), 403)


@pytest.mark.rfc("RFC 6750 §3", "a request without a good token is challenged")
@pytest.mark.parametrize(
    ("headers", "query", "status", "error"),
    [
        ({}, "", 401, None),
        ({"Authorization": "Basic YTpi"}, "", 401, None),
        ({"Authorization": "Bearer"}, "", 400, "invalid_request"),
        ({"Authorization": "Bearer a b"}, "", 400, "invalid_request"),
        ({"Authorization": "Bearer x.y.z"}, "", 401, "invalid_token"),
        ({"Authorization": "Bearer x"}, "?access_token=x", 400, "invalid_request"),
        ({}, "?access_token=x", 401, None),
    ],
)
def test_refusals_are_those_of_the_api(
    app: Flask, headers: dict[str, str], query: str, status: int, error: str | None
) -> None:
    response = app.test_client().get(f"/oauth/verify{query}", headers=headers)
    # Gateways know 401 and 403; nginx would answer 500 for the API's 400.
    challenge = _refusal(response, 401)
    api = app.test_client().get(f"/api/v1/me{query}", headers=headers)
    assert api.headers["WWW-Authenticate"] == challenge
    assert api.status_code == status
    assert (f'error="{error}"' in challenge) if error else ("error=" not in challenge)
    assert f'resource_metadata="{OWN}/.well-known/' in challenge


@pytest.mark.parametrize(
    "query",
    ["?permission=", '?permission=a"b', "?permission=%00", "?permission=a%20b",
     "?permission=view_users&permission=%0d%0aX-Evil:1", "?permission=%C3%A9"],
)  # fmt: skip
def test_a_crooked_permission_passes_nobody(
    app: Flask, parties: Parties, query: str
) -> None:
    token = _own(parties.service("view_users"))
    challenge = _refusal(_ask(app, token, query), 400)
    assert 'error="invalid_request"' in challenge


@pytest.mark.rfc("RFC 9068 §4", "an API takes only tokens that are meant for it")
def test_the_token_is_meant_for_the_api_behind(
    app: Flask, parties: Parties, configure: Callable[..., None]
) -> None:
    configure(api_audience=(OWN, ORDERS))
    service = parties.service("view_users")
    both = _own(service)
    own, orders = (_own(service, resource=one) for one in (OWN, ORDERS))
    passes = {
        "": {both, own},
        f"?audience={OWN}": {both, own},
        f"?audience={ORDERS}": {both, orders},
        f"?audience={ORDERS}&audience={OWN}": {both},
        "?audience=https://elsewhere.example": set(),
        "?audience=": set(),
    }
    for query, tokens in passes.items():
        for token in (both, own, orders):
            expected = 200 if token in tokens else 401
            assert _ask(app, token, query).status_code == expected, query


def test_it_costs_one_select(app: Flask, parties: Parties) -> None:
    token = _own(parties.service("view_users"))
    _ask(app, token)
    with count_statements(app) as statements:
        assert _ask(app, token, "?permission=view_users").status_code == 200
    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_an_announced_body_is_not_awaited(app: Flask, parties: Parties) -> None:
    token = _own(parties.service("view_users"))

    class Endless:
        """A body that a gateway announced and does not send."""

        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    response = app.test_client().post(
        "/oauth/verify",
        headers={"Authorization": f"Bearer {token}"},
        environ_overrides={
            "wsgi.input": Endless(),
            "CONTENT_LENGTH": "12",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
        },
    )
    assert response.status_code == 200


def test_credentials_of_a_client_are_no_token(app: Flask, parties: Parties) -> None:
    service = parties.service("view_users")
    pair = b64encode(f"{service.client_id}:{service.client_secret}".encode()).decode()
    response = app.test_client().get(
        "/oauth/verify", headers={"Authorization": f"Basic {pair}"}
    )
    _refusal(response, 401)


def test_without_keys_nobody_passes(
    app: Flask, parties: Parties, configure: Callable[..., None]
) -> None:
    token = _own(parties.service("view_users"))
    configure(passport_private_key="", passport_public_key="")
    assert _ask(app, token).status_code == 503
