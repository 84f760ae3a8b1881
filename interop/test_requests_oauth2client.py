"""requests-oauth2client as a relying party: it checks the ID token strictly."""

import pytest
from requests_oauth2client import ClientSecretBasic, LoginRequired, OAuth2Client

from interop.conftest import REDIRECT_URI
from tests.factories import MadeClient, MadeUser
from tests.support.outside import Person
from tests.support.serving import Served

SCOPE = "openid profile email"


@pytest.fixture
def client(served: Served, confidential: MadeClient) -> OAuth2Client:
    """The library's client, from OpenID Connect Discovery."""
    return OAuth2Client.from_discovery_endpoint(
        f"{served.address}/.well-known/openid-configuration",
        issuer=served.address,
        redirect_uri=REDIRECT_URI,
        auth=ClientSecretBasic(confidential.id, confidential.secret),
        id_token_signed_response_alg="RS256",
        testing=True,
    )


def test_people_sign_in(
    client: OAuth2Client, person: Person, customer: MadeUser
) -> None:
    request = client.authorization_request(scope=SCOPE, max_age=3600)
    answer = request.validate_callback(person.answer(str(request)))
    token = client.authorization_code(answer, validate=True)
    assert token.id_token.subject == str(customer.id)
    userinfo = client.userinfo(token)
    assert userinfo["sub"] == str(customer.id)
    assert userinfo["email"] == customer.email


def test_nobody_is_asked_where_that_is_not_wanted(
    client: OAuth2Client, served: Served
) -> None:
    stranger = Person(served)
    request = client.authorization_request(scope=SCOPE, prompt="none")
    with pytest.raises(LoginRequired):
        request.validate_callback(stranger.answer(str(request)))
