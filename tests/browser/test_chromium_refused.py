"""From a link that does not work to a working sign-in, by the reference read out."""

import re
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import expect

from app.tokens.pkce import challenge_for
from tests.factories import Factory
from tests.support.callback import Callback
from tests.support.chromium import OpenWindow, is_fit_for_people
from tests.support.serving import Served

VERIFIER = "v" * 43


@pytest.mark.parametrize(
    "has_scripts", [pytest.param(True, id="htmx"), pytest.param(False, id="plain")]
)
def test_from_a_wrong_link_to_a_working_sign_in(
    open_window: OpenWindow,
    served: Served,
    make: Factory,
    callback: Callback,
    has_scripts: bool,
) -> None:
    name = f"Portal <i>{'htmx' if has_scripts else 'plain'}</i>"
    app = make.client(
        name,
        grant_types=["authorization_code"],
        redirect_uris=[f"{callback.redirect_uri}/"],
    )
    customer = make.user()
    administrator = make.user(administrator=True)
    address = "/oauth/authorize?" + urlencode(
        {
            "response_type": "code",
            "client_id": app.id,
            "redirect_uri": callback.redirect_uri,
            "code_challenge": challenge_for(VERIFIER),
            "code_challenge_method": "S256",
        }
    )

    # A customer is stopped, and reads a reference out to whoever runs the server.
    theirs = open_window(java_script_enabled=has_scripts)
    theirs.expect(400)
    theirs.open(address)
    expect(theirs.page.get_by_role("heading", level=1)).to_contain_text(
        "link doesn't work"
    )
    reference = theirs.page.locator("code").inner_text()
    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]{12}", reference)

    # An administrator finds it, sees what differs, and adds the address.
    window = open_window(administrator, java_script_enabled=has_scripts)
    page = window.page
    page.get_by_role("link", name="Developer").first.click()
    page.get_by_role("link", name="Refused requests", exact=True).click()
    page.get_by_label("Reference ID").fill(reference)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("article")).to_have_count(1)
    row = page.get_by_role("article", name="The redirect URI is not registered.")
    expect(row.get_by_role("link", name=name)).to_be_visible()
    expect(row).to_contain_text("The slash at the end is missing.")
    expect(row).to_contain_text(callback.redirect_uri)
    row.get_by_role("button", name="Add this URI").click()
    expect(
        page.locator("main").get_by_text(f"{callback.redirect_uri} is now registered")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Add this URI")).to_have_count(0)
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()

    # The same link now leads to the consent screen and back to the app.
    theirs.open(address)
    theirs.sign_in(customer.email, customer.password)
    theirs.page.get_by_role("button", name="Allow").click()
    expect(theirs.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    answer = requests.post(
        f"{served.address}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": callback.answers[-1]["code"],
            "redirect_uri": callback.redirect_uri,
            "code_verifier": VERIFIER,
        },
        auth=(app.id, app.secret),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text


def test_the_pages_are_fit_for_people(
    open_window: OpenWindow, served: Served, make: Factory
) -> None:
    app = make.client(
        "إدارة " + "Billing" * 10,
        grant_types=["authorization_code", "client_credentials"],
    )
    long = "https://app.example.com/" + "callback/" * 30
    for uri in (long, "https://app.example.com/callback/", "javascript:alert(1)"):
        requests.get(
            f"{served.address}/oauth/authorize",
            params={"client_id": app.id, "redirect_uri": uri},
            timeout=30,
        )
    for secret, scope in (("x", ""), (app.secret, "view_users " + "n" * 60)):
        requests.post(
            f"{served.address}/oauth/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=(app.id, secret),
            timeout=30,
        )
    administrator = make.user(administrator=True)
    for path in (
        f"/developer/apps/{app.id}/activity/refused",
        "/developer/refused?reference=000000000000",
    ):
        window = open_window(administrator, reduced_motion="reduce")
        window.open(path)
        is_fit_for_people(window)
    window = open_window(administrator, reduced_motion="reduce")
    window.expect(400)
    query = urlencode({"client_id": app.id, "redirect_uri": long})
    window.open(f"/oauth/authorize?{query}")
    expect(
        window.page.get_by_role("heading", name="For administrators")
    ).to_be_visible()
    is_fit_for_people(window)
