"""Who may open a page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import web
from tests.support.sample_pages import PERSON

HTMX = {"HX-Request": "true"}


def test_a_visitor_is_sent_to_sign_in_and_back(visitor: FlaskClient) -> None:
    answer = visitor.get("/samples/users?q=a%26b&page=2")
    assert answer.status_code == 303
    assert answer.location == "/login?next=%2Fsamples%2Fusers%3Fq%3Da%2526b%26page%3D2"


def test_htmx_is_told_to_load_the_sign_in_page(visitor: FlaskClient) -> None:
    """A redirect would paint the sign-in page inside the panel."""
    page = "http://localhost/samples/form"
    headers = HTMX | {"HX-Current-URL": page}
    answer = visitor.get("/samples/users?page=2", headers=headers)
    assert answer.status_code == 401
    assert answer.text == ""
    # It leads back to what was clicked, not to where the click was.
    where = "/login?next=%2Fsamples%2Fusers%3Fpage%3D2&why=ended"
    assert answer.headers["HX-Redirect"] == where
    assert "Location" not in answer.headers


def test_a_form_leads_back_to_the_page_it_stood_on(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/samples/users", headers={"Referer": "http://localhost/samples/form?a=1"}
    )
    assert answer.location == "/login?next=%2Fsamples%2Fform%3Fa%3D1&why=not-saved"


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/steal",
        "http://localhost//evil.example",
        "http://localhost/\\evil.example",
        "javascript:alert(1)",
        "not an address",
    ],
)
@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer"])
def test_the_way_back_stays_in_the_product(
    visitor: FlaskClient, page: str, header: str
) -> None:
    htmx = HTMX if header == "HX-Current-URL" else {}
    answer = visitor.post("/samples/users", headers={header: page} | htmx)
    where = answer.location or answer.headers["HX-Redirect"]
    assert where == "/login?next=%2F&why=not-saved"


def test_an_address_that_is_none_is_no_way_back(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/samples/users", headers=HTMX | {"HX-Current-URL": "http://["}
    )
    assert answer.headers["HX-Redirect"] == "/login?next=%2F&why=not-saved"


def test_being_signed_in_opens_what_asks_for_no_more(ada: FlaskClient) -> None:
    answer = ada.get("/samples/signed-in")
    assert (answer.status_code, answer.text) == (200, PERSON.email)


def test_a_permission_opens_its_page(ada: FlaskClient) -> None:
    assert ada.get("/samples/users").text == "users"


def test_every_named_permission_is_needed(ada: FlaskClient) -> None:
    answer = ada.get("/samples/system")
    assert answer.status_code == 403
    assert "does not have the permission" in answer.text


def test_the_person_is_asked_for_once_a_request(pages: Flask) -> None:
    asked = []

    def load() -> web.Person:
        asked.append(1)
        return PERSON

    web.register_person_loader(pages, load)
    client = pages.test_client()
    assert client.get("/samples/signed-in").status_code == 200
    assert len(asked) == 1
    assert client.get("/samples/open").status_code == 200
    assert len(asked) == 1, "a public page asked who is there"


def test_nobody_is_the_current_person_of_an_open_page(pages: Flask) -> None:
    with (
        pages.test_request_context("/samples/open"),
        pytest.raises(RuntimeError, match="guard this view"),
    ):
        web.current_person()


def test_a_guard_can_be_read_off_its_view(pages: Flask) -> None:
    guards = {
        name: pages.view_functions[f"samples.{name}"].guard
        for name in ("open_page", "signed_in_page", "system_page")
    }
    assert guards == {
        "open_page": ("public",),
        "signed_in_page": ("signed in",),
        "system_page": ("view_users", "manage_system"),
    }


@pytest.mark.parametrize(
    ("permissions", "target"),
    [({"manage_system"}, "/developer"), (set(), "/account/apps")],
)
def test_the_start_page_is_where_work_begins(
    pages: Flask, permissions: set[str], target: str
) -> None:
    person = web.Person(PERSON.id, "Ada", "ada@example.com", frozenset(permissions))
    web.register_person_loader(pages, lambda: person)
    answer = pages.test_client().get("/")
    assert (answer.status_code, answer.location) == (303, target)


def test_a_visitor_begins_by_signing_in(visitor: FlaskClient) -> None:
    assert visitor.get("/").location == "/login"
