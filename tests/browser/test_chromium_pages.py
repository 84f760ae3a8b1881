"""Every page there is: fit for everybody, in the dark, on a phone, without scripts.

Pages are found in the URL map. A new one with parameters that are unknown here fails
until `tests.support.places` makes something that it can show.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from werkzeug.routing import Rule

from tests.factories import Factory
from tests.support.chromium import PATIENCE_MS, OpenWindow, Window, is_fit_for_people
from tests.support.keyboard import walk
from tests.support.page_map import filled, page_rules
from tests.support.places import LONG, URI, Places, make_places, page_map
from tests.support.serving import Served

MAP = page_map()


def is_public(app: Flask, rule: Rule) -> bool:
    """Tell whether the page is open to visitors."""
    return getattr(app.view_functions[rule.endpoint], "guard", ()) == ("public",)


RULES = {rule.rule: rule for rule in page_rules(MAP)}
#: What a page is opened with where its bare address shows nothing.
OPENED_BY = {"/oauth/consent": "/oauth/authorize?{question}"}
FOR_VISITORS = [
    *(path for path, rule in RULES.items() if is_public(MAP, rule)),
    "/oauth/authorize?client_id=unknown",
    "/there-is-nothing-here",
]
FOR_PEOPLE = [
    *(path for path, rule in RULES.items() if not is_public(MAP, rule)),
    "/logout",
    "/oauth/logout",
    "/developer/apps?q=nothing-is-called-so",
    "/developer/apps?status=deleted",
    "/developer/apps/{trashed}/danger",
    "/oauth/consent?request=long-gone",
    "/there-is-nothing-here",
]


@pytest.fixture(scope="module")
def places(product: tuple[Served, Factory]) -> Places:
    """Something for every page to show."""
    return make_places(*product)


def open_context(chromium: Chromium, served: Served, **options: Any) -> Window:
    """Open a browser that several tests share."""
    context = chromium.new_context(locale="en", reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE_MS)
    window = Window(context, context.new_page(), served.address, frozenset())
    window.watch()
    return window


@pytest.fixture(scope="module")
def windows(
    chromium: Chromium, product: tuple[Served, Factory], places: Places
) -> Iterator[dict[str, Window]]:
    """Browsers of a visitor and of an administrator, with scripts and without."""
    served = product[0]
    person = open_context(chromium, served)
    person.open("/login")
    person.sign_in(places.administrator.email, places.administrator.password)
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    state = person.context.storage_state()
    plain = {"java_script_enabled": False}
    opened = {
        "person": person,
        "person without scripts": open_context(
            chromium, served, storage_state=state, **plain
        ),
        "visitor": open_context(chromium, served),
        "visitor without scripts": open_context(chromium, served, **plain),
    }
    yield opened
    for window in opened.values():
        window.context.close()


def address_of(path: str, places: Places) -> str:
    """Return the address by which a page is opened."""
    if path in OPENED_BY or path not in RULES:
        return OPENED_BY.get(path, path).format_map(places.values)
    return filled(RULES[path], places.values)


def judge(windows: dict[str, Window], who: str, address: str) -> None:
    """Open a page and look at it in every way."""
    window, plain = windows[who], windows[f"{who} without scripts"]
    for each in (window, plain):
        each.complaints.clear()
        each.expected = {400, 404}
    window.page.emulate_media(color_scheme="light")
    window.page.set_viewport_size({"width": 1280, "height": 900})
    window.open(address)
    if who == "person":
        assert "/login" not in window.page.url
    assert walk(window.page) or is_bare(window.page)
    is_fit_for_people(window)
    heading = window.page.get_by_role("heading", level=1).inner_text()
    plain.open(address)
    expect(plain.page.get_by_role("heading", level=1)).to_have_text(heading)
    window.check()
    plain.check()


def is_bare(page: Page) -> bool:
    """Tell whether there is nothing to act on, only something to read."""
    return page.locator("a, button, input, select, textarea, summary").count() == 0


@pytest.mark.parametrize("path", FOR_VISITORS)
def test_pages_that_are_open_to_all(
    windows: dict[str, Window], places: Places, path: str
) -> None:
    judge(windows, "visitor", address_of(path, places))


@pytest.mark.parametrize("path", FOR_PEOPLE)
def test_pages_for_people_who_are_signed_in(
    windows: dict[str, Window], places: Places, path: str
) -> None:
    judge(windows, "person", address_of(path, places))


def test_the_page_that_shows_a_secret(
    open_window: OpenWindow, places: Places, windows: dict[str, Window]
) -> None:
    window = another(open_window, windows)
    page = window.page
    window.open("/developer/apps/new")
    page.get_by_label("Both").check()
    page.get_by_label("Name", exact=True).fill(LONG)
    page.get_by_label("Redirect URIs").fill(URI)
    page.get_by_role("button", name="Register the app").click()
    expect(page.locator("#client-secret")).to_be_visible()
    is_fit_for_people(window)


def test_a_form_that_comes_back_with_errors(
    open_window: OpenWindow, places: Places, windows: dict[str, Window]
) -> None:
    window = another(open_window, windows)
    window.expect(422)
    page = window.page
    window.open("/developer/apps/new")
    page.get_by_label("Both").check()
    page.get_by_label("Redirect URIs").fill(f"javascript:{LONG}\n{URI}#x")
    page.get_by_role("button", name="Register the app").click()
    expect(page.get_by_role("alert")).to_be_visible()
    is_fit_for_people(window)


def another(open_window: OpenWindow, windows: dict[str, Window]) -> Window:
    """Open a fresh browser of the administrator."""
    state = windows["person"].context.storage_state()
    return open_window(storage_state=state, reduced_motion="reduce")
