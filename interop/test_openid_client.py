"""openid-client 6, certified by the OpenID Foundation, against the served product."""

import pytest

from interop.conftest import POST_LOGOUT_REDIRECT_URI, Drive
from tests.factories import MadeClient, MadeUser
from tests.support.serving import Served

pytestmark = pytest.mark.ci


def test_as_a_plain_oauth_client(
    drive: Drive, confidential: MadeClient, customer: MadeUser
) -> None:
    told = drive("openid-client-oauth.mjs", confidential)
    assert told["hasPkce"] is True
    assert told["itself"]["client_id"] == confidential.id
    assert told["itself"]["user"] is None
    assert told["user"]["user"]["email"] == customer.email
    assert told["scopes"] == {"own": "view_users", "first": "view_users"}
    assert told["isRotated"] is True
    assert told["active"]["active"] is True
    assert told["active"]["client_id"] == confidential.id
    assert told["revoked"] == {"active": False}
    assert told["afterwards"]["status"] == 401
    assert told["replay"]["error"] == "invalid_grant"
    # It notices answers that are not for its own request.
    assert told["otherIssuer"]["code"] == "OAUTH_INVALID_RESPONSE"
    assert told["otherState"]["code"] == "OAUTH_INVALID_RESPONSE"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_as_an_openid_connect_relying_party(
    drive: Drive, leaving: MadeClient, served: Served, customer: MadeUser, method: str
) -> None:
    told = drive(
        "openid-client-oidc.mjs",
        leaving,
        method=method,
        postLogoutRedirectUri=POST_LOGOUT_REDIRECT_URI,
    )
    assert told["claims"]["iss"] == served.address
    assert told["claims"]["sub"] == told["userinfo"]["sub"] == str(customer.id)
    assert told["userinfo"]["email"] == customer.email
    assert told["userinfo"]["name"] == customer.name
    assert told["silent"]["auth_time"] == told["claims"]["auth_time"]
    assert told["isRotated"] is True
    assert told["notNow"]["error"] == "login_required"
    assert told["revoked"]["code"] == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"
    assert told["left"] == f"{POST_LOGOUT_REDIRECT_URI}?state=goodbye"
    assert told["signedOut"]["error"] == "login_required"
