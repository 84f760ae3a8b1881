"""What htmx adds: panels change in place, and focus, address and history follow.

With the htmx that is shipped, and with the older one that closed networks may have.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from app.config import HTMX_URL
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import HTMX_2_URL, OpenWindow, Window
from tests.support.databases import make_database
from tests.support.eyes import done_in_view, press, stays
from tests.support.outside import REDIRECT_URI, OutsideApp, Person
from tests.support.serving import Served, serve


@pytest.fixture(
    scope="module",
    params=[(HTMX_URL, "4.0.1"), (HTMX_2_URL, "2.0.11")],
    ids=["htmx 4", "htmx 2"],
)
def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Factory, str]]:
    """The product served with one htmx, as elsewhere; and which it is."""
    source, version = request.param
    folder = tmp_path_factory.mktemp("htmx")
    with (
        make_database("sqlite", folder) as database,
        serve(database, HTMX_SRC=source) as served,
    ):
        yield served, Factory(database.make_app()), version


@pytest.fixture
def administrator(make: Factory) -> MadeUser:
    """Somebody who may manage apps."""
    return make.user(administrator=True)


@pytest.fixture
def client(make: Factory, administrator: MadeUser) -> MadeClient:
    """An app of theirs."""
    return make.client("Nightly Report", owner=administrator)


@pytest.fixture
def window(open_window: OpenWindow, administrator: MadeUser) -> Window:
    """Their browser."""
    return open_window(administrator)


def focused(page: Page) -> str:
    """Return the tag and id of what has the focus."""
    found: str = page.evaluate(
        "document.activeElement.tagName.toLowerCase() + '#' + document.activeElement.id"
    )
    return found


def test_the_htmx_of_the_settings_runs(
    window: Window, product: tuple[Served, Factory, str]
) -> None:
    window.open("/developer/apps")
    assert window.page.evaluate("htmx.version") == product[2]


def test_tabs_change_in_place_and_back_brings_the_page_again(
    window: Window, client: MadeClient
) -> None:
    page = window.page
    window.open(f"/developer/apps/{client.id}/settings")
    page.evaluate("window.isSameDocument = true")
    page.get_by_role("link", name="Permissions").click()
    expect(page).to_have_url(re.compile(r"/permissions$"))
    expect(page.get_by_role("heading", name="Roles and direct")).to_be_visible()
    expect(page).to_have_title("Nightly Report: Permissions · Gatepass")
    assert focused(page).startswith("h1#")
    assert page.evaluate("window.isSameDocument") is True
    page.go_back()
    expect(page).to_have_url(re.compile(r"/settings$"))
    expect(page.get_by_role("heading", name="Registration")).to_be_visible()
    expect(page.get_by_role("banner")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("heading", name="Registration")).to_be_visible()


def test_a_refused_form_puts_the_focus_on_the_first_wrong_field(
    window: Window, client: MadeClient
) -> None:
    window.expect(422)
    page = window.page
    window.open(f"/developer/apps/{client.id}/settings")
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    error = (name.get_attribute("aria-describedby") or "").split()[-1]
    expect(page.locator(f"#{error}")).to_contain_text("Give the app a name")


def test_a_change_is_announced_where_it_is_read_aloud(
    window: Window, client: MadeClient
) -> None:
    page = window.page
    window.open(f"/developer/apps/{client.id}/settings")
    status = page.get_by_role("status").element_handle()
    page.get_by_label("Name", exact=True).fill("Morning Report")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Morning Report")
    expect(page.get_by_role("status")).not_to_be_empty()
    # Screen readers listen to the place they know: it must be the same element.
    assert status is not None
    assert status.evaluate("element => element.isConnected && element.innerText")


@pytest.mark.parametrize(
    ("tab", "button", "words"),
    [
        ("settings", "Save", "Nothing has changed."),
        ("settings", "Verify this app", "shows this app as verified"),
        ("permissions", "Save permissions", "Nothing has changed."),
        ("permissions", "Save scopes", "Nothing has changed."),
    ],
)
def test_an_act_is_told_where_it_was_done_and_the_page_stays(
    window: Window, make: Factory, tab: str, button: str, words: str
) -> None:
    both = ["client_credentials", "authorization_code"]
    app, page = make.client("Long pages", grant_types=both), window.page
    window.open(f"/developer/apps/{app.id}/{tab}")
    top = press(page.get_by_role("button", name=button, exact=True))
    done_in_view(page, words)
    expect(page.locator("#done")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text(words)
    assert top > 0
    stays(page, top)


def test_what_would_change_is_in_view_and_has_the_focus(
    window: Window, client: MadeClient
) -> None:
    page = window.page
    window.open(f"/developer/apps/{client.id}/permissions")
    top = press(page.get_by_role("button", name="Preview changes"))
    preview = page.get_by_role("alert")
    expect(preview).to_contain_text("Nothing: the app already holds exactly this.")
    expect(preview).to_be_focused()
    expect(preview).to_be_in_viewport()
    stays(page, top)


@pytest.mark.parametrize("what", ["no network", "a gateway"])
def test_what_gets_no_answer_is_said_and_nothing_typed_is_lost(
    window: Window, client: MadeClient, what: str
) -> None:
    window.expect(502)
    page = window.page
    window.open(f"/developer/apps/{client.id}/settings")
    name = page.get_by_label("Name", exact=True)
    name.fill("Typed already")

    def fail(route: Route) -> None:
        if what == "no network":
            route.abort("connectionrefused")
        else:
            route.fulfill(status=502, body="<h1>Bad gateway</h1>")

    page.route("**/settings", fail)
    save = page.get_by_role("button", name="Save", exact=True)
    top = press(save)
    expect(page.get_by_role("status")).to_contain_text("The server gave no answer")
    expect(name).to_have_value("Typed already")
    assert "Bad gateway" not in page.content()
    stays(page, top)
    page.get_by_role("link", name="Settings").click()
    expect(name).to_have_value("Typed already")
    page.unroute("**/settings", fail)
    save.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Typed already")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    # The browser and htmx write of it what they like.
    window.complaints.clear()


def test_an_ended_session_opens_the_sign_in_page_as_a_whole(
    window: Window, client: MadeClient, administrator: MadeUser
) -> None:
    window.expect(401)
    page = window.page
    window.open(f"/developer/apps/{client.id}/settings")
    window.context.clear_cookies()
    page.get_by_role("link", name="Tokens").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text("Your session ended.")).to_be_visible()
    expect(page.get_by_role("banner")).to_have_count(1)
    window.sign_in(administrator.email, administrator.password)
    # To what was clicked, not to where the click was.
    expect(page).to_have_url(re.compile(rf"/developer/apps/{client.id}/tokens$"))


def test_searching_changes_the_list_and_the_address(
    window: Window, make: Factory
) -> None:
    make.client("Findable <i>one</i>")
    page = window.page
    window.open("/developer/apps")
    page.get_by_role("searchbox").fill("findable")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="Findable <i>one</i>")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]q=findable"))
    expect(page.locator("#app-rows tbody tr")).to_have_count(1)


def test_a_secret_is_copied_and_never_made_twice(window: Window, make: Factory) -> None:
    page = window.page
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.open("/developer/apps/new")
    page.get_by_label("A service on its own").check()
    page.get_by_label("Name", exact=True).fill("Copied once")
    page.get_by_role("button", name="Register the app").click()
    secret = page.locator("#client-secret").inner_text()
    page.get_by_role("button", name="Copy client secret").click()
    expect(page.locator("#status")).to_contain_text("copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.reload()
    assert secret not in page.content()
    window.open("/developer/apps?q=Copied+once")
    expect(page.locator("#app-rows tbody tr")).to_have_count(1)


def test_a_person_takes_an_apps_access_away_and_signs_out(
    open_window: OpenWindow, make: Factory, served: Served
) -> None:
    user = make.user()
    made = make.client("Portal", grant_types=["authorization_code"])
    app = OutsideApp(served, made.id, made.secret, REDIRECT_URI, Person(served))
    app.sign_in(user.email, user.password)
    token = app.redeem(*app.authorization_code()).json()["access_token"]
    assert app.call(token).status_code == 200
    window = open_window(user)
    page = window.page
    page.get_by_role("link", name="Connected apps").click()
    page.get_by_role("link", name="Remove access").click()
    page.get_by_role("button", name="Remove access").click()
    expect(page.get_by_role("heading", name="No app can use")).to_be_visible()
    assert app.call(token).status_code == 401
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    window.open("/account/security")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
