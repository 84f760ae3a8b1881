"""requests-oauthlib, used as its manual says, against the served product."""

import time

import pytest
from oauthlib.oauth2 import (
    AccessDeniedError,
    BackendApplicationClient,
    InvalidClientError,
    InvalidGrantError,
    InvalidScopeError,
)
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from tests.support.outside import OutsideApp


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let oauthlib speak http: the product is on the loopback."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def session(outside: OutsideApp) -> OAuth2Session:
    """The app's session for people."""
    return OAuth2Session(
        outside.client_id,
        redirect_uri=outside.redirect_uri,
        scope=["view_users"],
        pkce="S256",
    )


def token_address(outside: OutsideApp) -> str:
    return f"{outside.served.address}/oauth/token"


def come_back(session: OAuth2Session, outside: OutsideApp, decision: str) -> str:
    """Send the customer to the product; return the address they come back to."""
    address, _state = session.authorization_url(
        f"{outside.served.address}/oauth/authorize"
    )
    return outside.person.answer(address, decision)


def sign_in(session: OAuth2Session, outside: OutsideApp) -> dict[str, object]:
    return redeem(session, outside, come_back(session, outside, "allow"))


def redeem(session: OAuth2Session, outside: OutsideApp, back: str) -> dict[str, object]:
    token: dict[str, object] = session.fetch_token(
        token_address(outside),
        authorization_response=back,
        client_secret=outside.client_secret,
    )
    return token


def itself(outside: OutsideApp, *scopes: str) -> OAuth2Session:
    return OAuth2Session(
        client=BackendApplicationClient(outside.client_id, scope=scopes or None)
    )


def test_an_app_acts_as_itself(outside: OutsideApp) -> None:
    session = itself(outside)
    token = session.fetch_token(
        token_address(outside), client_secret=outside.client_secret
    )
    assert token["scope"] == ["view_users"]
    assert session.get(f"{outside.served.address}/api/v1/users").status_code == 200
    by_form = itself(outside, "view_users").fetch_token(
        token_address(outside),
        client_id=outside.client_id,
        client_secret=outside.client_secret,
        include_client_id=True,
    )
    assert outside.is_active(by_form["access_token"])


def test_an_app_acts_for_a_customer(
    session: OAuth2Session, outside: OutsideApp
) -> None:
    token = sign_in(session, outside)
    assert token["scope"] == ["view_users"]
    me = session.get(f"{outside.served.address}/api/v1/me").json()
    assert me["user"]["email"] == outside.person.email


def test_an_expired_token_is_refreshed_by_itself(
    session: OAuth2Session, outside: OutsideApp
) -> None:
    first = sign_in(session, outside)
    kept: list[dict[str, object]] = []
    later = OAuth2Session(
        outside.client_id,
        token=first | {"expires_at": time.time() - 1, "expires_in": -1},
        auto_refresh_url=token_address(outside),
        token_updater=kept.append,
    )
    answer = later.get(
        f"{outside.served.address}/api/v1/me",
        client_id=outside.client_id,
        client_secret=outside.client_secret,
    )
    assert answer.status_code == 200
    assert kept[0]["refresh_token"] != first["refresh_token"]
    assert not outside.is_active(str(first["refresh_token"]))


def test_it_refreshes_and_a_reused_token_ends_the_family(
    session: OAuth2Session, outside: OutsideApp
) -> None:
    first = sign_in(session, outside)
    auth = HTTPBasicAuth(outside.client_id, outside.client_secret)
    second = session.refresh_token(token_address(outside), auth=auth)
    third = session.refresh_token(token_address(outside), auth=auth)
    assert third["refresh_token"] != second["refresh_token"]
    # The successor of the first has been used, so no grace is left for the first.
    with pytest.raises(InvalidGrantError):
        session.refresh_token(
            token_address(outside), refresh_token=first["refresh_token"], auth=auth
        )
    assert not outside.is_active(third["refresh_token"])
    assert not outside.is_active(third["access_token"])


def test_it_understands_refusals(session: OAuth2Session, outside: OutsideApp) -> None:
    with pytest.raises(InvalidClientError):
        itself(outside).fetch_token(token_address(outside), client_secret="guessed")
    with pytest.raises(InvalidScopeError):
        itself(outside, "manage_users").fetch_token(
            token_address(outside), client_secret=outside.client_secret
        )
    back = come_back(session, outside, "allow")
    redeem(session, outside, back)
    with pytest.raises(InvalidGrantError):
        redeem(session, outside, back)


def test_it_understands_a_denial(session: OAuth2Session, outside: OutsideApp) -> None:
    # A known app is not asked about again, so this is one that the customer never saw.
    made = outside.served.json(
        "passport:client", "Unwanted",
        "--grant", "authorization_code", "--redirect-uri", outside.redirect_uri,
    )  # fmt: skip
    session.client_id = made["client_id"]
    back = come_back(session, outside, "deny")
    with pytest.raises(AccessDeniedError):
        session.fetch_token(token_address(outside), authorization_response=back)
