"""What people see when something is wrong with what they opened or sent."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from tests.support.browsing import Browser
from tests.support.markup import parse

FORM = {"email": "ada@example.com", "password": "not it"}


@pytest.fixture
def visitor(browser: Browser) -> FlaskClient:
    return browser.client


def heading(text: str) -> str:
    return parse(text).one("h1").text


def test_nothing_at_an_address(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere/<script>alert(1)</script>?q=<script>")
    assert answer.status_code == 404
    assert heading(answer.text) == "Page not found"
    assert "alert(1)" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Reference-Id"] in answer.text
    assert "Set-Cookie" not in answer.headers


def test_nothing_at_an_address_for_htmx(visitor: FlaskClient) -> None:
    answer = visitor.get(
        "/nowhere", headers={"HX-Request": "true", "HX-Target": "panel"}
    )
    fragment = parse(answer.text)
    assert answer.status_code == 404
    assert not fragment.all("html")
    assert fragment.one("section", id="panel").one("h2").text == "Page not found"
    assert "HX-Request" in answer.headers["Vary"]


def test_the_wrong_method_names_the_right_ones(visitor: FlaskClient) -> None:
    answer = visitor.delete("/login")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert "cannot be opened this way" in heading(answer.text)


@pytest.mark.parametrize(
    "token",
    [None, "", "garbage", "IjEi.YQ.x", "ü" * 300],
)
def test_a_form_without_its_token_is_told_to_load_the_page_again(
    visitor: FlaskClient, token: str | None
) -> None:
    data = FORM | ({} if token is None else {"csrf_token": token})
    answer = visitor.post("/login", data=data)
    assert answer.status_code == 400
    assert heading(answer.text) == "This form is no longer valid"
    assert "Reload the page" in answer.text


def test_the_token_of_another_browser_does_not_count(
    visitor: FlaskClient, browser: Browser
) -> None:
    other = Browser(browser.app)
    other.get("/login")
    visitor.get("/login")
    answer = visitor.post("/login", data=FORM | other.form()["fields"])
    assert answer.status_code == 400
    assert heading(answer.text) == "This form is no longer valid"


def multipart(fields: dict[str, str]) -> dict[str, object]:
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    content_type = "multipart/form-data; boundary=x"
    return {"data": f"{parts}--x--\r\n".encode(), "content_type": content_type}


# A field of text is held in memory: it has a lower limit than the whole form.
@pytest.mark.parametrize("size", [300_000, 2_000_000])
def test_megabytes_are_turned_away(visitor: FlaskClient, size: int) -> None:
    answer = visitor.post("/login", **multipart(FORM | {"email": "a" * size}))
    assert answer.status_code == 413
    assert heading(answer.text) == "Too much data"


def test_a_plain_form_of_megabytes_is_turned_away(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data=FORM | {"email": "a" * 2_000_000})
    assert answer.status_code == 413


def test_too_many_fields_are_turned_away(visitor: FlaskClient) -> None:
    fields = {f"field-{number}": "x" for number in range(2000)}
    assert visitor.post("/login", **multipart(fields)).status_code == 413


@pytest.mark.parametrize(
    "address",
    ["/%00", "/login?next=%00", "/login?next=/a%00b", "/login?%00=1", "/login?a=%2500"],
)
def test_nul_bytes_are_no_fault_of_ours(visitor: FlaskClient, address: str) -> None:
    assert visitor.get(address).status_code in {200, 400, 404}


def test_nul_bytes_in_a_form_are_refused(browser: Browser) -> None:
    browser.get("/login")
    answer = browser.submit({"email": "a\0@example.com", "password": "x\0"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path", ["/login", "/account/apps", "/developer/apps", "/nowhere", "/"]
)
def test_an_address_of_60_kilobytes_is_no_fault_of_ours(
    visitor: FlaskClient, path: str
) -> None:
    for address in (f"{path}?next=/{'a' * 60_000}", f"/{'a' * 60_000}"):
        answer = visitor.get(address)
        assert answer.status_code < 500
        assert len(answer.data) < 200_000


@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/account/apps", "/account/security", "/nowhere"]
)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe\x00\x01" * 50, "application/x-www-form-urlencoded"),
        (b"%ff%fe=%00%zz&&&=", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"broken", "multipart/form-data"),
        (b"[1, 2", "application/json"),
        (b"x", "\xff/\xfe; charset=utf-999"),
    ],
)
def test_random_bytes_are_no_fault_of_ours(
    visitor: FlaskClient, path: str, body: bytes, content_type: str
) -> None:
    answer = visitor.post(path, data=body, content_type=content_type)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "cookie", ["", "x", "a.b.c", "\x7f" * 50, "e30.YQ.x", "." * 4000]
)
def test_a_cookie_that_is_not_ours_is_nobodys(
    visitor: FlaskClient, cookie: str
) -> None:
    headers = {"Cookie": f"gatepass={cookie}"}
    answer = visitor.get("/account/apps", headers=headers)
    assert answer.status_code == 303
    assert answer.location.startswith("/login")


def test_an_error_page_leads_on(visitor: FlaskClient) -> None:
    page = parse(visitor.get("/nowhere").text)
    assert page.one("main").one("a")["href"] == "/"


@pytest.mark.parametrize(
    "error",
    [
        StaleDataError("UPDATE of typed-secret"),
        IntegrityError("INSERT", {}, Exception("Key (name)=(typed-secret) exists")),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(
    ("address", "kind", "mimetype"),
    [
        ("/api/v1/clients", "/api/docs#problem-stale", "application/problem+json"),
        ("/oauth/token", None, "application/problem+json"),
        ("/access/roles/new", None, "text/html"),
    ],
)
def test_who_is_overtaken_is_told_so(
    app: Flask,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    address: str,
    kind: str | None,
    mimetype: str,
) -> None:
    with app.test_request_context(address, method="POST"):
        answer = app.make_response(app.handle_user_exception(error))
    assert (answer.status_code, answer.mimetype) == (409, mimetype)
    text = answer.get_data(as_text=True)
    assert (answer.get_json()["type"] if kind else None) == kind
    assert type(error).__name__ in caplog.text
    assert "typed-secret" not in text + caplog.text
