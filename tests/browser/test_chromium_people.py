"""Customers in a browser: what they allow and for how long, and what they take back."""

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from app.tokens.pkce import challenge_for
from tests.factories import Factory, MadeUser
from tests.support.callback import Callback
from tests.support.chromium import OpenWindow, Window, is_fit_for_people
from tests.support.outside import OutsideApp, Person
from tests.support.serving import Served

VERIFIER = "v" * 43
#: Colours change at once, so that they are judged as they stay.
STILL = {"reduced_motion": "reduce"}
TURNED = "Faktur \u05d0\u05d1\u05d2 <b>Sync</b>"
WITH_AND_WITHOUT = pytest.mark.parametrize(
    "has_scripts", [pytest.param(True, id="htmx"), pytest.param(False, id="plain")]
)


@dataclass
class Visit:
    """An app on another origin, and the customers who come to it."""

    app: OutsideApp
    callback: Callback

    def ask(self, window: Window, scope: str) -> None:
        query = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": self.app.redirect_uri,
            "scope": scope,
            "code_challenge": challenge_for(VERIFIER),
            "code_challenge_method": "S256",
        }
        window.open(f"/oauth/authorize?{urlencode(query)}")

    def allow(self, page: Page) -> dict[str, str]:
        """Press Allow and let the app redeem what it brings."""
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        code = self.callback.answers[-1]["code"]
        found: dict[str, str] = self.app.redeem(code, VERIFIER).json()
        return found


@pytest.fixture
def visit(served: Served, make: Factory, callback: Callback) -> Visit:
    made = make.client(
        TURNED,
        grant_types=["authorization_code"],
        redirect_uris=[callback.redirect_uri],
        optional_scopes=("email", "profile"),
        owner=make.user(name="Acme Integrations"),
    )
    app = OutsideApp(
        served, made.id, made.secret, callback.redirect_uri, Person(served)
    )
    return Visit(app, callback)


@pytest.fixture
def customer(make: Factory) -> MadeUser:
    return make.user(name="Ada", permissions=["view_users"])


def test_only_this_once_and_without_what_is_optional(
    open_window: OpenWindow, visit: Visit, customer: MadeUser
) -> None:
    window = open_window(**STILL)
    page = window.page
    visit.ask(window, "openid email profile view_users")
    expect(page.get_by_text(f"to continue to {TURNED}")).to_be_visible()
    is_fit_for_people(window)
    window.sign_in(customer.email, customer.password)
    box = page.get_by_label("See your e-mail address")
    expect(box).to_be_checked()
    expect(page.get_by_label("Until I remove it")).to_be_checked()
    buttons = [page.get_by_role("button", name=name) for name in ("Deny", "Allow")]
    widths = {round(button.bounding_box()["width"]) for button in buttons}
    assert len(widths) == 1
    assert page.evaluate("document.activeElement === document.body")
    is_fit_for_people(window)
    # By keyboard alone: untick, choose, and press Allow.
    box.focus()
    page.keyboard.press("Space")
    page.get_by_label("Until I remove it").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Just once")).to_be_checked()
    tokens = visit.allow(page)
    assert tokens["scope"] == "openid profile view_users"
    # It was for once: the app has to ask again, and the boxes are as at first.
    visit.ask(window, "openid email profile view_users")
    expect(page.get_by_label("See your e-mail address")).to_be_checked()
    window.open("/account/apps")
    expect(page.get_by_text("in 1 hour")).to_be_visible()


def test_the_screen_comes_back_only_for_what_is_new(
    open_window: OpenWindow, visit: Visit, customer: MadeUser
) -> None:
    window = open_window(customer, java_script_enabled=False)
    page = window.page
    visit.ask(window, "openid email")
    page.get_by_label("30 days").check()
    visit.allow(page)
    visit.ask(window, "openid email")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    visit.ask(window, "openid email view_users")
    expect(page.get_by_text("new", exact=True)).to_have_count(1)
    expect(page.get_by_label("See your e-mail address")).to_be_hidden()
    expect(page.get_by_label("30 days")).to_be_checked()
    page.get_by_text("Already allowed: 2").click()
    expect(page.get_by_label("See your e-mail address")).to_be_checked()


@WITH_AND_WITHOUT
def test_this_was_not_me(
    open_window: OpenWindow, visit: Visit, customer: MadeUser, has_scripts: bool
) -> None:
    window = open_window(customer, java_script_enabled=has_scripts, **STILL)
    thief = open_window(customer, java_script_enabled=False)
    visit.ask(thief, "openid")
    tokens = visit.allow(thief.page)
    page = window.page
    window.open("/account/apps")
    page.get_by_role("link", name="This wasn't me").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"Didn't allow {TURNED}?")
    assert visit.app.is_active(tokens["access_token"])
    if has_scripts:
        is_fit_for_people(window)
    page.get_by_role("button", name="Remove access and report it").click()
    expect(heading).to_have_text(f"{TURNED} can no longer use your account")
    number = page.locator("code").inner_text()
    assert not visit.app.is_active(tokens["access_token"])
    assert not visit.app.is_active(tokens["refresh_token"])
    thief.open("/account/apps")
    expect(thief.page.get_by_role("heading", name="Sign in")).to_be_visible()
    if has_scripts:
        is_fit_for_people(window)
    page.get_by_role("link", name="Change your password").click()
    expect(page.get_by_label("Current password")).to_be_visible()
    expect(page.get_by_role("link", name=number)).to_be_visible()


@WITH_AND_WITHOUT
def test_signing_out_at_all_others_keeps_this_browser(
    open_window: OpenWindow, customer: MadeUser, has_scripts: bool
) -> None:
    window = open_window(customer, java_script_enabled=has_scripts, **STILL)
    other = open_window(customer, java_script_enabled=False)
    page = window.page
    window.open("/account/security")
    if has_scripts:
        page.wait_for_load_state()
        page.evaluate("window.isSameDocument = true")
    page.get_by_role("button", name="Sign out other browsers").click()
    done = page.locator("#done")
    expect(done).to_have_text("Other browsers are signed out.")
    expect(page.get_by_role("button", name="Sign out other browsers")).to_have_count(0)
    if has_scripts:
        assert page.evaluate("window.isSameDocument") is True
        is_fit_for_people(window)
    other.open("/account/security")
    expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()
