"""Errors in plain words, whatever went wrong."""

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from app import web
from app.web.errors import WORDS, register_error_renderer
from tests.support.markup import parse

HTMX = {"HX-Request": "true", "HX-Target": "section#rows"}


@pytest.mark.parametrize("status", sorted(WORDS))
def test_an_error_is_a_page_with_its_reference(
    visitor: FlaskClient, status: int
) -> None:
    answer = visitor.get(f"/samples/abort/{status}")
    page = parse(answer.text)
    assert answer.status_code == status
    assert page.one("h1").text == WORDS[status][0]
    assert page.one("code").text == answer.headers["X-Reference-Id"]
    assert not page.all("script")
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("status", [403, 404, 409, 429, 500])
def test_htmx_gets_a_fragment_in_place_of_its_target(
    visitor: FlaskClient, status: int
) -> None:
    answer = visitor.get(f"/samples/abort/{status}", headers=HTMX)
    fragment = parse(answer.text)
    assert answer.status_code == status
    assert not fragment.all("html")
    section = fragment.one("section", id="rows")
    assert section["role"] == "alert"
    heading = section.one("h2")
    assert heading.text == WORDS[status][0]
    assert heading["tabindex"] == "-1"
    assert "autofocus" in heading


@pytest.mark.parametrize("target", ["", '"><script>', "a b", "x" * 5000, "panel"])
def test_a_target_that_is_no_id_is_the_panel(visitor: FlaskClient, target: str) -> None:
    headers = {"HX-Request": "true", "HX-Target": target}
    fragment = parse(visitor.get("/samples/abort/404", headers=headers).text)
    assert fragment.one("section")["id"] == "panel"
    assert not fragment.all("script")


def test_a_status_without_words_of_ours_is_still_a_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/samples/abort/418")
    assert answer.status_code == 418
    assert parse(answer.text).one("h1").text == "I'm a Teapot"


def test_a_fault_of_ours_says_nothing_of_itself(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = visitor.get("/samples/fail")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["X-Reference-Id"] in caplog.text


def test_an_error_page_asks_for_nobody(pages: Flask) -> None:
    """What failed may be the very thing that finds the person."""

    def load() -> web.Person | None:
        raise RuntimeError("the database is gone")

    web.register_person_loader(pages, load)
    answer = pages.test_client().get("/samples/signed-in")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("missing", 404, "There is no such app."),
        ("conflict", 409, "That name is taken."),
        ("not-allowed", 403, "You lack view_users."),
        ("refused", 422, "Give it a name."),
    ],
)
def test_what_a_rule_refused_is_told_in_its_words(
    visitor: FlaskClient, kind: str, status: int, sentence: str
) -> None:
    answer = visitor.get(f"/samples/refuse/{kind}")
    assert answer.status_code == status
    assert sentence in answer.text


def test_other_packages_answer_errors_at_their_addresses(pages: Flask) -> None:
    def render(status: int, title: str, message: str) -> Response:
        return Response(f"{status} {title} {message}", status, mimetype="text/plain")

    register_error_renderer(pages, ["/samples/abort/"], render)
    client = pages.test_client()
    answer = client.get("/samples/abort/404")
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("404 Page not found")
    assert client.get("/samples/nowhere").mimetype == "text/html"


def test_an_answer_that_is_given_by_the_error_stays(pages: Flask) -> None:
    def refuse() -> str:
        raise HTTPException(response=Response("teapot", 418))

    pages.add_url_rule("/given", "given", web.public(refuse))
    answer = pages.test_client().get("/given")
    assert (answer.status_code, answer.text) == (418, "teapot")
