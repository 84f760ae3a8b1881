"""passport-oauth2 in an Express app, with people before it."""

from collections.abc import Iterator

import pytest
import requests

from interop.conftest import REDIRECT_URI
from interop.driving import SCRIPTS, listening_script
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.outside import TIMEOUT, Person
from tests.support.serving import Served


@pytest.fixture(scope="module")
def client(make: Factory) -> MadeClient:
    """The Express app, as it is registered."""
    return make.client(
        "Shop", grant_types=["authorization_code"], redirect_uris=[REDIRECT_URI]
    )


@pytest.fixture(scope="module")
def shop(served: Served, client: MadeClient) -> Iterator[str]:
    """The Express app's origin."""
    facts = {
        "issuer": served.address,
        "clientId": client.id,
        "clientSecret": client.secret,
    }
    with listening_script(SCRIPTS / "passport.mjs", facts) as origin:
        yield origin


def come_back(shop: str, person: Person, decision: str) -> requests.Response:
    """Press "sign in" at the shop, decide at the product and follow the way back."""
    start = person.browser.get(f"{shop}/login", allow_redirects=False, timeout=TIMEOUT)
    back = person.answer(start.headers["Location"], decision)
    assert back.startswith(f"{shop}/callback")
    return person.browser.get(back, timeout=TIMEOUT)


def test_a_denial_is_understood(shop: str, person: Person) -> None:
    page = come_back(shop, person, "deny")
    assert (page.status_code, page.text) == (403, "refused")


def test_people_sign_in(shop: str, person: Person, customer: MadeUser) -> None:
    assert person.browser.get(shop, timeout=TIMEOUT).status_code == 401
    page = come_back(shop, person, "allow")
    assert page.url == f"{shop}/"
    assert page.json()["user"]["email"] == customer.email
    assert page.json()["scope"] == "view_users"
    assert page.json()["hasRefreshToken"] is True


def test_an_answer_meant_for_another_browser_is_refused(
    shop: str, person: Person
) -> None:
    start = person.browser.get(f"{shop}/login", allow_redirects=False, timeout=TIMEOUT)
    back = person.answer(start.headers["Location"])
    assert requests.get(back, timeout=TIMEOUT).status_code == 403
