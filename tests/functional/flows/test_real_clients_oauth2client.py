"""requests-oauth2client, used as its manual says, against the served product.

It learns every address from the metadata and checks `state` and `iss` of each answer.
"""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
import requests
from requests_oauth2client import (
    ClientSecretPost,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    MismatchingIssuer,
    MissingIssuer,
    OAuth2AccessTokenAuth,
    OAuth2AuthorizationCodeAuth,
    OAuth2Client,
    OAuth2ClientCredentialsAuth,
    PublicApp,
)

from tests.support.outside import TIMEOUT, OutsideApp


@pytest.fixture
def client(outside: OutsideApp) -> OAuth2Client:
    """The app, told nothing but the issuer and its own credentials."""
    return discover(outside, auth=(outside.client_id, outside.client_secret))


def discover(outside: OutsideApp, **options: object) -> OAuth2Client:
    issuer = outside.served.address
    return OAuth2Client.from_discovery_endpoint(
        f"{issuer}/.well-known/oauth-authorization-server",
        issuer=issuer,
        redirect_uri=outside.redirect_uri,
        testing=True,
        **options,
    )


def get(outside: OutsideApp, path: str, auth: object) -> requests.Response:
    return requests.get(f"{outside.served.address}{path}", auth=auth, timeout=TIMEOUT)


def test_an_app_acts_as_itself(client: OAuth2Client, outside: OutsideApp) -> None:
    auth = OAuth2ClientCredentialsAuth(client, scope="view_users")
    assert get(outside, "/api/v1/users", auth).status_code == 200
    assert auth.token.scope == "view_users"
    by_form = discover(
        outside, auth=ClientSecretPost(outside.client_id, outside.client_secret)
    )
    assert client.introspect_token(by_form.client_credentials())["active"] is True


@pytest.mark.rfc("RFC 9207 §2", "every answer names the issuer, so it can be checked")
def test_an_app_acts_for_a_customer(client: OAuth2Client, outside: OutsideApp) -> None:
    assert client.authorization_response_iss_parameter_supported
    request = client.authorization_request(
        scope="view_users", authorization_response_iss_parameter_supported=True
    )
    back = outside.person.answer(str(request))
    with pytest.raises(MismatchingIssuer):
        request.validate_callback(back.replace("iss=http", "iss=https"))
    with pytest.raises(MissingIssuer):
        request.validate_callback(back.replace("iss=", "was="))
    answer = request.validate_callback(back)
    auth = OAuth2AuthorizationCodeAuth(client, answer)
    me = get(outside, "/api/v1/me", auth).json()
    assert me["user"]["email"] == outside.person.email
    assert me["scope"] == "view_users"


def test_an_expired_token_is_refreshed_by_itself(
    client: OAuth2Client, outside: OutsideApp
) -> None:
    first = redeem(client, outside)
    expired_at = datetime.now(tz=UTC) - timedelta(seconds=1)
    auth = OAuth2AccessTokenAuth(client, attrs.evolve(first, expires_at=expired_at))
    assert get(outside, "/api/v1/me", auth).status_code == 200
    assert auth.token.refresh_token != first.refresh_token
    told = client.introspect_token(first, token_type_hint="refresh_token")
    assert told == {"active": False}


def test_a_revoked_token_is_dead(client: OAuth2Client, outside: OutsideApp) -> None:
    token = redeem(client, outside)
    assert client.introspect_token(token)["username"] == outside.person.email
    assert client.revoke_access_token(token) is True
    assert client.introspect_token(token) == {"active": False}
    assert client.introspect_token(token, "refresh_token") == {"active": False}
    assert get(outside, "/api/v1/me", token).status_code == 401
    # RFC 7009 §2.2: what is gone already, or never was, is no error.
    assert client.revoke_refresh_token(token) is True
    assert client.revoke_token("never was") is True


def test_it_understands_refusals(client: OAuth2Client, outside: OutsideApp) -> None:
    with pytest.raises(InvalidScope):
        client.client_credentials(scope="manage_users")
    with pytest.raises(InvalidGrant):
        client.refresh_token("gpr_guessed")
    with pytest.raises(InvalidClient):
        discover(outside, auth=(outside.client_id, "guessed")).client_credentials()


def test_a_public_app_has_no_secret(outside: OutsideApp) -> None:
    made = outside.served.json(
        "passport:client", "Pocket Sync",
        "--grant", "authorization_code", "--public",
        "--redirect-uri", outside.redirect_uri,
    )  # fmt: skip
    client = discover(outside, auth=PublicApp(made["client_id"]))
    token = redeem(client, outside)
    assert (
        get(outside, "/api/v1/me", token).json()["user"]["email"]
        == outside.person.email
    )
    second = client.refresh_token(token)
    assert second.refresh_token != token.refresh_token
    assert client.revoke_refresh_token(second) is True
    assert get(outside, "/api/v1/me", second).status_code == 401
    with pytest.raises(InvalidClient):
        discover(outside, auth=(made["client_id"], "any")).refresh_token(second)


def redeem(client: OAuth2Client, outside: OutsideApp) -> object:
    """Send the customer to the product and redeem the code they come back with."""
    request = client.authorization_request(scope="view_users")
    answer = request.validate_callback(outside.person.answer(str(request)))
    return client.authorization_code(answer)
