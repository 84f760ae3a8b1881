"""Permissions, Tokens, Activity and the Danger zone in a browser, by hand and keys."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import OpenWindow, Window, is_fit_for_people
from tests.support.outside import OutsideApp, Person
from tests.support.serving import Served

BOTH = ("authorization_code", "client_credentials")
URI = "https://app.example.com/callback"
#: Long and without a blank, and text that runs the other way.
LONG, HEBREW = "Rechnungsabgleich" * 4, "\u05d7\u05e9\u05d1\u05d5\u05e0\u05d9\u05ea"


@pytest.fixture(scope="module")
def administrator(product: tuple[Served, Factory]) -> MadeUser:
    return product[1].user("powers@example.com", name="Ada", administrator=True)


@pytest.fixture(scope="module")
def sync(product: tuple[Served, Factory]) -> MadeClient:
    """An app with tokens of both kinds, and permissions to choose from."""
    served, make = product
    make.permission("view_parcels", group="Parcels", is_delegable=True)
    make.permission("send_parcels", description=LONG, group=f"{HEBREW}{LONG}"[:64])
    make.role("Packer", ["view_parcels", "send_parcels"])
    made = make.client(LONG, grant_types=BOTH, permissions=["view_users"])
    user = make.user(f"{LONG[:50]}@example.com".lower(), name=f"{HEBREW} {LONG}")
    person = Person(served)
    person.sign_in(user.email, user.password)
    app = OutsideApp(served, made.id, made.secret, URI, person)
    assert app.redeem(*app.authorization_code()).status_code == 200
    assert app.act_as_itself().status_code == 200
    return made


def address(made: MadeClient, rest: str) -> str:
    return f"/developer/apps/{made.id}/{rest}"


def test_a_search_while_typing_keeps_the_focus_and_every_tick(
    open_window: OpenWindow, administrator: MadeUser, sync: MadeClient
) -> None:
    window = open_window(administrator, reduced_motion="reduce")
    page, addresses = window.page, list[str]()
    window.open(address(sync, "permissions"))
    direct = page.get_by_role("group", name="Direct permissions")
    direct.get_by_label("view_parcels").check()
    page.get_by_label("Packer", exact=True).check()
    page.on("request", lambda request: addresses.append(request.url))
    search = page.get_by_role("searchbox")
    search.press_sequentially("send", delay=20)
    expect(direct.get_by_label("view_parcels")).to_be_hidden()
    expect(direct.get_by_label("send_parcels")).to_be_visible()
    expect(search).to_be_focused()
    # Whoever reads addresses, such as a log, learns nothing that proves a form.
    assert addresses
    assert not any("csrf" in url for url in addresses)
    expect(page).to_have_url(re.compile(r"permissions\?q=send$"))
    search.fill("")
    expect(direct.get_by_label("view_parcels")).to_be_visible()
    expect(direct.get_by_label("view_parcels")).to_be_checked()
    expect(page.get_by_label("Packer", exact=True)).to_be_checked()

    page.get_by_role("button", name="Preview changes").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Added: role Packer, view_parcels")
    is_fit_for_people(window)
    page.get_by_role("button", name="Save permissions").click()
    expect(page.get_by_role("status")).to_contain_text("added role Packer")
    rows = page.locator("#effective-rows")
    expect(rows.get_by_text("send_parcels", exact=True)).to_be_visible()


def test_a_permission_is_explained_by_keyboard_alone(
    open_window: OpenWindow, administrator: MadeUser, sync: MadeClient
) -> None:
    window = open_window(administrator, reduced_motion="reduce")
    page = window.page
    window.open(address(sync, "permissions"))
    page.get_by_role("link", name="Why? view_users").press("Enter")
    explanation = page.locator("#explanation")
    expect(explanation).to_contain_text("The app holds it directly")
    expect(explanation).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"permissions\?explain=view_users#explain$"))
    name = page.get_by_label("Permission or scope")
    name.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("view_users")
    page.keyboard.press("Enter")
    expect(explanation).to_contain_text("1 live token of its own carries it")
    expect(name).to_be_focused()
    expect(page).to_have_url(re.compile(r"permissions\?explain=view_users$"))
    is_fit_for_people(window)


@pytest.mark.parametrize("has_scripts", [True, False], ids=["htmx", "plain"])
def test_from_a_change_to_its_undoing_and_to_the_trash_and_back(
    open_window: OpenWindow,
    administrator: MadeUser,
    make: Factory,
    has_scripts: bool,
) -> None:
    made = make.client(f"Undone {has_scripts}", permissions=["view_users"])
    heir = make.user(f"heir{has_scripts}@example.com".lower(), name="Heir of all")
    window = open_window(administrator, java_script_enabled=has_scripts)
    window.expect(422)
    page = window.page
    window.open(address(made, "permissions"))
    direct = page.get_by_role("group", name="Direct permissions")
    direct.get_by_label("view_users").uncheck()
    page.get_by_role("button", name="Save permissions").click()
    expect(page.locator("#done")).to_contain_text("removed view_users")

    open_tab(page, "Activity")
    page.get_by_role("link", name="Give it back").click()
    expect(page.get_by_text("It gains: view_users")).to_be_visible()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("The change has been undone").first).to_be_visible()
    expect(page.get_by_role("link", name="Give it back")).to_have_count(0)
    page.get_by_label("Show").select_option("access")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("kind=access"))
    expect(page.locator("#event-rows > li")).to_have_count(3)

    open_tab(page, "Danger zone")
    page.get_by_label("Name or e-mail address").fill(f"heir{has_scripts}".lower())
    if not has_scripts:
        page.get_by_role("button", name="Transfer ownership", exact=True).click()
    page.get_by_role("button", name=f"Transfer to {heir.name}").click()
    expect(page.get_by_text(f"{heir.name} owns this app").first).to_be_visible()
    page.get_by_role("link", name="Disable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Disable {made.name}?")
    expect(page.get_by_text("Never used")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Name of the app").fill(made.name)
    page.get_by_role("button", name="Delete the app").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Restored, without").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(made.name)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    tab = page.get_by_role("link", name=name)
    expect(tab).to_have_attribute("aria-current", "page")


def test_suggestions_come_while_typing_and_enter_chooses_none(
    open_window: OpenWindow, administrator: MadeUser, make: Factory
) -> None:
    made = make.client("Handed over")
    make.user("zoe@example.com", name="Zoe")
    window = open_window(administrator)
    window.expect(422)
    page, addresses = window.page, list[str]()
    page.on("request", lambda request: addresses.append(request.url))
    window.open(address(made, "danger"))
    owner = page.get_by_label("Name or e-mail address")
    owner.press_sequentially("zo", delay=20)
    expect(page.get_by_role("button", name="Transfer to Zoe")).to_be_visible()
    expect(owner).to_be_focused()
    assert not any("csrf" in url for url in addresses)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Type a full e-mail address")
    expect(page.get_by_text("Nobody owns this app")).to_be_visible()


PLACES = [
    "permissions?q=parcels&explain=send_parcels",
    "tokens",
    "tokens?acts=people&scope=view",
    "tokens?person=nobody@example.com",
    "tokens/people",
    "tokens/people?q=nobody",
    "tokens/revoke-all",
    "activity",
    "activity?kind=consents",
    "disable",
    "danger?owner=powers",
]


def test_pages_of_powers(
    open_window: OpenWindow, administrator: MadeUser, sync: MadeClient
) -> None:
    window: Window = open_window(administrator, reduced_motion="reduce")
    for place in PLACES:
        window.page.set_viewport_size({"width": 1280, "height": 900})
        window.page.emulate_media(color_scheme="light")
        window.open(address(sync, place))
        is_fit_for_people(window)
    window.open(address(sync, "activity"))
    window.page.get_by_role("link", name="Remove it again").first.click()
    expect(window.page.get_by_role("heading", level=1)).to_contain_text(
        "Remove it again"
    )
    is_fit_for_people(window)
