"""Everything is reached by the keyboard alone, and one sees where one is."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.developer.pages import SECTIONS, TABS
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import OpenWindow, Window
from tests.support.keyboard import focused, tab_to


@pytest.fixture
def administrator(make: Factory) -> MadeUser:
    """Somebody who may open every page."""
    return make.user(name="Ada Lovelace", administrator=True)


@pytest.fixture
def client(make: Factory, administrator: MadeUser) -> MadeClient:
    """An app of theirs that stands first in the list."""
    return make.client("Abacus", owner=administrator)


def sign_in(window: Window, person: MadeUser) -> Page:
    """Sign in without touching the mouse."""
    page = window.page
    window.open("/login")
    while focused(page).tag != "input":
        page.keyboard.press("Tab")
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    return page


def labels_of(page: Page, navigation: str) -> list[str]:
    """Return the words of the links in a part of the page."""
    links = page.get_by_role("navigation", name=navigation).get_by_role("link")
    return [text.strip() for text in links.all_inner_texts()]


def heading_has_focus(page: Page) -> None:
    """Check that reading goes on at what has just arrived."""
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_every_part_is_reached_from_the_sign_in_page(
    open_window: OpenWindow, administrator: MadeUser, client: MadeClient
) -> None:
    window = open_window()
    page = sign_in(window, administrator)
    parts = labels_of(page, "Main")
    assert "Developer" in parts
    for label in parts:
        stop = tab_to(page, label)
        page.keyboard.press("Enter")
        expect(page).to_have_url(stop.href)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    tab_to(page, "Sign out")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_every_tab_of_an_app_is_reached_and_the_focus_goes_along(
    open_window: OpenWindow, administrator: MadeUser, client: MadeClient
) -> None:
    page = sign_in(open_window(), administrator)
    tab_to(page, "Developer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Developer")).to_be_visible()
    page.evaluate("window.isSameDocument = true")
    for _, label in (*SECTIONS, SECTIONS[1]):
        stop = tab_to(page, label)
        page.keyboard.press("Enter")
        expect(page).to_have_url(stop.href)
        heading_has_focus(page)
    tab_to(page, client.name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(client.name)
    for _, label in TABS:
        stop = tab_to(page, label)
        page.keyboard.press("Enter")
        expect(page).to_have_url(stop.href)
        heading_has_focus(page)
    # Back past the heading stands the way out of the app.
    tab_to(page, "Apps", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/developer/apps$"))


def test_the_skip_link_leads_past_the_head(
    open_window: OpenWindow, administrator: MadeUser
) -> None:
    window = open_window(administrator)
    page = window.page
    window.open("/developer/apps/new")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#main') !== null")


def test_a_form_is_filled_in_refused_and_sent_by_the_keyboard(
    open_window: OpenWindow, administrator: MadeUser
) -> None:
    window = open_window(administrator)
    window.expect(422)
    page = window.page
    window.open("/developer/apps/new")
    page.get_by_label("A service on its own").focus()
    page.keyboard.press("Space")
    tab_to(page, "Register the app")
    page.keyboard.press("Enter")
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    page.keyboard.type("Typed by hand")
    tab_to(page, "Register the app")
    page.keyboard.press("Enter")
    expect(page.locator("#client-secret")).to_be_visible()
    heading_has_focus(page)


def test_the_menu_of_a_phone_opens_by_the_keyboard(
    open_window: OpenWindow, administrator: MadeUser
) -> None:
    window = open_window(administrator, width=375)
    page = window.page
    window.open("/account/apps")
    tab_to(page, "Menu")
    page.keyboard.press("Space")
    expect(page.locator("details.nav-small")).to_have_attribute("open", "")
    stop = tab_to(page, "Developer")
    page.keyboard.press("Enter")
    expect(page).to_have_url(stop.href)
    # Closed, it holds nothing that the keyboard stumbles over.
    tab_to(page, "Menu")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#main') !== null")
