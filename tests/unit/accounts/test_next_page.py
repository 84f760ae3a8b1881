"""The page to come back to after signing in is always one of ours."""

import pytest

from app.accounts.next_page import leads_to_consent, local_page


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/developer/apps?page=2&sort=name",
        "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fevil.example%2F",
        "/account/apps#top",
        "/a//b",
        "/login/elsewhere",
        "/?next=//evil.example",
    ],
)
def test_a_path_of_ours_is_kept(address: str) -> None:
    assert local_page(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "https://evil.example/",
        "https:evil.example",
        "HTTPS:/evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "data:text/html,hi",
        "evil.example",
        "account/apps",
        "?a=b",
        "#top",
        " /account/apps",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "/\x00",
        "/\x7f",
        "/\u0085",
        "/\u2028evil",
        "/é",
        "/" + "a" * 20_000,
        "/login",
        "/login?next=/login",
        "/logout",
        "http://[evil",
    ],
)
def test_anything_else_is_dropped(address: str | None) -> None:
    assert local_page(address) is None


def test_only_the_way_to_consent_goes_on_to_an_app() -> None:
    assert leads_to_consent("/oauth/authorize?client_id=a")
    assert leads_to_consent("/oauth/consent?request_id=a")
    assert not leads_to_consent("/oauth/authorizeX")
    assert not leads_to_consent("/account/apps?next=/oauth/authorize")
    assert not leads_to_consent(None)
