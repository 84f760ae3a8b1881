"""The whole way through in a browser: with htmx, and again without JavaScript."""

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from app.tokens.pkce import challenge_for
from tests.factories import Factory
from tests.support.callback import Callback
from tests.support.chromium import OpenWindow, Window
from tests.support.outside import OutsideApp, Person
from tests.support.serving import Served

VERIFIER = "v" * 43


@dataclass
class Console:
    """Developer → Apps, worked by its labels as a person does."""

    window: Window

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.window.page

    def register(self, name: str, redirect_uri: str) -> OutsideApp:
        """Make an app with both grants; take its id and secret from the page."""
        self.page.get_by_role("link", name="Developer").click()
        self.page.get_by_role("link", name="New app").click()
        self.page.get_by_label("Both").check()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Redirect URIs").fill(redirect_uri)
        self.page.get_by_role("button", name="Register the app").click()
        expect(self.page.get_by_text("This is shown only once")).to_be_visible()
        app = OutsideApp(
            Served(self.window.origin, {}, ()),
            self.page.locator("#client-id").inner_text(),
            self.page.locator("#client-secret").inner_text(),
            redirect_uri,
            Person(Served(self.window.origin, {}, ())),
        )
        self.page.get_by_role("button", name="I have saved it").click()
        return app

    def open_tab(self, name: str) -> None:
        """Open one of the app's tabs, unless it is open."""
        tab = self.page.get_by_role("link", name=name)
        if tab.get_attribute("aria-current") is None:
            tab.click()
            # Until then the panel of before would take what is typed, and lose it.
            expect(tab).to_have_attribute("aria-current", "page")

    def let(self, permission: str, *, be_held: bool) -> None:
        """Check or clear a box on the Permissions tab, and save."""
        self.open_tab("Permissions")
        box = self.page.get_by_role("group", name="Direct permissions").get_by_label(
            permission
        )
        box.set_checked(be_held)
        self.page.get_by_role("button", name="Save permissions").click()
        rows = self.page.locator("#effective-rows").get_by_text(permission, exact=True)
        expect(rows).to_have_count(1 if be_held else 0)

    def delete(self, name: str) -> None:
        """Type a name into the Danger zone and press the button."""
        self.open_tab("Danger zone")
        self.page.get_by_label("Name of the app").fill(name)
        self.page.get_by_role("button", name="Delete the app").click()


@pytest.mark.parametrize(
    "has_scripts", [pytest.param(True, id="htmx"), pytest.param(False, id="plain")]
)
def test_from_an_app_in_the_console_to_a_called_api_and_back(
    open_window: OpenWindow,
    served: Served,
    make: Factory,
    callback: Callback,
    has_scripts: bool,
) -> None:
    name = f"Invoice <b>Sync</b> {'htmx' if has_scripts else 'plain'}"
    administrator = make.user(administrator=True)
    customer = make.user(permissions=["view_users"])
    window = open_window(administrator, java_script_enabled=has_scripts)
    console = Console(window)
    app = console.register(name, callback.redirect_uri)
    app.served = served
    if has_scripts:
        expect(console.page.get_by_role("link", name="Danger zone")).to_be_visible()
        console.page.wait_for_load_state()
        assert console.page.evaluate("htmx.version") == "4.0.1"
        console.page.evaluate("window.isSameDocument = true")

    # The app acts as itself, as long as it holds the permission.
    console.let("view_users", be_held=True)
    own = app.act_as_itself().json()["access_token"]
    assert app.call(own, "/api/v1/users").status_code == 200
    console.let("view_users", be_held=False)
    assert app.call(own, "/api/v1/users").status_code == 403
    console.let("view_users", be_held=True)
    assert app.call(own, "/api/v1/users").status_code == 200
    if has_scripts:
        assert console.page.evaluate("window.isSameDocument") is True

    # A customer reads the app's name, allows it and comes back to the app.
    theirs = open_window(java_script_enabled=has_scripts)
    theirs.page.goto(authorization_address(app))
    theirs.sign_in(customer.email, customer.password)
    heading = theirs.page.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"Allow {name} to use your Gatepass account?")
    theirs.page.get_by_role("button", name="Allow").click()
    expect(theirs.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    tokens = app.redeem(callback.answers[-1]["code"], VERIFIER).json()
    me = app.call(tokens["access_token"]).json()
    assert me["user"]["email"] == customer.email

    # Deleting it takes its name, and then nothing of it works.
    window.expect(422)
    console.delete("another name")
    expect(console.page.get_by_role("alert")).to_contain_text("not the name of the app")
    assert app.call(own).status_code == 200
    console.delete(name)
    expect(console.page.get_by_text(f"{name} is in the trash")).to_be_visible()
    for token in (own, tokens["access_token"]):
        assert app.call(token).status_code == 401

    # Restored, it has its permissions, and none of its old tokens and secrets.
    served.flask("passport:restore", app.client_id)
    assert app.act_as_itself().json()["error"] == "invalid_client"
    app.client_secret = served.json("passport:secret", app.client_id)["client_secret"]
    again = app.act_as_itself().json()["access_token"]
    assert app.call(again, "/api/v1/users").status_code == 200
    for token in (own, tokens["access_token"]):
        assert app.call(token).status_code == 401


def authorization_address(app: OutsideApp) -> str:
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "code_challenge": challenge_for(VERIFIER),
        "code_challenge_method": "S256",
    }
    return f"{app.served.address}/oauth/authorize?{urlencode(query)}"
