"""Developer → Apps in a browser: typed, judged, registered, stored, found again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, StorageState, expect

from app.access.catalogue import create_permission, find_permission
from app.audit.actor import SERVER
from app.clients.queries import find_client
from app.clients.secrets import add_secret
from app.clock import utcnow
from app.extensions import db
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import OpenWindow, Window, is_fit_for_people
from tests.support.serving import Served

URI = "https://portal.example.com/cb"
BOTH = ("authorization_code", "client_credentials")
Opener = Callable[..., Window]
SECRET = re.compile(r"gps_[0-9A-Za-z]{40}")
with_and_without_scripts = pytest.mark.parametrize(
    "has_scripts", [pytest.param(True, id="htmx"), pytest.param(False, id="plain")]
)


@pytest.fixture(scope="module")
def administrator(product: tuple[Served, Factory]) -> MadeUser:
    """Somebody who may manage apps."""
    return product[1].user(administrator=True)


@pytest.fixture(scope="module")
def cookies(
    chromium: Chromium, product: tuple[Served, Factory], administrator: MadeUser
) -> StorageState:
    """What a browser keeps at which they are signed in."""
    context = chromium.new_context()
    window = Window(context, context.new_page(), product[0].address, frozenset())
    window.open("/login")
    window.sign_in(administrator.email, administrator.password)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def opened(open_window: OpenWindow, cookies: StorageState) -> Opener:
    """Open a page as that person, and wait for its scripts."""

    def opened(path: str, *, has_scripts: bool = True) -> Window:
        window = open_window(
            storage_state=cookies,
            reduced_motion="reduce",
            java_script_enabled=has_scripts,
        )
        window.open(path)
        window.page.wait_for_load_state()
        return window

    return opened


@pytest.fixture
def portal(make: Factory, administrator: MadeUser) -> MadeClient:
    """An app with both grants and two secrets, one used today."""
    made = make.client(
        "Portal", grant_types=BOTH, redirect_uris=[URI], owner=administrator
    )
    with make.app.app_context():
        client = find_client(made.id)
        assert client is not None
        client.secrets[0].last_used_at = utcnow()
        add_secret(actor=SERVER, client=client)
        db.session.commit()
    return made


def choose(page: Page, who: str, name: str, uris: str = "") -> None:
    """Answer the question and fill in what follows from it."""
    page.get_by_label(who).check()
    page.get_by_label("Name", exact=True).fill(name)
    if uris:
        page.get_by_label("Redirect URIs").fill(uris)


def test_answering_who_acts_raises_no_alarm(opened: Opener) -> None:
    page = opened("/developer/apps/new").page
    for who in ("A web app for people", "A service on its own", "Both"):
        with page.expect_response(re.compile("/developer/apps/redirect-uris$")):
            page.get_by_label(who).check()
        expect(page.locator("#main .htmx-request")).to_have_count(0)
    box = page.get_by_label("Redirect URIs")
    for typed in (" ", ""):
        with page.expect_response(re.compile("/developer/apps/redirect-uris$")):
            box.fill(typed)
        expect(page.locator("#main .htmx-request")).to_have_count(0)
    expect(page.locator("#status")).to_be_empty()


def test_redirect_uris_are_judged_while_somebody_types(opened: Opener) -> None:
    window = opened("/developer/apps/new")
    page, box = window.page, window.page.get_by_label("Redirect URIs")
    judged = page.locator("#redirect-uris-judged")
    choose(page, "A web app for people", "Typed")
    box.click()
    page.keyboard.type("portal.example.com/cb")
    expect(judged).to_contain_text("Write the whole address")
    page.keyboard.type("\ncom.example.app:/cb")
    expect(judged).to_contain_text("2 of 2 cannot be used")
    expect(box).to_be_focused()
    expect(box).to_have_value("portal.example.com/cb\ncom.example.app:/cb")
    assert box.evaluate("element => element.selectionStart") == 41
    is_polite = judged.get_attribute("aria-live")
    assert is_polite == "polite"
    page.get_by_label("A mobile or single-page app").check()
    expect(judged).to_contain_text("1 of 2 cannot be used")
    page.get_by_role("button", name=f"Use {URI}").click()
    expect(box).to_have_value(f"{URI}\ncom.example.app:/cb")
    expect(box).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Typed")
    expect(judged).to_contain_text("Both addresses can be used")
    expect(page).to_have_url(re.compile(r"/developer/apps/new$"))


def test_nothing_typed_is_lost_when_the_session_ends(opened: Opener) -> None:
    window = opened("/developer/apps/new")
    window.expect(400, 401)
    page, box = window.page, window.page.get_by_label("Redirect URIs")
    page.get_by_label("A web app for people").check()
    window.context.clear_cookies()
    box.click()
    page.keyboard.type(URI)
    expect(page.locator("#redirect-uris-judged")).to_contain_text(
        "You have been signed out"
    )
    expect(box).to_be_focused()
    expect(box).to_have_value(URI)


@with_and_without_scripts
def test_return_in_a_field_registers_and_spells_nothing(
    opened: Opener, has_scripts: bool
) -> None:
    window = opened(
        "/developer/apps/new",
        has_scripts=has_scripts,
    )
    window.expect(422)
    page = window.page
    choose(page, "A web app for people", "By return", "http://portal.example.com/cb")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Correct the address marked")
    expect(page.locator("#redirect-uris-judged")).to_contain_text("Use https://. ")
    page.get_by_role("button", name=f"Use {URI}").click()
    expect(page.get_by_label("Redirect URIs")).to_have_value(URI)
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.locator("#client-secret")).to_be_visible()


@with_and_without_scripts
def test_a_secret_is_stored_and_never_seen_again(
    opened: Opener, has_scripts: bool
) -> None:
    window = opened(
        "/developer/apps/new",
        has_scripts=has_scripts,
    )
    page = window.page
    choose(page, "Both", "Stored once", URI)
    page.get_by_role("button", name="Register the app").click()
    expect(page.locator("#client-secret")).to_be_visible()
    assert SECRET.search(page.content())
    if has_scripts:
        is_fit_for_people(window)
        page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="I have saved it").click()
    expect(page.locator("#identity")).to_be_visible()
    expect(page.get_by_text("Nobody confirmed that secret")).to_have_count(0)
    if has_scripts:
        # Without scripts the browser asks before it sends a form again.
        page.wait_for_load_state()
        page.go_back(wait_until="commit")
        page.wait_for_load_state()
        assert not SECRET.search(page.content())
        page.reload()
    else:
        page.goto("about:blank")
        page.go_back()
    page.wait_for_load_state()
    assert not SECRET.search(page.content())


def test_who_leaves_without_a_word_is_reminded(opened: Opener) -> None:
    window = opened("/developer/apps/new")
    page = window.page
    choose(page, "A service on its own", "Left behind")
    page.get_by_role("button", name="Register the app").click()
    expect(page.locator("#client-secret")).to_be_visible()
    page.get_by_role("link", name="Apps", exact=True).click()
    page.get_by_role("searchbox").fill("Left behind")
    page.get_by_role("link", name="Left behind").click()
    hint = page.locator("#hints")
    expect(hint).to_contain_text("Nobody confirmed that secret")
    is_fit_for_people(window)
    page.get_by_role("button", name="I have saved it").click()
    expect(page.locator("#identity")).to_be_visible()
    expect(page.get_by_text("Nobody confirmed that secret")).to_have_count(0)


@with_and_without_scripts
def test_secrets_overlap_as_long_as_it_is_said(
    opened: Opener,
    portal: MadeClient,
    has_scripts: bool,
) -> None:
    window = opened(
        f"/developer/apps/{portal.id}/settings",
        has_scripts=has_scripts,
    )
    window.expect(422)
    page = window.page
    rows = page.locator("#secret-rows tbody tr")
    expect(rows.first).to_contain_text("In use today")
    moment = page.get_by_label("Date and time (UTC)")
    expect(moment).to_be_hidden()
    page.get_by_label("When should the current secrets expire?").select_option(
        "At a date and time"
    )
    moment.fill("2001-02-03T04:05")
    page.get_by_role("button", name="Create a new secret").click()
    expect(page.get_by_role("alert")).to_contain_text("in the future")
    page.get_by_label("When should the current secrets expire?").select_option(
        "In 30 days"
    )
    page.get_by_role("button", name="Create a new secret").click()
    page.get_by_role("button", name="I have saved it").click()
    page.get_by_role("link", name="Settings").click()
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("in 30 days, on ")
    page.get_by_role("link", name="Change expiry").first.click()
    page.get_by_label("When should it expire?").select_option("Never")
    page.get_by_role("button", name="Set expiry").click()
    expect(rows.first.get_by_role("cell").nth(2)).to_have_text("never")


def test_the_list_is_searched_while_somebody_types(
    opened: Opener, make: Factory
) -> None:
    for name in ("Quince jelly", "Quince cake"):
        make.client(name)
    window = opened("/developer/apps")
    page = window.page
    box = page.get_by_role("searchbox")
    box.click()
    page.keyboard.type("quince j")
    expect(page.locator("#app-rows tbody tr")).to_have_count(1)
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile(r"[?&]q=quince"))
    expect(page.get_by_label("Owner's e-mail address")).to_be_hidden()
    page.get_by_label("Owner", exact=True).select_option("Someone else…")
    page.get_by_label("Owner's e-mail address").fill("nobody@example.com")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Nobody has the e-mail address")).to_be_visible()


def test_many_permissions_are_narrowed_by_words(opened: Opener, make: Factory) -> None:
    with make.app.app_context():
        for number in range(14):
            if find_permission(f"sort_{number}") is None:
                create_permission(actor=SERVER, name=f"sort_{number}", group="Sorting")
        db.session.commit()
    window = opened("/developer/apps/new")
    page = window.page
    page.get_by_label("A service on its own").check()
    group = page.get_by_role("group", name="What it may do as itself")
    group.get_by_label("Show only permissions with").fill("sort_13")
    expect(group.get_by_role("checkbox")).to_have_count(1)
    expect(group.get_by_role("group")).to_have_accessible_name("Sorting")
    group.get_by_label("Show only permissions with").fill("")
    assert group.get_by_role("checkbox").count() >= 14


def test_what_two_administrators_changed_is_laid_together(
    opened: Opener, portal: MadeClient
) -> None:
    path = f"/developer/apps/{portal.id}/settings"
    mine = opened(path)
    theirs = opened(path)
    mine.expect(409)
    theirs.page.get_by_label("Name", exact=True).fill("Theirs")
    theirs.page.get_by_label("Require PKCE").uncheck()
    theirs.page.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.page.get_by_text("PKCE is off for this app")).to_be_visible()
    is_fit_for_people(theirs)
    mine.page.get_by_label("Description").fill("Mine")
    mine.page.get_by_role("button", name="Save", exact=True).click()
    expect(mine.page.get_by_role("alert")).to_contain_text("name: Portal → Theirs")
    expect(mine.page.get_by_label("Description")).to_have_value("Mine")
    is_fit_for_people(mine)
    mine.page.get_by_role("button", name="Save", exact=True).click()
    expect(mine.page.get_by_role("status")).to_contain_text("Saved")
    expect(mine.page.get_by_label("Name", exact=True)).to_have_value("Theirs")


def test_the_first_page_is_worked_by_keyboard(
    opened: Opener, portal: MadeClient
) -> None:
    page = opened(f"/developer/apps/{portal.id}").page
    shown = page.locator("#snippets figure").filter(visible=True)
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("as-itself.sh")
    page.get_by_role("radio", name="curl").focus()
    for file in ("as-itself.py", "as-itself.php", "as-itself.mjs"):
        page.keyboard.press("ArrowRight")
        expect(shown).to_contain_text(file)
    # One grant at a time is open, and its language is that of the other.
    page.locator("#snippets summary", has_text="For people").focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("for-people.mjs")
