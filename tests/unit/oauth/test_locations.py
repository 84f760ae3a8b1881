"""Leading back to a client."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.oauth.locations import with_answer


@pytest.mark.rfc("RFC 6749 §3.1.2", "the redirect URI's own query is retained")
@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=c"),
        ("https://a.example/cb?", "https://a.example/cb?code=c"),
        ("https://a.example/cb?x=1&", "https://a.example/cb?x=1&code=c"),
        ("https://a.example/cb?x=%20'b", "https://a.example/cb?x=%20'b&code=c"),
        ("com.example.app:///cb", "com.example.app:///cb?code=c"),
    ],
)
def test_the_uri_stays_as_it_is(uri: str, expected: str) -> None:
    assert with_answer(uri, [("code", "c")]) == expected


@given(some.text(some.characters(exclude_categories=["Cs"])))
def test_any_state_comes_back_and_breaks_no_line(state: str) -> None:
    location = with_answer("https://a.example/cb", [("state", state)])
    assert location.isascii()
    assert location.isprintable()
    query = parse_qsl(urlsplit(location).query, keep_blank_values=True)
    assert query == [("state", state)]
