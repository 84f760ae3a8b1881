"""Browsers in words that people recognise."""

import pytest

from app.accounts.browsers import in_words

LINUX = "Mozilla/5.0 (X11; Linux x86_64)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{LINUX} Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("curl/8.5.0", "curl"),
        ("Python-urllib/3.11", "Python-urllib/3.11"),
        ("PostmanRuntime/7.36.1", "PostmanRuntime/7.36.1"),
        ("Go-http-client/1.1 (Linux)", "Go-http-client/1.1 on Linux"),
        ("okhttp", "okhttp"),
        (LINUX, "A browser on Linux"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
        ("evil<b>/1", "A browser"),
        ("x" * 255, "A browser"),
        ("\u202egnimmoc", "A browser"),
    ],
)
def test_what_is_signed_in_has_a_name(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
