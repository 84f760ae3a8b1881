"""Redirect URIs taken apart: by the characters, whatever text comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.redirect_uris import explain_problem
from app.clients.uris import parse_uri


@given(st.text())
def test_nothing_is_lost_or_changed(text: str) -> None:
    parsed = parse_uri(text)
    rest = parsed.authority + parsed.path + parsed.query + parsed.fragment
    assert text in {rest, f"{parsed.scheme}:{rest}"}
    place = parsed.authority.removeprefix("//")
    assert place in {parsed.host, f"{parsed.host}:{parsed.port}"}


@pytest.mark.parametrize(
    ("uri", "origin", "is_loopback"),
    [
        ("https://App.example.com/a?b", ("https", "app.example.com", "443"), False),
        ("HTTP://LocalHost?b", ("http", "localhost", "80"), True),
        ("http://[::1]:9000/a", ("http", "[::1]", "9000"), True),
        ("http://127.0.0.1", ("http", "127.0.0.1", "80"), True),
        (
            "http://127.0.0.1@evil.example/",
            ("http", "127.0.0.1@evil.example", "80"),
            False,
        ),
        (
            "https://localhost.evil.example/",
            ("https", "localhost.evil.example", "443"),
            False,
        ),
        ("com.example.app:/cb", ("com.example.app", "", ""), False),
    ],
)
def test_the_place_is_told(
    uri: str, origin: tuple[str, str, str], is_loopback: bool
) -> None:
    parsed = parse_uri(uri)
    assert (parsed.origin, parsed.is_loopback) == (origin, is_loopback)


def test_what_is_called_loopback_alone_may_be_plain_http() -> None:
    for host in ("127.0.0.1", "[::1]", "localhost", "127.0.0.2", "example.com"):
        uri = f"http://{host}/cb"
        is_allowed = explain_problem(uri, is_confidential=True) is None
        assert is_allowed is parse_uri(uri).is_loopback
