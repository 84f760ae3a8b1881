"""Redirect URIs judged line by line: the spelling that is meant, and advice."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clients.redirect_advice import Judgement, judge, respell
from app.clients.redirect_uris import explain_problem

ISSUER = "https://id.example.com"


def judged(*uris: str, is_confidential: bool = True) -> list[Judgement]:
    return judge(uris, is_confidential=is_confidential, issuer=ISSUER)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("app.example.com/cb", "https://app.example.com/cb"),
        ("//app.example.com/cb", "https://app.example.com/cb"),
        ("http://app.example.com/cb", "https://app.example.com/cb"),
        ("HTTPS://App.Example.com/Cb", "https://app.example.com/Cb"),
        ("https:/app.example.com/cb", "https://app.example.com/cb"),
        ("https:\\\\app.example.com\\cb", "https://app.example.com/cb"),
        ("https://app.example.com/cb#done", "https://app.example.com/cb"),
        ("https://app.example.com/a b", "https://app.example.com/a%20b"),
        ("https://app.example.com/é?q={x}", "https://app.example.com/%C3%A9?q=%7Bx%7D"),
        ("https://app.example.com/50%", "https://app.example.com/50%25"),
        ("https://app.example.com:/cb", "https://app.example.com/cb"),
        ("https://App.example.com:443/cb", "https://app.example.com/cb"),
        ("http://app.example.com:80/cb", "https://app.example.com/cb"),
        ("http://app.example.com:443/cb", "https://app.example.com/cb"),
        ("https://me:word@app.example.com/cb", "https://app.example.com/cb"),
        ("https://bücher.example/cb", "https://xn--bcher-kva.example/cb"),
        ("http://[0:0:0:0:0:0:0:1]/cb", "http://[::1]/cb"),
        ("localhost:3000/cb", "http://localhost:3000/cb"),
        ("127.0.0.1/cb", "http://127.0.0.1/cb"),
    ],
)
def test_what_is_meant_is_offered(typed: str, meant: str) -> None:
    assert respell(typed, is_confidential=True) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "https://app.example.com/cb",
        "http://127.0.0.1:8080/cb",
        "http://127.0.0.1:80/cb",
        "https://app.example.com:80/cb",
        "",
        "nonsense",
        "javascript:alert(1)",
        "ftp://app.example.com/",
        "https://",
        "https://*.example.com/cb",
        # IDNA makes ss of it, which somebody else may own.
        "https://straße.example/cb",
        "https://app.example.com:99999/cb",
        "https://127.1/cb",
        "https://[zz]/cb",
        "https://a..example/cb",
        "https://\ud800.example/\ud800",
    ],
)
def test_nothing_is_offered_where_it_would_be_a_guess(typed: str) -> None:
    assert respell(typed, is_confidential=True) is None


def test_a_scheme_of_its_own_gets_its_path_only_where_it_may_be_used() -> None:
    typed = "com.example.App:signed-in#x"
    assert respell(typed, is_confidential=False) == "com.example.app:/signed-in"
    assert respell(typed, is_confidential=True) is None


@settings(max_examples=300)
@given(st.text(max_size=60) | st.from_regex(r"https?:/{0,3}\S{0,40}", fullmatch=True))
def test_what_is_offered_can_be_registered_and_is_final(typed: str) -> None:
    for is_confidential in (True, False):
        offered = respell(typed, is_confidential=is_confidential)
        if offered is not None:
            assert explain_problem(offered, is_confidential=is_confidential) is None
            assert respell(offered, is_confidential=is_confidential) is None
        judged(typed, is_confidential=is_confidential)


@pytest.mark.parametrize(
    "typed",
    ["a." * 500 + "a@", "a." * 500 + "x:80 y", "a" * 1900 + "@", "1." * 900 + ":80 x",
     "a." * 50_000 + "@", "https://" + "[" * 1900, "com" + ".a" * 900 + "@"],
)  # fmt: skip
def test_no_line_takes_long_to_judge(typed: str) -> None:
    began = time.process_time()
    judged(typed, is_confidential=False)
    assert time.process_time() - began < 0.1


def test_a_good_line_has_neither_problem_nor_advice() -> None:
    (line,) = judged("https://app.example.com/cb")
    assert line == Judgement(
        uri="https://app.example.com/cb", problem=None, instead=None, advice=()
    )


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://localhost:3000/cb", "Better 127.0.0.1"),
        ("http://127.0.0.1/cb", "every port fits"),
        ("http://[::1]:9000/cb", "same device only"),
        ("https://APP.example.com/cb", "small letters"),
        ("https://app.example.com:443/cb", "usual port"),
        ("https://app.example.com", "put a / at the end"),
        ("https://app.example.com/a/../b", "resolve"),
        ("https://id.example.com/cb", "would not reach the app"),
        ("com.example.app:/cb", "can claim this scheme"),
        ("com.example.app://[x/cb", "can claim this scheme"),
    ],
)
def test_what_is_allowed_but_odd_gets_advice(uri: str, words: str) -> None:
    (line,) = judged(uri, is_confidential=False)
    assert line.problem is None
    assert words in " ".join(line.advice)


def test_twins_are_noticed_beside_each_other() -> None:
    lines = judged("https://a.example.com/cb", "https://a.example.com/cb/")
    assert all("keep the one" in " ".join(line.advice) for line in lines)


def test_what_is_wrong_gets_its_reason_and_no_advice() -> None:
    (line,) = judged("http://id.example.com/#x")
    assert line.problem is not None
    assert line.problem.startswith("Remove the #")
    assert line.advice == ()
    assert line.instead == "https://id.example.com/"
