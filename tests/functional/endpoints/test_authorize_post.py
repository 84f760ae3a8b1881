"""A POST is an authorization request too: it is stored, and judged by a GET."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.browsing import Browser
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


def _location(response: object) -> str:
    location: str = response.headers["Location"]  # type: ignore[attr-defined]
    return location


@pytest.mark.rfc(
    "RFC 6749 §3.1", "the authorization endpoint may take POST too", level="MAY"
)
def test_post_leads_to_the_consent_screen_by_get(party: RelyingParty) -> None:
    answer = party.browser.client.post(
        "/oauth/authorize", data=party.authorization_parameters()
    )
    assert answer.status_code == 303
    assert set(dict(parse_qsl(urlsplit(_location(answer)).query))) == {"resume"}
    page = party.browser.get(_location(answer))
    assert page.status_code == 200
    back = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    answered = party.answer(back)
    assert answered["state"] == party.state
    assert party.redeem(answered["code"]).status_code == 200
