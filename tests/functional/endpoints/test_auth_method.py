"""The choice of one way in which a client may authenticate."""

from base64 import b64encode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.clients.queries import find_client
from tests.factories import Factory, MadeClient
from tests.support.api_caller import is_problem, with_permissions
from tests.support.console import Console
from tests.support.refusing import told

BASIC, POST = "client_secret_basic", "client_secret_post"
ENDPOINTS = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
ONE_MESSAGE = {
    "error": "invalid_client",
    "error_description": "Client authentication failed.",
}


def _send(app: Flask, client: MadeClient, method: str, address: str) -> TestResponse:
    form = {"grant_type": "client_credentials", "token": "x"}
    headers = {}
    if method == BASIC:
        pair = b64encode(f"{client.id}:{client.secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        form |= {"client_id": client.id, "client_secret": client.secret}
    return app.test_client().post(address, data=form, headers=headers)


def _method(app: Flask, client_id: str) -> str | None:
    with app.app_context():
        client = find_client(client_id)
        assert client is not None
        return client.token_endpoint_auth_method


@pytest.mark.rfc(
    "OpenID Connect Core §9", "a client authenticates by the method it registered"
)
@pytest.mark.rfc("RFC 7591 §2", "a client uses the authentication method it registered")
@pytest.mark.parametrize("address", ENDPOINTS)
@pytest.mark.parametrize("chosen", [BASIC, POST, None])
def test_only_the_chosen_way_is_taken(
    app: Flask, make: Factory, address: str, chosen: str | None
) -> None:
    client = make.client(permissions=["view_users"], token_endpoint_auth_method=chosen)
    for method in (BASIC, POST):
        response = _send(app, client, method, address)
        if chosen in {None, method}:
            assert response.status_code == 200
        else:
            assert response.status_code == 401
            assert told(response)[0] == ONE_MESSAGE


def test_the_api_takes_shows_and_changes_it(app: Flask) -> None:
    caller = with_permissions(app, ["manage_system"])
    given = {
        "client_name": "Nightly",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": POST,
    }
    body = caller.post("/clients", json=given).get_json()
    address = f"/clients/{body['client_id']}"
    assert body["token_endpoint_auth_method"] == POST
    assert _method(app, body["client_id"]) == POST
    for chosen in (BASIC, None):
        change = {"token_endpoint_auth_method": chosen}
        after = caller.patch(address, json=change).get_json()
        assert after["token_endpoint_auth_method"] == chosen
        assert _method(app, body["client_id"]) == chosen
    # What a client is stays: nothing turns it into a public one.
    for refused in ("none", "private_key_jwt", "", 1):
        change = {"token_endpoint_auth_method": refused}
        document = is_problem(caller.patch(address, json=change), 422)
        assert set(document["errors"]) == {"token_endpoint_auth_method"}


def test_a_public_app_keeps_none(app: Flask, make: Factory) -> None:
    caller = with_permissions(app, ["manage_system"])
    public = make.client(grant_types=["authorization_code"], is_confidential=False)
    address = f"/clients/{public.id}"
    assert caller.get(address).get_json()["token_endpoint_auth_method"] == "none"
    same = {"token_endpoint_auth_method": "none", "client_name": "Pocket"}
    assert caller.patch(address, json=same).status_code == 200
    for refused in (BASIC, None):
        change = {"token_endpoint_auth_method": refused}
        document = is_problem(caller.patch(address, json=change), 422)
        assert set(document["errors"]) == {"token_endpoint_auth_method"}


def test_the_settings_tab_changes_it(app: Flask, make: Factory) -> None:
    console = Console.of_administrator(app, make)
    client = make.client()
    address = f"/developer/apps/{client.id}/settings"
    for chosen, kept in ((POST, POST), (BASIC, BASIC), ("either", None)):
        values = {"token_endpoint_auth_method": chosen}
        assert console.send(address, values, action="/settings$").status_code == 303
        assert _method(app, client.id) == kept
    forged = {"token_endpoint_auth_method": "none"}
    assert console.send(address, forged, action="/settings$").status_code == 422
    public = make.client(grant_types=["authorization_code"], is_confidential=False)
    page = console.get(f"/developer/apps/{public.id}/settings")
    assert "token_endpoint_auth_method" not in page.text


def test_the_command_takes_it(app: Flask) -> None:
    runner = app.test_cli_runner()
    arguments = ["passport:client", "Nightly", "--grant", "client_credentials"]
    made = runner.invoke(args=[*arguments, "--auth-method", POST, "--json"])
    assert made.exit_code == 0, made.output
    assert f'"token_endpoint_auth_method": "{POST}"' in made.stdout
    assert runner.invoke(args=[*arguments, "--auth-method", "none"]).exit_code == 2
    public = ["passport:client", "Pocket", "--grant", "authorization_code", "--public"]
    uri = ["--redirect-uri", "https://app.example.com/cb"]
    refused = runner.invoke(args=[*public, *uri, "--auth-method", BASIC])
    assert refused.exit_code == 1
    assert "public app has no secret" in refused.stderr
