"""oauth4webapi 3, certified by the OpenID Foundation, against the served product."""

import pytest

from interop.conftest import POST_LOGOUT_REDIRECT_URI, REDIRECT_URI, Drive
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.serving import Served

pytestmark = pytest.mark.ci


def test_as_a_plain_oauth_client_and_as_an_api(
    drive: Drive, served: Served, confidential: MadeClient, customer: MadeUser
) -> None:
    told = drive("oauth4webapi-oauth.mjs", confidential)
    assert told["itself"]["user"] is None
    assert told["ownClaims"]["sub"] == confidential.id
    assert told["ownClaims"]["aud"] == served.address
    assert told["otherApi"]["code"] == "OAUTH_JWT_CLAIM_COMPARISON_FAILED"
    assert told["user"]["user"]["email"] == customer.email
    assert told["userClaims"]["sub"] == str(customer.id)
    assert told["userClaims"]["client_id"] == confidential.id
    assert told["active"]["scope"] == "view_users"
    assert told["revoked"] == {"active": False}
    assert told["isRotated"] is True
    assert told["afterwards"]["code"] == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"
    assert told["replay"]["error"] == "invalid_grant"
    assert told["reuse"]["error"] == "invalid_grant"


@pytest.mark.parametrize("is_confidential", [True, False], ids=["secret", "public"])
def test_as_an_openid_connect_relying_party(
    drive: Drive, make: Factory, customer: MadeUser, is_confidential: bool
) -> None:
    client = make.client(
        grant_types=["authorization_code"],
        redirect_uris=[REDIRECT_URI],
        is_confidential=is_confidential,
        post_logout_redirect_uris=(POST_LOGOUT_REDIRECT_URI,),
    )
    told = drive(
        "oauth4webapi-oidc.mjs",
        client,
        postLogoutRedirectUri=POST_LOGOUT_REDIRECT_URI,
    )
    assert told["claims"]["aud"] == client.id
    assert told["claims"]["sub"] == told["userinfo"]["sub"] == str(customer.id)
    assert told["userinfo"]["email"] == customer.email
    assert told["denied"]["error"] == "login_required"
    assert told["left"] == f"{POST_LOGOUT_REDIRECT_URI}?state=goodbye"
    assert told["signedOut"]["error"] == "login_required"


@pytest.mark.rfc("RFC 9728 §3.3", "the resource in the metadata is the one asked about")
def test_the_api_leads_to_its_server(
    drive: Drive, served: Served, confidential: MadeClient
) -> None:
    told = drive("oauth4webapi-resource.mjs", confidential, resource=served.address)
    assert told["challenge"]["code"] == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"
    assert told["metadata"]["authorization_servers"] == [served.address]
    assert told["claims"]["aud"] == served.address
    assert told["claims"]["sub"] == confidential.id
