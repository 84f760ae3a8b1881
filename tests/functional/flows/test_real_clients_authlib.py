"""Authlib's OAuth2Session, used as its manual says, against the served product."""

import time

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from tests.support.outside import OutsideApp


@pytest.fixture
def session(outside: OutsideApp, monkeypatch: pytest.MonkeyPatch) -> OAuth2Session:
    """The app's session for people."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    return new_session(outside)


def new_session(outside: OutsideApp, **options: object) -> OAuth2Session:
    return OAuth2Session(
        outside.client_id,
        options.pop("client_secret", outside.client_secret),
        redirect_uri=outside.redirect_uri,
        scope="view_users",
        code_challenge_method="S256",
        token_endpoint=f"{outside.served.address}/oauth/token",
        **options,
    )


def sign_in(session: OAuth2Session, outside: OutsideApp) -> dict[str, object]:
    """Send the customer to the product and take what they come back with."""
    verifier = generate_token(48)
    address, state = session.create_authorization_url(
        f"{outside.served.address}/oauth/authorize", code_verifier=verifier
    )
    token: dict[str, object] = session.fetch_token(
        authorization_response=outside.person.answer(address),
        state=state,
        code_verifier=verifier,
    )
    return token


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.rfc("RFC 6749 §2.3.1", "a client authenticates by HTTP Basic")
def test_an_app_acts_as_itself(
    outside: OutsideApp, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    session = new_session(outside, token_endpoint_auth_method=method)
    token = session.fetch_token(grant_type="client_credentials")
    assert token["token_type"] == "Bearer"
    assert token["scope"] == "view_users"
    assert "refresh_token" not in token
    me = session.get(f"{outside.served.address}/api/v1/me").json()
    assert me["client_id"] == outside.client_id
    assert me["user"] is None
    assert session.get(f"{outside.served.address}/api/v1/users").status_code == 200


def test_an_app_acts_for_a_customer(
    session: OAuth2Session, outside: OutsideApp
) -> None:
    token = sign_in(session, outside)
    assert token["scope"] == "view_users"
    me = session.get(f"{outside.served.address}/api/v1/me").json()
    assert me["user"]["email"] == outside.person.email
    assert me["permissions"] == ["view_users"]


def test_an_expired_token_is_refreshed_by_itself(
    session: OAuth2Session, outside: OutsideApp
) -> None:
    first = dict(sign_in(session, outside))
    session.token = first | {"expires_at": int(time.time()) - 1}
    assert session.get(f"{outside.served.address}/api/v1/me").status_code == 200
    assert session.token["access_token"] != first["access_token"]
    assert session.token["refresh_token"] != first["refresh_token"]
    assert outside.is_active(session.token["refresh_token"])
    assert not outside.is_active(str(first["refresh_token"]))


def test_it_introspects_and_revokes(
    session: OAuth2Session, outside: OutsideApp
) -> None:
    sign_in(session, outside)
    address = outside.served.address
    access_token = session.token["access_token"]
    told = session.introspect_token(
        f"{address}/oauth/introspect", access_token, "access_token"
    ).json()
    assert told["active"] is True
    assert told["username"] == outside.person.email
    assert told["client_id"] == outside.client_id
    gone = session.revoke_token(
        f"{address}/oauth/revoke", session.token["refresh_token"], "refresh_token"
    )
    assert gone.status_code == 200
    told = session.introspect_token(f"{address}/oauth/introspect", access_token)
    assert told.json() == {"active": False}
    assert session.get(f"{address}/api/v1/me").status_code == 401


def test_it_understands_refusals(session: OAuth2Session, outside: OutsideApp) -> None:
    address, state = session.create_authorization_url(
        f"{outside.served.address}/oauth/authorize", code_verifier=generate_token(48)
    )
    back = outside.person.answer(address)
    with pytest.raises(OAuthError) as refusal:
        session.fetch_token(
            authorization_response=back,
            state=state,
            code_verifier=generate_token(48),
        )
    assert refusal.value.error == "invalid_grant"
    guessing = new_session(outside, client_secret="gps_guessed")
    with pytest.raises(OAuthError) as refusal:
        guessing.fetch_token(grant_type="client_credentials")
    assert refusal.value.error == "invalid_client"
    assert refusal.value.description
