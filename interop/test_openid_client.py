"""openid-client 6, certified by the OpenID Foundation, against the served product."""

import pytest

from interop.conftest import REDIRECT_URI, Drive
from tests.factories import MadeClient, MadeUser

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


def test_it_notices_answers_that_are_not_its_own(
    drive: Drive, confidential: MadeClient
) -> None:
    told = drive("openid-client-oauth.mjs", confidential)
    assert told["otherIssuer"]["code"] == "OAUTH_INVALID_RESPONSE"
    assert told["otherState"]["code"] == "OAUTH_INVALID_RESPONSE"
