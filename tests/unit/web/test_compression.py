"""Which answers are compressed, and that nothing else about them changes."""

import gzip
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import web

GZIP = {"Accept-Encoding": "gzip, br"}
LONG = "<p>A long list.</p>\n" * 400


@pytest.fixture
def client(pages: Flask) -> Iterator[FlaskClient]:
    @pages.route("/compressed", methods=["GET", "POST"])
    @web.public
    def page() -> str:
        return LONG

    @pages.get("/compressed/<name>")
    @web.public
    def page_of_class(name: str) -> str:
        web.set_page_class(name)
        return LONG

    return pages.test_client()


def test_long_pages_are_sent_compressed(client: FlaskClient) -> None:
    plain, packed = client.get("/compressed"), client.get("/compressed", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < 600
    assert gzip.decompress(packed.data).decode() == plain.text == LONG
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "HX-Request" in answer.headers["Vary"]
        assert "script-src 'nonce-" in answer.headers["Content-Security-Policy"]


def test_the_weight_tells_little(client: FlaskClient) -> None:
    weights = {len(client.get("/compressed", headers=GZIP).data) for _ in range(40)}
    assert len(weights) > 5


@pytest.mark.parametrize("name", ["consent", "sign_in", "error", "form_post"])
def test_pages_that_others_lead_to_are_not(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/compressed/{name}", headers=GZIP)
    assert "Content-Encoding" not in answer.headers


def test_answers_to_forms_and_short_ones_are_not(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/compressed", headers=GZIP)
    assert (answer.status_code, answer.text) == (200, LONG)
    short = client.get("/samples/open", headers=GZIP)
    assert short.text == "open"
    refused = {"Accept-Encoding": "gzip;q=0, identity"}
    answer = client.get("/compressed", headers=refused)
    assert answer.text == LONG
