"""simple-oauth2 against the served product."""

import pytest

from interop.conftest import Drive
from tests.factories import MadeClient, MadeUser


@pytest.mark.parametrize("method", ["header", "body"])
def test_both_grants(
    drive: Drive, confidential: MadeClient, customer: MadeUser, method: str
) -> None:
    told = drive("simple-oauth2.mjs", confidential, method=method)
    assert told["itself"]["client_id"] == confidential.id
    assert told["itself"]["user"] is None
    assert told["user"]["user"]["email"] == customer.email
    assert told["renewed"]["user"]["email"] == customer.email
    assert told["hasState"] is True
    assert told["isExpired"] is False
    assert told["isRotated"] is True
    assert told["afterwards"]["status"] == 401
    assert told["replay"] == "400 invalid_grant"
    assert told["dead"] == "400 invalid_grant"
