"""While the server thinks: one sees it, and pressing again sends nothing more."""

from playwright.sync_api import Route, expect

from tests.factories import Factory
from tests.support.chromium import OpenWindow

_BAR = "getComputedStyle(document.body, '::before').content"


def test_a_form_that_waits_shows_it_and_is_sent_once(
    open_window: OpenWindow, make: Factory
) -> None:
    window = open_window(make.user(administrator=True))
    page, held = window.page, list[Route]()
    page.route(
        "**/developer/apps/new",
        lambda route: (
            held.append(route) if route.request.method == "POST" else route.fallback()
        ),
    )
    window.open("/developer/apps/new")
    assert page.evaluate(_BAR) == "none"
    page.get_by_label("A service on its own").check()
    page.get_by_label("Name", exact=True).fill("Pressed twice")
    button = page.get_by_role("button", name="Register the app")
    button.click()
    window.wait_until(lambda: len(held) == 1)
    button.click()
    page.get_by_label("Name", exact=True).press("Enter")
    assert page.evaluate(_BAR) != "none"
    expect(button).to_have_css("cursor", "progress")
    held[0].fallback()
    expect(page.locator("#client-secret")).to_be_visible()
    assert page.evaluate(_BAR) == "none"
    assert len(held) == 1
