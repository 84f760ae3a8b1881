"""Resource indicators (RFC 8707): for which of our APIs a token is meant."""

from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from json import loads
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

OWN, ORDERS = "http://127.0.0.1:8000", "https://orders.example.com/v1"
NOT_OURS = (
    "https://elsewhere.example.com",
    "https://orders.example.com/v1/",
    "https://orders.example.com/V1",
    f"{ORDERS}#part",
    f"{OWN}#",
    "orders",
    "/v1",
    "orders api",
    f"{OWN} {ORDERS}",
    "http://[::1",
)


@pytest.fixture(autouse=True)
def two_apis(configure: Callable[..., None]) -> None:
    """There is another API beside our own, and a name that is no address."""
    configure(api_audience=(OWN, ORDERS, "orders"))


def _claims(response: TestResponse) -> dict[str, object]:
    assert response.status_code == 200, response.text
    part = response.get_json()["access_token"].split(".")[1]
    found: dict[str, object] = loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _audience(response: TestResponse) -> object:
    return _claims(response)["aud"]


def _refused(response: TestResponse) -> None:
    assert response.status_code == 400, response.text
    assert response.get_json()["error"] == "invalid_target"


def _send(party: RelyingParty, *resources: str, **form: str) -> TestResponse:
    """Send a token request that names resources one by one."""
    pair = f"{party.client_id}:{party.client_secret}".encode()
    return party.browser.app.test_client().post(
        "/oauth/token",
        data={**form, "resource": list(resources)},
        headers={"Authorization": f"Basic {b64encode(pair).decode()}"},
    )


@pytest.mark.rfc("RFC 9700 §2.3", "a token names the APIs it is for", level="SHOULD")
@pytest.mark.rfc("RFC 8707 §2", "without a resource a token is for all that is served")
def test_without_a_resource_it_is_for_all(party: RelyingParty) -> None:
    assert _audience(party.act_as_itself()) == [OWN, ORDERS, "orders"]
    assert _audience(party.redeem(party.allow()["code"])) == [OWN, ORDERS, "orders"]
    # RFC 6749 §3.2: a parameter without a value counts as absent.
    assert _audience(party.act_as_itself(resource="")) == [OWN, ORDERS, "orders"]


@pytest.mark.rfc(
    "RFC 9068 §3", "the resource that was asked for is the audience", level="SHOULD"
)
@pytest.mark.rfc("RFC 8707 §2", "the token's audience is what was asked for")
@pytest.mark.parametrize("resource", [OWN, ORDERS])
def test_a_client_acting_as_itself_chooses(party: RelyingParty, resource: str) -> None:
    assert _audience(party.act_as_itself(resource=resource)) == resource


def test_an_empty_path_is_the_same_as_a_slash(party: RelyingParty) -> None:
    assert _audience(party.act_as_itself(resource=f"{OWN}/")) == OWN


@pytest.mark.rfc("RFC 8707 §2", "several resources may be named, each in a parameter")
def test_only_this_parameter_may_be_repeated(party: RelyingParty) -> None:
    form = {"grant_type": "client_credentials"}
    assert _audience(_send(party, ORDERS, OWN, **form)) == [OWN, ORDERS]
    assert _audience(_send(party, "", ORDERS, ORDERS, **form)) == ORDERS
    _refused(_send(party, ORDERS, "https://elsewhere.example.com", **form))
    twice = {"grant_type": "client_credentials", "scope": ["a", "a"]}
    response = _send(party, ORDERS, **twice)  # type: ignore[arg-type]
    assert response.get_json()["error"] == "invalid_request"


@pytest.mark.rfc("RFC 8707 §2", "an unknown or malformed resource is invalid_target")
@pytest.mark.parametrize("resource", NOT_OURS)
def test_what_is_not_ours_is_refused_everywhere(
    party: RelyingParty, resource: str
) -> None:
    _refused(party.act_as_itself(resource=resource))
    told = party.allow(resource=resource)
    assert told["error"] == "invalid_target"
    assert told["state"] == party.state
    assert told["iss"] == OWN
    code = party.allow()["code"]
    _refused(party.redeem(code, resource=resource))
    # The refusal spent neither the code nor the refresh token.
    tokens = party.redeem(code).get_json()
    _refused(party.refresh(tokens["refresh_token"], resource=resource))
    assert party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.rfc("RFC 9700 §2.3", "a token names the APIs it is for", level="SHOULD")
@pytest.mark.rfc("RFC 8707 §2.2", "a token request narrows what the code is for")
def test_a_token_request_narrows_and_the_family_keeps(party: RelyingParty) -> None:
    query = urlencode([("resource", ORDERS), ("resource", OWN)])
    asked = urlencode(party.authorization_parameters())
    page = party.browser.get(f"/oauth/authorize?{asked}&{query}")
    page = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    response = party.redeem(party.answer(page)["code"], resource=ORDERS)
    assert _audience(response) == ORDERS
    response = party.refresh(response.get_json()["refresh_token"])
    assert _audience(response) == [OWN, ORDERS]
    response = party.refresh(response.get_json()["refresh_token"], resource=OWN)
    assert _audience(response) == OWN


@pytest.mark.rfc("RFC 8707 §2.2", "no token is for more than what was granted")
def test_nothing_widens(party: RelyingParty) -> None:
    code = party.allow(resource=ORDERS)["code"]
    _refused(party.redeem(code, resource=OWN))
    response = party.redeem(code)
    assert _audience(response) == ORDERS
    refresh_token = response.get_json()["refresh_token"]
    _refused(party.refresh(refresh_token, resource=OWN))
    assert _audience(party.refresh(refresh_token, resource=ORDERS)) == ORDERS


def test_asking_for_too_much_does_not_hide_a_replay(party: RelyingParty) -> None:
    code = party.allow(resource=ORDERS)["code"]
    token = party.redeem(code).get_json()["refresh_token"]
    assert party.redeem(code, resource=OWN).get_json()["error"] == "invalid_grant"
    assert party.refresh(token).get_json()["error"] == "invalid_grant"


@pytest.mark.rfc("RFC 8707 §2", "a token is good only where it is meant for")
@pytest.mark.rfc("RFC 9068 §4", "an API takes only tokens that are meant for it")
def test_our_api_refuses_a_token_for_another(party: RelyingParty) -> None:
    other = party.act_as_itself(resource=ORDERS).get_json()["access_token"]
    response = party.call(other)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    ours = party.act_as_itself(resource=OWN).get_json()["access_token"]
    assert party.call(ours).status_code == 200
    assert party.introspect(other)["aud"] == ORDERS


def test_an_api_that_is_no_longer_served_is_granted_no_more(
    party: RelyingParty, configure: Callable[..., None]
) -> None:
    family = party.tokens(resource=ORDERS)
    everything = party.tokens()
    configure(api_audience=(OWN,))
    _refused(party.refresh(family["refresh_token"]))
    assert _audience(party.refresh(everything["refresh_token"])) == OWN
    configure(api_audience=(OWN, ORDERS))
    assert _audience(party.refresh(family["refresh_token"])) == ORDERS


def test_the_screen_and_a_stored_request_keep_it(parties: Parties) -> None:
    party = parties.confidential()
    parameters = party.authorization_parameters()
    body = urlencode([*parameters.items(), ("resource", ORDERS), ("resource", OWN)])
    kept = party.browser.client.post(
        "/oauth/authorize",
        data=body,
        content_type="application/x-www-form-urlencoded",
    )
    page = party.browser.get(kept.headers["Location"])
    assert page.status_code == 200
    page = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    assert _audience(party.redeem(party.answer(page)["code"])) == [OWN, ORDERS]
