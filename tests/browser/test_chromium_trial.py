"""Try it in Chromium, with htmx and without any script."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import OpenWindow, Window, is_fit_for_people

BOTH = ("authorization_code", "client_credentials")
#: Long and without a blank, as what comes from outside may be.
LONG = "Rechnungsabgleich" * 4
SCOPES = ("view_users", f"manage_{LONG[:50].lower()}")


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user(name=f"<b>{LONG}", administrator=True, permissions=SCOPES)


@pytest.fixture
def client(make: Factory, person: MadeUser) -> MadeClient:
    return make.client(LONG, grant_types=BOTH, permissions=SCOPES, owner=person)


def went_through(page: Page) -> None:
    expect(page.get_by_role("heading", name="The flow succeeded")).to_be_visible()


def open_tab(window: Window, client: MadeClient) -> None:
    window.open(f"/developer/apps/{client.id}/try")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["htmx", "no-script"])
def test_both_flows(
    open_window: OpenWindow, person: MadeUser, client: MadeClient, has_scripts: bool
) -> None:
    window = open_window(person, java_script_enabled=has_scripts)
    page = window.page
    open_tab(window, client)
    page.get_by_role("button", name="Run", exact=True).click()
    went_through(page)
    expect(page.get_by_text('"user": null')).to_be_visible()
    page.get_by_role("link", name="Start another trial").click()
    page.locator("#for-a-person summary").click()
    page.locator("#for-a-person").get_by_label("openid").check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("link", name="Go to the consent screen").click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("button", name="Exchange the code").click()
    went_through(page)
    assert "code=" not in page.url
    expect(page.get_by_role("heading", name="ID token, decoded")).to_be_visible()


def test_denying(open_window: OpenWindow, person: MadeUser, client: MadeClient) -> None:
    window = open_window(person, reduced_motion="reduce")
    page = window.page
    open_tab(window, client)
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("link", name="Go to the consent screen").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="No code was returned")).to_be_visible()
    is_fit_for_people(window)
    page.get_by_role("link", name="Back to the trial").click()
    page.get_by_role("button", name="End the trial").click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


def test_each_page_is_fit_for_people(
    open_window: OpenWindow, person: MadeUser, client: MadeClient
) -> None:
    window = open_window(person, reduced_motion="reduce")
    page = window.page
    open_tab(window, client)
    for summary in page.get_by_text("Choose scopes").all():
        summary.click()
    is_fit_for_people(window)
    page.get_by_role("button", name="Start", exact=True).click()
    link = page.get_by_role("link", name="Go to the consent screen")
    expect(link).to_be_visible()
    is_fit_for_people(window)
    link.click()
    page.get_by_role("button", name="Allow").click()
    button = page.get_by_role("button", name="Exchange the code")
    expect(button).to_be_visible()
    is_fit_for_people(window)
    button.click()
    went_through(page)
    is_fit_for_people(window)


def test_what_is_over(open_window: OpenWindow, person: MadeUser) -> None:
    window = open_window(person, reduced_motion="reduce")
    window.expect(404)
    window.open("/developer/try/callback?state=guessed&code=guessed")
    expect(
        window.page.get_by_role("heading", name="This trial is over")
    ).to_be_visible()
    is_fit_for_people(window)


def test_a_refusal(
    open_window: OpenWindow, person: MadeUser, client: MadeClient
) -> None:
    window = open_window(person, reduced_motion="reduce")
    window.expect(422)
    page = window.page
    open_tab(window, client)
    page.locator("#as-itself summary").click()
    others = page.locator("#as-itself").get_by_label("Other scopes")
    others.fill('"')
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(others).to_be_focused()
    others.fill("drop_tables")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="The flow stopped")).to_be_visible()
    is_fit_for_people(window)
