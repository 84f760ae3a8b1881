"""Who gets in to Users and Roles, and what unknown addresses answer."""

import pytest
from flask import Flask

from tests.factories import Factory, MadeUser
from tests.support.access_routes import filled_in, post, rules
from tests.support.browsing import Browser
from tests.support.console import HX, Console

#: What these take has no fields to fill in.
NO_FIELDS = ("/delete", "/deactivate", "/activate", "/sign-out", "/unlock")
HOSTILE = ["a\x00b", "\u202e", "<script>", "x" * 10_000]
QUERIES = [
    "q=%25%5F%5C&status=nobody&role=x&sort=password_hash&page=-1&why=%25",
    "q=%F0%9F%92%A9&why=%F0%9F%92%A9&role=" + "0" * 32,
    "q=" + "x" * 5000,
    "q=%ff%fe&status=%ff&page=99999999999&why=%ff",
    "q=a&q=b&q[]=c&role=&role=1&why=a&why=b&kind[]=client",
    "page=1000000&sort=-created_at&status=deactivated",
]
WRONG_IDS = ["not-an-id", "%00", "a%00b", "%F0%9F%92%A9", "{0}", "0" * 32, "x" * 3000]


def signed_in(app: Flask, person: MadeUser) -> Browser:
    browser = Browser(app)
    browser.sign_in(person.email, person.password)
    browser.get("/account/security")
    return browser


def test_there_are_pages_and_actions(app: Flask) -> None:
    assert len(list(rules(app, "GET"))) > 15
    assert len(list(rules(app, "POST"))) > 10


def test_visitors_are_asked_to_sign_in(app: Flask, browser: Browser) -> None:
    browser.get("/login")
    for rule in rules(app, "GET"):
        where = filled_in(rule)
        assert browser.client.get(where).status_code == 303, rule
        answer = browser.client.get(where, headers=HX)
        assert answer.status_code == 401, rule
        assert answer.headers["HX-Redirect"].startswith("/login?next="), rule
    for rule in rules(app, "POST"):
        where = filled_in(rule)
        assert post(browser, where).status_code == 303, rule
        assert post(browser, where, hx=True).status_code == 401, rule


@pytest.mark.parametrize(
    ("held", "closed"),
    [
        (["manage_users", "view_audit_log"], "GET POST /access"),
        (["view_users", "view_audit_log"], "POST /access/users"),
        (["view_users", "manage_users", "view_audit_log"], "GET POST /access/roles"),
    ],
)
def test_people_without_the_permission_are_turned_away(
    app: Flask, make: Factory, held: list[str], closed: str
) -> None:
    browser = signed_in(app, make.user(permissions=held))
    *methods, below = closed.split()
    if "GET" in methods:
        for rule in rules(app, "GET", below=below):
            assert browser.client.get(filled_in(rule)).status_code == 403, rule
    for rule in rules(app, "POST", below=below):
        answer = post(browser, filled_in(rule), hx=True)
        assert answer.status_code == 403, rule
        assert "<html" not in answer.text
        assert "You don&#39;t have access" in answer.text


def test_history_takes_the_audit_log_too(app: Flask, make: Factory) -> None:
    person = make.user(permissions=["view_users"])
    browser = signed_in(app, person)
    history = f"/access/users/{person.id}/history"
    assert browser.client.get(history).status_code == 403
    assert history not in browser.get(f"/access/users/{person.id}").text


def test_navigation_shows_what_may_be_opened(app: Flask, make: Factory) -> None:
    viewer = signed_in(app, make.user(permissions=["view_users"]))
    page = viewer.get("/access/users").text
    assert 'href="/access/users"' in page
    assert 'href="/access/roles"' not in page
    assert "New user" not in page
    customer = signed_in(app, make.user())
    assert "/access/" not in customer.get("/account/security").text


def test_forms_without_their_proof_are_refused(app: Flask, make: Factory) -> None:
    console = Console.of_administrator(app, make)
    for rule in rules(app, "POST"):
        for data in ({}, {"csrf_token": "forged"}):
            answer = console.browser.client.post(filled_in(rule), data=data)
            assert answer.status_code == 400, rule
            assert "This form is no longer valid" in answer.text


def test_nobody_is_found_under_an_id_of_nobody(app: Flask, make: Factory) -> None:
    console = Console.of_administrator(app, make)
    console.get("/access/users")
    for rule in (rule for rule in rules(app, "GET") if "<" in rule):
        assert console.browser.client.get(filled_in(rule)).status_code == 404, rule
    for rule in (rule for rule in rules(app, "POST") if "<" in rule):
        assert post(console.browser, filled_in(rule)).status_code == 404, rule


def test_what_is_no_id_finds_nothing(app: Flask, make: Factory) -> None:
    console = Console.of_administrator(app, make)
    console.get("/access/users")
    names = ("user_id", "role_id", "permission_id", "session_id")
    for wrong in WRONG_IDS:
        # NUL is turned away from every page before it is looked up.
        expected = {400, 404, 405} if "%00" in wrong else {404, 405}
        ids = dict.fromkeys(names, wrong)
        for rule in (rule for rule in rules(app, "GET") if "<" in rule):
            answer = console.browser.client.get(filled_in(rule, **ids))
            assert answer.status_code in expected, rule
        for rule in (rule for rule in rules(app, "POST") if "<" in rule):
            answer = post(console.browser, filled_in(rule, **ids))
            assert answer.status_code in expected, rule


@pytest.mark.parametrize(
    "where",
    [
        "/access/users",
        "/access/roles",
        "/access/roles/permissions",
        "/access/users/{own}/permissions",
        "/access/users/{own}/sessions",
    ],
)
def test_any_query_is_answered(app: Flask, make: Factory, where: str) -> None:
    console = Console.of_administrator(app, make)
    for query in QUERIES:
        answer = console.get(f"{where.format(own=console.person.id)}?{query}")
        assert answer.status_code == 200, query


def test_no_form_fails_on_hostile_text(app: Flask, make: Factory) -> None:
    console = Console.of_administrator(app, make)
    person, role = make.user(), make.role("Clerk", ["view_invoices"])
    permission = make.permission("view_orders")
    console.get("/access/users")
    ids = {"user_id": person.id, "role_id": role.id, "permission_id": permission}
    fields = (
        "name", "email", "password", "description", "group", "roles", "permissions",
        "state", "form_key", "generation", "is_delegable",
    )  # fmt: skip
    for rule in rules(app, "POST"):
        if rule.endswith(NO_FIELDS):
            continue
        for value in HOSTILE:
            where, data = filled_in(rule, **ids), dict.fromkeys(fields, value)
            answer = post(console.browser, where, data)
            assert answer.status_code in {400, 404, 409, 422}, rule
