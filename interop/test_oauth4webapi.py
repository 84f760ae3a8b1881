"""oauth4webapi 3, certified by the OpenID Foundation, against the served product."""

import pytest

from interop.conftest import Drive
from tests.factories import MadeClient, MadeUser
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
