"""The whole way through, over HTTP, as the README tells it to a newcomer.

An administrator makes an app in the console, the app calls the API, a customer allows
it, and whatever is taken away is gone at once.
"""

from dataclasses import dataclass

import pytest
import requests

from tests.support.markup import parse
from tests.support.outside import REDIRECT_URI, OutsideApp, Person
from tests.support.pages import choice_in
from tests.support.serving import Served

ADMINISTRATOR, CUSTOMER = "ada@example.com", "carla@example.com"
NAME = "Invoice <b>Sync</b> & Söhne"


@dataclass
class Console:
    """Developer → Apps, at the browser of an administrator."""

    person: Person

    def register(self, name: str) -> OutsideApp:
        """Make an app with both grants; take its id and secret from the page."""
        self.person.open("/developer/apps/new")
        page = self.person.submit(
            {"who": "both", "name": name, "redirect_uris": REDIRECT_URI},
            action="/developer/apps/new",
        )
        shown = parse(page.text)
        assert page.headers["Cache-Control"] == "no-store"
        return OutsideApp(
            self.person.served,
            shown.one("code", id="client-id").text,
            shown.one("output", id="client-secret").text,
            REDIRECT_URI,
            Person(self.person.served),
        )

    def change_permissions(self, app: OutsideApp, *names: str) -> str:
        """Let the app hold exactly these directly; return the page that follows."""
        address = f"/developer/apps/{app.client_id}/permissions"
        page = self.person.open(address).text
        chosen = [choice_in(page, name, section="holdings") for name in names]
        changed = self.person.submit({"permissions": [*chosen]}, action=f"{address}$")
        assert changed.status_code == 200, changed.text
        return changed.text

    def delete(self, app: OutsideApp, *, typed: str) -> requests.Response:
        """Fill in the Danger zone's last form."""
        self.person.open(f"/developer/apps/{app.client_id}/danger")
        return self.person.submit({"name": typed}, action="/delete$")


@pytest.fixture
def console(served: Served) -> Console:
    """The console, after an administrator has signed in."""
    return Console(somebody(served, ADMINISTRATOR, roles=("Administrator",)))


@pytest.fixture
def customer(served: Served) -> Person:
    """Somebody who may view users and nothing else."""
    person = somebody(served, CUSTOMER)
    served.flask("permission:give", CUSTOMER, "view_users")
    return person


def somebody(served: Served, email: str, *, roles: tuple[str, ...] = ()) -> Person:
    person = Person(served)
    person.sign_in(email, served.make_user(email, roles=roles))
    return person


def statuses(app: OutsideApp, *tokens: str) -> list[int]:
    return [app.call(token).status_code for token in tokens]


def test_from_an_app_in_the_console_to_a_called_api_and_back(
    console: Console, customer: Person, served: Served
) -> None:
    app = console.register(NAME)
    assert (
        "No live token"
        in console.person.open(f"/developer/apps/{app.client_id}/tokens").text
    )
    assert "direct" in console.change_permissions(app, "view_users")

    # The app acts as itself.
    own = app.act_as_itself().json()["access_token"]
    assert app.call(own, "/api/v1/users").status_code == 200

    # What is taken away is missed on the next request, with the same token.
    console.change_permissions(app)
    refused = app.call(own, "/api/v1/users")
    assert refused.status_code == 403
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    console.change_permissions(app, "view_users")
    assert app.call(own, "/api/v1/users").status_code == 200

    # The app acts for a customer, who reads its name before allowing it.
    app.person = customer
    first = app.redeem(*app.authorization_code()).json()
    assert customer.was_asked
    theirs = first["access_token"]
    me = app.call(theirs).json()
    assert me["user"]["email"] == CUSTOMER
    assert me["client_name"] == NAME
    assert app.call(theirs, "/api/v1/users").status_code == 200
    connected = parse(customer.open("/account/apps").text)
    assert NAME in connected.one("main").text

    # Deleting it takes its name, and then nothing of it works.
    assert console.delete(app, typed="something else").status_code == 422
    assert statuses(app, own, theirs) == [200, 200]
    deleted = console.delete(app, typed=NAME)
    assert deleted.status_code == 200
    assert deleted.url == f"{served.address}/developer/apps"
    assert statuses(app, own, theirs) == [401, 401]
    assert app.act_as_itself().json()["error"] == "invalid_client"
    assert app.refresh(first["refresh_token"]).json()["error"] == "invalid_client"

    # Restored, it has its permissions and consents, and none of its old secrets.
    served.flask("passport:restore", app.client_id)
    assert statuses(app, own, theirs) == [401, 401]
    assert app.act_as_itself().json()["error"] == "invalid_client"
    app.client_secret = served.json("passport:secret", app.client_id)["client_secret"]
    again = app.act_as_itself().json()["access_token"]
    assert app.call(again, "/api/v1/users").status_code == 200
    assert app.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    renewed = app.redeem(*app.authorization_code()).json()["access_token"]
    assert not customer.was_asked
    assert app.call(renewed).json()["user"]["email"] == CUSTOMER
    assert statuses(app, own, theirs) == [401, 401]
