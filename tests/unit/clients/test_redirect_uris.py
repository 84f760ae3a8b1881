"""Which redirect URIs may be registered, and what matches a registered one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clients.redirect_uris import (
    MAXIMUM_LENGTH,
    explain_problem,
    matches,
    matches_any,
    parse_lines,
)

WEB = [
    "https://app.example.com/callback",
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com:8443/callback",
    "https://app.example.com/callback?tenant=7&lang=en",
    "https://app.example.com/a%20b/%C3%A9",
    "https://app.example.com/a/../b/./c",
    "https://app.example.com//double//slash",
    "https://APP.Example.com/callback",
    "https://xn--bcher-kva.example/callback",
    "https://my_service.internal/callback",
    "https://intranet/callback",
    "https://192.0.2.10/callback",
    "https://[2001:db8::1]:8443/callback",
    "https://localhost:3000/callback",
    "https://app.example.com/@someone",
    "https://app.example.com/callback?next=a@b",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:8080/callback",
    "http://[::1]/callback",
    "http://[::1]:9000/callback?x=1",
    "http://localhost:3000/callback",
    "http://localhost/callback",
]
PRIVATE = [
    "com.example.app:/signed-in",
    "com.example.app://signed-in",
    "com.example.app:///signed-in",
    "com.example.app:/signed-in?x=1",
    "org.example.my-app:/cb",
]
REFUSED = [
    # not an address at all
    ("", "Write an address"),
    ("app.example.com/callback", "starting with https://"),
    ("/callback", "starting with https://"),
    ("//app.example.com/callback", "starting with https://"),
    ("1https://app.example.com", "starting with https://"),
    ("https://app.example.com/" + "a" * MAXIMUM_LENGTH, "2000 characters"),
    # fragments
    ("https://app.example.com/#", "Remove the #"),
    ("https://app.example.com/callback#token", "Remove the #"),
    ("https://app.example.com#@evil.example", "Remove the #"),
    ("com.example.app:/signed-in#x", "Remove the #"),
    # wildcards
    ("https://*.example.com/callback", "wildcards"),
    ("https://app.example.com/*", "wildcards"),
    ("https://app.example.com/callback?*", "wildcards"),
    # credentials
    ("https://user:pass@app.example.com/", "user name and password"),
    ("https://user@app.example.com/", "user name and password"),
    ("https://app.example.com@evil.example/", "user name and password"),
    ("http://localhost:80@evil.example/", "user name and password"),
    ("http://127.0.0.1:80@evil.example/", "user name and password"),
    ("https://@app.example.com/", "user name and password"),
    ("https://a@b@app.example.com/", "user name and password"),
    ("com.example.app://user@host/x", "user name and password"),
    # dangerous schemes, however spelled
    ("javascript:alert(1)", "javascript:"),
    ("JavaScript:alert(1)", "javascript:"),
    ("javascript://app.example.com/%0aalert(1)", "javascript:"),
    ("data:text/html,hello", "data:"),
    ("DATA:text/html;base64,AAAA", "data:"),
    ("file:///etc/passwd", "file:"),
    ("blob:https://app.example.com/1234", "blob:"),
    ("vbscript:msgbox(1)", "vbscript:"),
    ("view-source:https://app.example.com", "view-source:"),
    ("about:blank", "about:"),
    ("filesystem:https://app.example.com/x", "filesystem:"),
    ("intent://scan/", "intent:"),
    ("ftp://app.example.com/x", "ftp:"),
    ("ws://app.example.com/x", "ws:"),
    ("mailto:ada@example.com", "mailto:"),
    ("tel:123", "tel:"),
    # control characters, blanks, backslashes
    ("https://app.example.com/\x00", "control characters"),
    ("https://app.example.com/\ncallback", "control characters"),
    ("https://app.example.com/\r\nSet-Cookie:x", "control characters"),
    ("https://app.example.com/\t", "control characters"),
    ("https://app.example.com/\x7f", "control characters"),
    (" https://app.example.com/", "blanks"),
    ("https://app.example.com/a b", "%20"),
    ("java\nscript:alert(1)", "control characters"),
    ("https:\\\\app.example.com\\callback", "backslash"),
    ("https://app.example.com\\@evil.example/", "backslash"),
    # beyond ASCII
    ("https://bücher.example/callback", "punycode"),
    ("https://аpp.example.com/callback", "punycode"),  # a Cyrillic letter
    ("https://app.example。com/callback", "punycode"),  # a full stop of its own
    ("https://ａpp.example.com/callback", "punycode"),
    ("https://app.example.com/é", "percent-encoded"),
    ("https://app.example.com/\u202ekcabllac", "percent-encoded"),
    ("https://app.example.com/\udc80", "percent-encoded"),
    ("été", "percent-encoded"),
    # characters that no URI has
    ("https://app.example.com/<script>", "%3C"),
    ('https://app.example.com/"x', "%22"),
    ("https://app.example.com/{id}", "%7B"),
    ("https://app.example.com/a|b", "%7C"),
    ("https://app.example.com/^", "%5E"),
    ("https://app.example.com/`", "%60"),
    ("https://app.example.com/100%", "%25"),
    ("https://app.example.com/%zz", "%25"),
    ("https://app.example.com/%u0041", "%25"),
    # hosts
    ("https:", "Write the host"),
    ("https:app.example.com", "Write the host"),
    ("https:/app.example.com", "Write the host"),
    ("https://", "Write the host"),
    ("https:///callback", "Write the host"),
    ("https://?x", "Write the host"),
    ("https://:443/", "Write the host"),
    ("https://app..example.com/", "Write the host"),
    ("https://.example.com/", "Write the host"),
    ("https://app.example.com./", "Write the host"),
    ("https://-app.example.com/", "Write the host"),
    ("https://app.example.com,evil.example/", "Write the host"),
    ("https://app%2eexample.com/", "Write the host"),
    ("https://evil.example%00.app.example.com/", "Write the host"),
    ("https://" + "a" * 64 + ".example/", "Write the host"),
    ("https://" + "a." * 130 + "example/", "Write the host"),
    ("https://[::1/", "Write the host"),
    ("https://[::1]x/", "Write the host"),
    ("https://[app]/", "IPv6"),
    ("https://[0:0:0:0:0:0:0:1]/", "[::1]"),
    ("https://[2001:DB8::0001]/", "[2001:db8::1]"),
    ("https://[fe80::1%25eth0]/", "[fe80::1]"),
    ("https://127.1/", "IPv4"),
    ("https://2130706433/", "IPv4"),
    ("https://0x7f000001/", "IPv4"),
    ("https://0x7f.1/", "IPv4"),
    ("https://127.0.0.01/", "IPv4"),
    ("https://256.0.0.1/", "IPv4"),
    # ports
    ("https://app.example.com:/", "port"),
    ("https://app.example.com:0/", "port"),
    ("https://app.example.com:65536/", "port"),
    ("https://app.example.com:080/", "port"),
    ("https://app.example.com:80:80/", "port"),
    ("https://app.example.com:https/", "port"),
    ("https://app.example.com:-1/", "port"),
    ("https://app.example.com:8 0/", "blanks"),
    # http beyond this computer
    ("http://app.example.com/callback", "Use https://"),
    ("HTTP://app.example.com/callback", "Use https://"),
    ("http://192.168.0.10/callback", "Use https://"),
    ("http://127.0.0.2/callback", "Use https://"),
    ("http://localhost.example.com/callback", "Use https://"),
    ("http://127.0.0.1.example.com/callback", "Use https://"),
    ("http://app.localhost/callback", "Use https://"),
    ("http://0.0.0.0/callback", "Use https://"),
    ("http://[::]/callback", "Use https://"),
    ("http://[::ffff:7f00:1]/callback", "Use https://"),
    # schemes of an app's own
    ("myapp://callback", "your domain backwards"),
    ("myapp:/callback", "your domain backwards"),
    ("localhost:3000/callback", "your domain backwards"),
    ("com..app:/callback", "your domain backwards"),
    ("com.:/callback", "your domain backwards"),
    ("com.example.app:", "Write a path"),
    ("com.example.app:callback", "Write a path"),
    ("app.example.com:8080/callback", "Write a path"),
]


@pytest.mark.parametrize("uri", WEB)
@pytest.mark.parametrize("is_confidential", [True, False])
def test_addresses_on_the_web_and_on_this_computer_are_accepted(
    uri: str, is_confidential: bool
) -> None:
    assert explain_problem(uri, is_confidential=is_confidential) is None
    assert matches(uri, uri)


@pytest.mark.rfc("RFC 8252 §7.1", "a private-use scheme is a reversed domain name")
@pytest.mark.parametrize("uri", PRIVATE)
def test_schemes_of_their_own_are_for_public_apps(uri: str) -> None:
    assert explain_problem(uri, is_confidential=False) is None
    refusal = explain_problem(uri, is_confidential=True)
    assert refusal is not None
    assert "public apps" in refusal


@pytest.mark.rfc("RFC 9700 §4.1.3", "redirect URIs are registered without wildcards")
@pytest.mark.rfc("RFC 6749 §3.1.2", "a redirect URI is absolute and has no fragment")
@pytest.mark.parametrize(("uri", "words"), REFUSED)
def test_other_addresses_are_refused_in_words_that_say_what_to_do(
    uri: str, words: str
) -> None:
    problem = explain_problem(uri, is_confidential=False)
    assert problem is not None
    assert words in problem
    assert problem.endswith(".")


@given(st.text(max_size=60), st.booleans())
def test_any_text_gets_an_answer(text: str, is_confidential: bool) -> None:
    for uri in (text, f"https://{text}", f"http://127.0.0.1{text}"):
        problem = explain_problem(uri, is_confidential=is_confidential)
        assert problem is None or problem.endswith(".")
        assert matches(uri, uri)


@given(st.text(max_size=40))
def test_nothing_accepted_leads_elsewhere_than_it_says(text: str) -> None:
    uri = f"https://app.example.com{text}"
    if explain_problem(uri, is_confidential=True) is None:
        rest = text.lstrip(".-_abcdefghijklmnopqrstuvwxyz0123456789")
        assert uri.isascii()
        assert not {"@", "\\", "#"} & set(rest.split("/")[0].split("?")[0])


ALMOST = [
    "https://app.example.com/callback/",
    "https://app.example.com/callback?",
    "https://app.example.com/callback?x=1",
    "https://app.example.com/callback#",
    "https://app.example.com/callback/../callback",
    "https://app.example.com/./callback",
    "https://app.example.com//callback",
    "https://app.example.com/%63allback",
    "https://app.example.com/callback%2f",
    "https://app.example.com/callback%252f",
    "https://app.example.com/Callback",
    "https://APP.example.com/callback",
    "HTTPS://app.example.com/callback",
    "https://app.example.com:443/callback",
    "https://app.example.com.evil.example/callback",
    "https://evil.example/https://app.example.com/callback",
    "https://app.example.com@evil.example/callback",
    "https://user@app.example.com/callback",
    "https://app.example.com\\@evil.example/callback",
    "https://аpp.example.com/callback",
    "http://app.example.com/callback",
    "//app.example.com/callback",
    " https://app.example.com/callback",
    "https://app.example.com/callback ",
    "https://app.example.com/callback\n",
    "https://app.example.com/callback\x00",
    "https://app.example.com/callbac",
    "",
]


@pytest.mark.rfc("RFC 6749 §3.1.2.3", "redirect URIs are compared as strings")
@pytest.mark.parametrize("requested", ALMOST)
def test_what_is_almost_the_registered_address_does_not_match(requested: str) -> None:
    assert not matches("https://app.example.com/callback", requested)


@pytest.mark.rfc("RFC 8252 §7.3", "any port is allowed for loopback IP redirects")
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("rest", ["/callback", "", "/", "?x=1", "/callback?x=1"])
@pytest.mark.parametrize("registered_port", ["", ":8080"])
def test_the_port_of_a_loopback_address_is_free(
    host: str, rest: str, registered_port: str
) -> None:
    registered = f"http://{host}{registered_port}{rest}"
    for port in ("", ":1", ":80", ":51004", ":65535"):
        assert matches(registered, f"http://{host}{port}{rest}")


@pytest.mark.rfc("RFC 8252 §8.4", "the whole redirect URI is registered and compared")
@pytest.mark.parametrize(
    "requested",
    [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/callback/",
        "http://127.0.0.1:51004/callback?x=1",
        "http://127.0.0.1:51004",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:080/callback",
        "http://127.0.0.1:٨٠/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1:80.evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:80:80/callback",
        "http://127.0.0.1:80\\@evil.example/callback",
        "http://user@127.0.0.1:80/callback",
        "http://[::1]:51004/callback",
        "http://localhost:51004/callback",
        "http://localhost/callback",
        "https://127.0.0.1:51004/callback",
        "HTTP://127.0.0.1:51004/callback",
        "http://127.0.0.1:51004/callback\n",
        "http://127.0.0.2:51004/callback",
        "http://127.1:51004/callback",
    ],
)
def test_nothing_but_the_port_of_a_loopback_address_is_free(requested: str) -> None:
    assert not matches("http://127.0.0.1/callback", requested)


@pytest.mark.rfc("RFC 8252 §8.3", "localhost is not a loopback address for this")
@pytest.mark.parametrize(
    ("registered", "requested"),
    [
        ("http://localhost/callback", "http://localhost:51004/callback"),
        ("http://localhost:3000/callback", "http://localhost:3001/callback"),
        ("http://localhost:3000/callback", "http://localhost/callback"),
        ("https://127.0.0.1/callback", "https://127.0.0.1:8443/callback"),
        ("https://app.example.com/cb", "https://app.example.com:8443/cb"),
        ("com.example.app://host/cb", "com.example.app://host:1/cb"),
    ],
)
def test_every_other_port_is_part_of_the_address(
    registered: str, requested: str
) -> None:
    assert not matches(registered, requested)


PIECES = st.lists(
    st.sampled_from(
        ["http://", "https://", "127.0.0.1", "[::1]", "localhost", "evil.example", ":",
         ":80", ":0", ":65536", "/", "//", "@", "\\", "?", "#", "%2F", "%252F", "cb",
         "..", "\t", "\n", "\x00", "é", ".", "user", "1"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(:[1-9][0-9]{0,4})?(?![^/?])")


def _without_port(uri: str) -> str:
    found = LOOPBACK.match(uri)
    return uri if found is None else f"{found[1]}{uri[found.end() :]}"


@pytest.mark.rfc("RFC 6749 §3.1.2.3", "redirect URIs are compared as strings")
@settings(max_examples=300)
@given(PIECES, PIECES, st.sampled_from(["", "http://127.0.0.1", "http://[::1]"]))
def test_whatever_matches_is_the_same_but_for_a_loopback_port(
    one: str, other: str, start: str
) -> None:
    for registered, requested in (
        (start + one, start + other),
        (start + one, f"{start}:{other}"),
        (start + one, f"{start}:8080{one}"),
        (one, other + one),
        (one, one + other),
    ):
        if matches(registered, requested):
            assert _without_port(registered) == _without_port(requested)
            assert matches(requested, registered)


def test_a_request_matches_if_any_registered_address_does() -> None:
    registered = ["https://app.example.com/callback", "http://[::1]/callback"]
    assert matches_any(registered, "https://app.example.com/callback")
    assert matches_any(registered, "http://[::1]:4000/callback")
    assert not matches_any(registered, "https://app.example.com/other")
    assert not matches_any([], "https://app.example.com/callback")


def test_lines_become_addresses_each_once_and_in_order() -> None:
    text = (
        "  https://b.example/ \r\n\r\nhttps://a.example/\thttps\nhttps://b.example/\r"
    )
    assert parse_lines(text) == ["https://b.example/", "https://a.example/\thttps"]
    assert parse_lines(" \n\t\r\n") == []


def test_a_line_keeps_the_characters_that_it_will_be_refused_for() -> None:
    # Only line breaks that forms send divide lines; others must not vanish unseen.
    for character in ("\x00", "\x0b", "\x1c", "\x85", "\u2028", "\u00a0"):
        line = f"https://a.example/{character}b"
        assert parse_lines(line) == [line]
        assert explain_problem(line, is_confidential=True) is not None
        assert parse_lines(line[:-1]) == [line[:-1]]
