"""Without JavaScript, what an act has done is said where it was done, too.

With it, the same stands in `test_chromium_htmx.py`, for each htmx.
"""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import OpenWindow, Window
from tests.support.eyes import done_in_view, press, stays, top_of_view
from tests.support.serving import Served


@pytest.fixture
def administrator(make: Factory) -> MadeUser:
    """Somebody who may manage apps."""
    return make.user(administrator=True)


@pytest.fixture
def client(make: Factory, administrator: MadeUser) -> MadeClient:
    """An app of both kinds, with long pages."""
    return make.client(
        "Nightly Report",
        owner=administrator,
        grant_types=["client_credentials", "authorization_code"],
    )


@pytest.fixture
def plain(open_window: OpenWindow, administrator: MadeUser) -> Window:
    """Their browser, which runs no scripts."""
    return open_window(administrator, java_script_enabled=False)


@pytest.mark.parametrize(
    ("tab", "button", "words"),
    [
        ("settings", "Save", "Nothing has changed."),
        ("settings", "Verify this app", "shows this app as verified"),
        ("permissions", "Save permissions", "Nothing has changed."),
        ("permissions", "Save scopes", "Nothing has changed."),
    ],
)
def test_the_page_opens_where_it_was_left(
    plain: Window, client: MadeClient, tab: str, button: str, words: str
) -> None:
    page = plain.page
    plain.open(f"/developer/apps/{client.id}/{tab}")
    press(page.get_by_role("button", name=button, exact=True))
    done_in_view(page, words)
    expect(page.locator("#done")).to_be_focused()
    page.reload()
    expect(page.locator("#done")).to_have_count(0)


def test_what_would_change_is_shown_where_it_was_asked_for(
    plain: Window, client: MadeClient
) -> None:
    page = plain.page
    plain.open(f"/developer/apps/{client.id}/permissions")
    press(page.get_by_role("button", name="Preview changes"))
    preview = page.get_by_role("alert")
    expect(preview).to_contain_text("Nothing: the app already holds exactly this.")
    expect(preview).to_be_in_viewport()
    expect(preview).to_be_focused()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["htmx", "plain"])
def test_a_row_that_is_put_aside_leaves_its_place_to_what_was_done(
    open_window: OpenWindow,
    served: Served,
    administrator: MadeUser,
    client: MadeClient,
    has_scripts: bool,
) -> None:
    for number in range(7):
        query = {"client_id": client.id, "redirect_uri": f"https://x{number}.example/"}
        requests.get(f"{served.address}/oauth/authorize", params=query, timeout=30)
    window = open_window(administrator, java_script_enabled=has_scripts)
    page = window.page
    window.open(f"/developer/apps/{client.id}/activity/refused")
    rows = page.get_by_role("article")
    expect(rows).to_have_count(7)
    after = rows.nth(3).get_attribute("id")
    top = press(rows.nth(2).get_by_role("button", name=re.compile("^Dismiss")))
    done_in_view(page, "Dismissed.")
    expect(page.locator("#done")).to_be_focused()
    expect(rows).to_have_count(6)
    assert page.locator("#done + article").get_attribute("id") == after
    assert top_of_view(page) > 0
    if has_scripts:
        # The row is gone, and what follows has moved up to where it was.
        stays(page, top)
