"""Where two addresses differ, in characters and in words."""

import pytest

from app.clients.redirect_differences import explain_difference, place_of

CALLBACK = "https://app.example.com/callback"


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (f"{CALLBACK}/", "An extra slash at the end."),
        (f"http{CALLBACK[5:]}", "http: instead of https:."),
        (CALLBACK.replace(".com", ".com:8443"), "Port 8443 instead of 443."),
        (CALLBACK.replace("callback", "Callback"), "Upper and lower case differ."),
        (CALLBACK.replace("app.", "www.app."), "The host begins with www."),
        ("https://evil.example/callback", "A different host."),
        ("https://app.example.com/other", "A different path."),
        ("https://app.example.com/callbak", "A letter is missing: c before k."),
        ("https://app.example.com/callbac", "A letter is missing: k at the end."),
        ("https://app.example.com/calllback", "An extra letter: l before b."),
        ("https://app.example.com/call-back", "An extra character: - before b."),
        ("https://app.example.com/callbick", "A letter differs: i instead of a."),
        (
            "https://app.example.com/clalback",
            "Two characters are swapped: la instead of al.",
        ),
        ("https://app.examp1e.com/callback", "A letter differs: 1 instead of l."),
        (f"{CALLBACK}/more", "The path continues where the registered one ends."),
        (f"{CALLBACK}?a=1", "An extra query."),
        (f"{CALLBACK}#x", "The part after # differs."),
        (
            "http://evil.example/callback/",
            "http: instead of https:. A different host. An extra slash at the end of "
            "the path.",
        ),
        ("app.example.com/callback", "It does not begin with https:."),
        (r"/\evil.example", "It does not begin with https:."),
        ("javascript:alert(1)", "javascript: instead of https:."),
        ("https:/callback", "The host is missing."),
        (
            "https://bob:…@app.example.com/callback",
            "A user name or password before the host.",
        ),
        (
            "https://app.example.com@evil.example/callback",
            "A user name or password before the host. A different host.",
        ),
        (CALLBACK, "It is now registered."),
    ],
)
def test_differences_are_named(came: str, words: str) -> None:
    difference = explain_difference(came, [CALLBACK])
    assert difference is not None
    assert difference.words == words
    assert difference.same + difference.came + difference.came_rest == came
    registered = difference.same + difference.registered + difference.registered_rest
    assert registered == CALLBACK


@pytest.mark.parametrize(
    ("came", "registered", "words"),
    [
        ("http://localhost:80/", "http://127.0.0.1:80/", "localhost instead of"),
        ("http://localhost/x", "http://localhost:3000/x", "Port 3000 is missing."),
        ("https://a.example", "https://www.a.example", "The host lacks the www."),
        ("https://A.example/x/", "https://a.example/x", "Upper and lower case of the"),
        ("https://a.example/X?b", "https://a.example/x?a", "Upper and lower case of"),
        ("https://a.example/x", "https://a.example/x/", "The slash at the end"),
        ("https://a.example/x?b", "https://a.example/x/?b", "The slash at the end of"),
        ("https://a.example/?b", "https://a.example/?a", "A different query."),
        ("https://a.example/", "https://a.example/?a", "The query is missing."),
        ("", "https://a.example/", "It does not begin with https:."),
        ("my://a:1", "my://a", "An extra port: 1."),
        ("https://a.example:443/", "https://a.example/", "The usual port is written"),
    ],
)
def test_other_pairs(came: str, registered: str, words: str) -> None:
    difference = explain_difference(came, [registered])
    assert difference is not None
    assert difference.words.startswith(words)


def test_the_first_different_character_is_marked() -> None:
    difference = explain_difference("https://app.example.com/Callback", [CALLBACK])
    assert difference is not None
    assert (difference.came, difference.registered) == ("C", "c")
    difference = explain_difference(f"{CALLBACK}/", [CALLBACK])
    assert difference is not None
    assert (difference.came, difference.registered) == ("/", "")


def test_the_nearest_is_shown() -> None:
    registered = ["https://a.example/callback", "https://b.example/signed-in"]
    difference = explain_difference("https://b.example/signed-in/", registered)
    assert difference is not None
    assert difference.same == registered[1]
    assert explain_difference(CALLBACK, []) is None


def test_another_origin_is_told_apart() -> None:
    for came, is_other in (
        (f"{CALLBACK}/x", False),
        ("https://APP.example.com:443/x", False),
        ("https://evil.example/callback", True),
        ("http://app.example.com/callback", True),
        ("https://app.example.com@evil.example/", True),
    ):
        difference = explain_difference(came, [CALLBACK])
        assert difference is not None
        assert difference.is_other_origin is is_other, came


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("https://App.example.com/callback", "app.example.com"),
        ("https://app.example.com:443/", "app.example.com"),
        ("https://app.example.com:8443", "app.example.com:8443"),
        ("http://[::1]:3000/callback", "[::1]:3000"),
        ("com.example.app:/callback", "com.example.app:"),
        ("myapp://callback", "myapp:"),
    ],
)
def test_places_are_short_enough_to_be_typed(uri: str, place: str) -> None:
    assert place_of(uri) == place
