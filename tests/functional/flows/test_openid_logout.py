"""Signing out at an app's request (OpenID Connect RP-Initiated Logout)."""

from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

AFTER = "https://app.example.com/signed-out"


@pytest.fixture
def leaving(parties: Parties) -> RelyingParty:
    """An app that registered where people return to after signing out."""
    return parties.confidential(post_logout_redirect_uris=(AFTER,))


def sign_out(party: RelyingParty, **parameters: str) -> TestResponse:
    """Lead the browser to the sign-out endpoint."""
    return party.browser.get(f"/oauth/logout?{urlencode(parameters)}")


def is_signed_in(party: RelyingParty) -> bool:
    """Tell whether the browser still has a session."""
    return party.browser.client.get("/account/security").status_code == 200


@pytest.mark.rfc("RP-Initiated Logout §2", "the hinted session ends")
@pytest.mark.rfc("RP-Initiated Logout §3", "the state comes back with the redirect")
def test_the_persons_own_id_token_signs_out_and_leads_back(
    leaving: RelyingParty,
) -> None:
    tokens = leaving.tokens(scope="openid")
    page = sign_out(
        leaving,
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=AFTER,
        state="s 1",
    )
    assert page.status_code == 303
    assert page.headers["Location"] == f"{AFTER}?state=s+1"
    assert not is_signed_in(leaving)
    # Signing out ends no token.
    assert leaving.call(tokens["access_token"]).status_code == 200
    again = sign_out(
        leaving, client_id=leaving.client_id, post_logout_redirect_uri=AFTER
    )
    assert again.headers["Location"] == AFTER


@pytest.mark.rfc("RP-Initiated Logout §2", "without an ID token the person is asked")
def test_without_a_hint_the_person_is_asked(leaving: RelyingParty) -> None:
    page = sign_out(
        leaving, client_id=leaving.client_id, post_logout_redirect_uri=AFTER
    )
    assert page.status_code == 200
    assert "Sign out?" in page.text
    assert is_signed_in(leaving)
    leaving.browser.page = page
    page = leaving.browser.submit(action="/oauth/logout", follow=False)
    assert page.headers["Location"] == AFTER
    assert not is_signed_in(leaving)


def test_the_confirmation_needs_its_token(leaving: RelyingParty) -> None:
    page = leaving.browser.client.post("/oauth/logout", data={"confirmed": "yes"})
    assert page.status_code == 400
    assert is_signed_in(leaving)


def test_it_can_be_posted_from_the_apps_page(leaving: RelyingParty) -> None:
    hint = leaving.tokens(scope="openid")["id_token"]
    page = leaving.browser.client.post(
        "/oauth/logout",
        data={"id_token_hint": hint, "post_logout_redirect_uri": AFTER},
    )
    # A cross-site POST brings no cookie: the browser comes back by GET.
    assert page.status_code == 303
    page = leaving.browser.get(page.headers["Location"])
    assert page.headers["Location"] == AFTER
    assert not is_signed_in(leaving)


@pytest.mark.rfc("RP-Initiated Logout §3.1", "only registered addresses are gone to")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        f"{AFTER}/",
        f"{AFTER}?x=1",
        "https://app.example.com/callback",
        "javascript:alert(1)",
    ],
)
def test_no_other_address_is_gone_to(leaving: RelyingParty, uri: str) -> None:
    hint = leaving.tokens(scope="openid")["id_token"]
    page = sign_out(leaving, id_token_hint=hint, post_logout_redirect_uri=uri)
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert is_signed_in(leaving)


def test_another_persons_hint_does_not_sign_this_one_out(
    leaving: RelyingParty, parties: Parties
) -> None:
    hint = leaving.tokens(scope="openid")["id_token"]
    leaving.browser = parties.browser_of(parties.person())
    page = sign_out(leaving, id_token_hint=hint, post_logout_redirect_uri=AFTER)
    assert "Sign out?" in page.text
    assert is_signed_in(leaving)


@pytest.mark.parametrize(
    "parameters",
    [
        {"id_token_hint": "garbage"},
        {"client_id": "unknown", "post_logout_redirect_uri": AFTER},
        {"post_logout_redirect_uri": AFTER},
        {"client_id": "a\0b"},
    ],
)
def test_a_wrong_request_is_told_on_a_page(
    leaving: RelyingParty, parameters: dict[str, str]
) -> None:
    page = sign_out(leaving, **parameters)
    assert page.status_code == 400
    assert is_signed_in(leaving)
