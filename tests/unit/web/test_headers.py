"""What a browser may do with each class of page."""

import re

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient

from app import web
from app.web.headers import CLASSES, headers_for, policy
from tests.support.sample_pages import MakePages

PAGES = sorted(name for name, kind in CLASSES.items() if kind.is_page)
MACHINES = sorted(name for name, kind in CLASSES.items() if not kind.is_page)
MAY_LEAVE = ["sign_in_to_consent", "consent", "sign_out", "form_post"]

CONSOLE = (
    "default-src 'none'; script-src 'nonce-N'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITHOUT_SCRIPTS = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_the_console_runs_only_scripts_with_the_nonce() -> None:
    assert policy("console", "N") == CONSOLE


@pytest.mark.parametrize("name", ["sign_in", "error", "reference"])
def test_bare_pages_run_no_script(name: str) -> None:
    assert policy(name) == WITHOUT_SCRIPTS


@pytest.mark.parametrize("name", ["consent", "sign_in_to_consent", "sign_out"])
def test_pages_on_the_way_to_a_client_may_redirect_there(name: str) -> None:
    """With form-action 'self' Chromium blocks the redirect, and Allow does nothing."""
    assert policy(name) == WITHOUT_SCRIPTS.replace("form-action 'self'; ", "")


def test_form_post_runs_its_one_script_and_may_leave() -> None:
    assert policy("form_post", "N") == CONSOLE.replace("form-action 'self'; ", "")


@pytest.mark.parametrize("name", MACHINES)
def test_answers_for_programs_show_and_load_nothing(name: str) -> None:
    assert policy(name) == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.rfc("OpenID Connect Core §3.1.2.3", "signing in is guarded against frames")
@pytest.mark.rfc("RFC 9700 §4.16", "no page of ours is shown inside a frame")
@pytest.mark.rfc(
    "RFC 6749 §10.13", "no page of ours is shown inside a frame", level="SHOULD"
)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_carries_its_headers(visitor: FlaskClient, name: str) -> None:
    headers = visitor.get(f"/samples/class/{name}").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert {"HX-Request", "HX-History-Restore-Request"} <= set(
        headers["Vary"].split(", ")
    )
    sent = re.sub(r"nonce-[\w-]+", "nonce-N", headers["Content-Security-Policy"])
    assert sent == policy(name, "N")


@pytest.mark.parametrize("name", PAGES)
def test_only_pages_on_the_way_to_a_client_keep_their_opener(name: str) -> None:
    """A client may have opened them as a pop-up, and waits for its return."""
    names = dict(headers_for(name, is_https=True))
    assert ("Cross-Origin-Opener-Policy" in names) is (name not in MAY_LEAVE)


def test_every_answer_has_its_own_nonce_and_reference(visitor: FlaskClient) -> None:
    answers = [visitor.get("/samples/open") for _ in range(5)]
    policies = {answer.headers["Content-Security-Policy"] for answer in answers}
    references = {answer.headers["X-Reference-Id"] for answer in answers}
    assert len(policies) == len(references) == 5
    assert all(re.fullmatch(r"[0-9a-f]{12}", reference) for reference in references)


def test_the_nonce_of_the_page_is_that_of_its_policy(ada: FlaskClient) -> None:
    page = ada.get("/samples/panel")
    nonces = set(re.findall(r'<script[^>]* nonce="([^"]+)"', page.text))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in page.headers["Content-Security-Policy"]


def test_https_is_kept_only_where_it_is_used(
    visitor: FlaskClient, make_pages: MakePages
) -> None:
    name = "Strict-Transport-Security"
    assert name not in visitor.get("/samples/open").headers
    secure = make_pages(app_url="https://auth.example.com").test_client()
    assert secure.get("/samples/open").headers[name] == "max-age=31536000"
    assert secure.get("/samples/machine").headers[name] == "max-age=31536000"


def test_endpoints_for_programs_touch_no_session(visitor: FlaskClient) -> None:
    headers = visitor.get("/samples/machine").headers
    assert "Set-Cookie" not in headers
    # Flask adds it as soon as anything has looked into the session.
    assert "Cookie" not in headers.get("Vary", "")
    assert headers["Cache-Control"] == "no-store"
    asking = visitor.get("/samples/machine?ask=1").headers
    assert "Cookie" in asking.get("Vary", ""), "the check above sees nothing"


def test_a_class_that_is_not_known_is_refused_at_once(pages: Flask) -> None:
    with pytest.raises(ValueError, match="no class of page"):
        web.page_class("consol")
    with pytest.raises(ValueError, match="no class of page"):
        web.page_class(Blueprint("wrong", __name__), "consol")


def test_a_blueprint_names_the_class_of_its_views(pages: Flask) -> None:
    blueprint = Blueprint("bare", __name__)
    web.page_class(blueprint, "sign_in")
    blueprint.add_url_rule("/bare", "page", web.public(lambda: "bare"))
    blueprint.add_url_rule(
        "/own", "own", web.page_class("consent")(web.public(lambda: "own"))
    )
    pages.register_blueprint(blueprint)
    client = pages.test_client()
    header = "Content-Security-Policy"
    assert client.get("/bare").headers[header] == policy("sign_in")
    assert client.get("/own").headers[header] == policy("consent")
    assert client.get("/samples/machine").headers[header] == policy("protocol")


@pytest.mark.rfc("RFC 9700 §4.13", "what a caller says of a proxy is not believed")
def test_proxies_are_believed_as_far_as_they_are_trusted(make_pages: MakePages) -> None:
    forwarded = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "auth.example.com",
    }

    def seen(trusted: int) -> tuple[str | None, str]:
        pages = make_pages(trusted_proxies=trusted)
        facts: list[tuple[str | None, str]] = []

        def see() -> str:
            facts.append((request.remote_addr, request.url))
            return ""

        pages.add_url_rule("/seen", "seen", web.public(see))
        pages.test_client().get("/seen", headers=forwarded)
        return facts[0]

    assert seen(0) == ("127.0.0.1", "http://localhost/seen")
    assert seen(1) == ("198.51.100.7", "https://auth.example.com/seen")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:DB8::9", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("[2001:db8:1111:2222:3333:4444:5555:6666]:51234",
         "2001:db8:1111:2222:3333:4444:5555:6666"),
        ("fe80::1%" + "x" * 300, "fe80::1"),
        ("unknown", "127.0.0.1"),
        ("_hidden:99", "127.0.0.1"),
        ("[", "127.0.0.1"),
        ("\xff\x00 1", "127.0.0.1"),
        ("9" * 60_000, "127.0.0.1"),
    ],
)  # fmt: skip
def test_what_a_proxy_says_of_who_asks_becomes_an_address_or_nothing(
    make_pages: MakePages, said: str, address: str
) -> None:
    pages = make_pages(trusted_proxies=1)
    pages.add_url_rule("/seen", "seen", web.public(lambda: request.remote_addr))
    environ = {"HTTP_X_FORWARDED_FOR": said}
    assert pages.test_client().get("/seen", environ_overrides=environ).text == address


def test_our_files_are_kept_for_as_long_as_they_stay_the_same(
    ada: FlaskClient,
) -> None:
    page = ada.get("/samples/panel").text
    address = re.search(r'href="(/static/gatepass\.css\?v=[0-9a-f]{12})"', page)
    assert address
    with ada.get(address[1]) as kept:
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert kept.headers["X-Content-Type-Options"] == "nosniff"
    with ada.get("/static/gatepass.css?v=000000000000") as other:
        assert "immutable" not in other.headers["Cache-Control"]
    assert ada.get("/static/../config.py").status_code == 404
