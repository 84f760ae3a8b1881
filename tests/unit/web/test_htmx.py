"""One template, alone for htmx and inside the layout for everybody else."""

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from app import web
from app.config import HTMX_URL
from tests.support.markup import parse
from tests.support.sample_pages import PERSON, MakePages

HTMX = {"HX-Request": "true"}


def test_the_panel_stands_inside_the_layout(ada: FlaskClient) -> None:
    page = parse(ada.get("/samples/panel").text)
    assert page.one("title").text == "A panel · Gatepass"
    assert page.one("main")["id"] == "main"
    assert page.one(id="status", role="status", aria_live="polite").text == "Done."
    assert page.one("a", class_="skip-link")["href"] == "#main"


def test_htmx_gets_the_panel_alone(ada: FlaskClient) -> None:
    answer = ada.get("/samples/panel", headers=HTMX)
    fragment = parse(answer.text)
    assert not fragment.all("main")
    assert not fragment.all("html")
    assert fragment.one("title").text == "A panel · Gatepass"
    assert fragment.one(id="status")["hx-swap-oob"] == "innerHTML"
    assert fragment.one(id="status").text == "Done."


def test_going_back_gets_the_whole_page(ada: FlaskClient) -> None:
    headers = HTMX | {"HX-History-Restore-Request": "true"}
    assert parse(ada.get("/samples/panel", headers=headers).text).one("main")


def test_a_change_that_stays_is_announced(visitor: FlaskClient) -> None:
    answer = visitor.post("/samples/change", headers=HTMX)
    assert answer.status_code == 200
    assert parse(answer.text).one(id="status").text == "Settings saved."


def test_without_javascript_the_next_page_says_it_once(visitor: FlaskClient) -> None:
    answer = visitor.post("/samples/change")
    assert (answer.status_code, answer.location) == (303, "/samples/panel")
    notice = parse(visitor.get("/samples/panel").text).all(
        class_="notice notice-success"
    )
    assert "Settings saved." in {element.text for element in notice}
    assert "Settings saved." not in visitor.get("/samples/panel").text


def test_leaving_the_page_after_a_change(visitor: FlaskClient) -> None:
    plain = visitor.post("/samples/leave")
    assert (plain.status_code, plain.location) == (303, "/samples/open")
    htmx = visitor.post("/samples/leave", headers=HTMX)
    assert (htmx.status_code, htmx.text) == (204, "")
    assert htmx.headers["HX-Redirect"] == "/samples/open"


def test_htmx_comes_from_the_cdn_and_is_checked(ada: FlaskClient) -> None:
    script = parse(ada.get("/samples/panel").text).one("script", src=HTMX_URL)
    assert script["integrity"].startswith("sha384-Qp9rdC8H7EqOoX")
    assert script["crossorigin"] == "anonymous"
    assert "defer" in script
    assert script["nonce"]


def test_closed_networks_serve_htmx_themselves(make_pages: MakePages) -> None:
    pages = make_pages(htmx_src="/static/htmx.js")
    page = parse(pages.test_client().get("/samples/panel").text)
    script = page.one("script", src="/static/htmx.js")
    assert "integrity" not in script
    assert script["nonce"]


def test_the_person_is_named_and_can_sign_out(ada: FlaskClient) -> None:
    page = parse(ada.get("/samples/panel").text)
    assert {name.text for name in page.all(class_="nav-name")} == {
        "Ada <b>Lovelace</b>"
    }
    assert not page.all("b")
    for form in page.all("form", action="/logout"):
        assert form["method"] == "post"
        assert form.one("input", name="csrf_token")["value"]


def test_the_menu_needs_no_script(ada: FlaskClient) -> None:
    menu = parse(ada.get("/samples/panel").text).one("details", class_="nav-small")
    assert menu.one("summary").text == "Menu"
    assert menu.one("nav")["aria-label"] == "Main"


def test_navigation_shows_what_the_person_may_open(pages: Flask) -> None:
    web.navigation.register("Samples", "samples.users_page", "view_users", 1)
    web.navigation.register("System", "samples.system_page", "manage_system", 2)
    try:
        links = _links(pages, frozenset({"view_users"}))
        both = _links(pages, frozenset({"view_users", "manage_system"}))
    finally:
        for endpoint in ("samples.users_page", "samples.system_page"):
            del web.navigation._entries[endpoint]
    assert ("Samples", "/samples/users", True) in links
    assert not any(label == "System" for label, _, _ in links)
    assert ("System", "/samples/system", False) in both


def _links(pages: Flask, permissions: frozenset[str]) -> list[tuple[str, str, bool]]:
    person = replace(PERSON, permissions=permissions)
    web.register_person_loader(pages, lambda: person)
    with pages.test_request_context("/samples/users/of/somebody"):
        return [
            (link.label, link.url, link.is_current) for link in web.navigation.entries()
        ]
