"""Scopes and destinations in words."""

import pytest

from app.oauth.consent_screen import destination, effect_of


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("view_users", "see"),
        ("manage_users", "change"),
        ("approve_invoices", "change"),
        ("delete_users", "delete"),
        ("undelete_users", "see"),
        ("purge_log", "delete"),
    ],
)
def test_effects(name: str, effect: str) -> None:
    assert effect_of(name) == effect


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://app.example.com:8443/cb?x", "app.example.com"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://127.0.0.1:5/cb", None),
        ("http://[::1]:5/cb", None),
        ("http://localhost/cb", None),
        ("com.example.app:/cb", None),
        ("com.example.app://bank.example/cb", None),
    ],
)
def test_destinations(uri: str, host: str | None) -> None:
    assert destination(uri) == host
