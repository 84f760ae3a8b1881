"""The served product, the customer before it, and apps of others."""

import os
from collections.abc import Callable, Iterator

import pytest

from app.config import Settings
from interop.driving import run_script
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.databases import make_database
from tests.support.outside import Person
from tests.support.serving import Served, serve

for name in Settings.model_fields:
    # The shell that runs the tests must not steer what is tested.
    os.environ.pop(name.upper(), None)

BOTH_GRANTS = ("authorization_code", "client_credentials")
#: The port is free (RFC 8252 §7.3), so apps listen where there is room.
REDIRECT_URI = "http://127.0.0.1/callback"
POST_LOGOUT_REDIRECT_URI = "http://127.0.0.1:9/left"

#: Runs a script of Node.js for an app, with a person who allows what it asks.
Drive = Callable[..., dict[str, object]]


@pytest.fixture(scope="session")
def product(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Served, Factory]]:
    """The served product, and what makes people and apps in its database."""
    folder = tmp_path_factory.mktemp("served")
    with make_database("sqlite", folder) as database, serve(database) as served:
        yield served, Factory(database.make_app())


@pytest.fixture(scope="session")
def served(product: tuple[Served, Factory]) -> Served:
    """The product."""
    return product[0]


@pytest.fixture(scope="session")
def make(product: tuple[Served, Factory]) -> Factory:
    """Makes people and apps in the served product's database."""
    return product[1]


@pytest.fixture(scope="session")
def customer(make: Factory) -> MadeUser:
    """Somebody who may view users."""
    return make.user("customer@example.com", name="Ada", permissions=["view_users"])


@pytest.fixture
def person(served: Served, customer: MadeUser) -> Person:
    """The customer, signed in at a browser of their own."""
    person = Person(served)
    person.sign_in(customer.email, customer.password)
    return person


@pytest.fixture
def confidential(make: Factory) -> MadeClient:
    """An app that keeps a secret, with both grants."""
    return make.client(
        grant_types=BOTH_GRANTS,
        redirect_uris=[REDIRECT_URI],
        permissions=["view_users"],
    )


@pytest.fixture
def leaving(make: Factory) -> MadeClient:
    """An app for people that keeps a secret and that they can sign out from."""
    return make.client(
        grant_types=["authorization_code"],
        redirect_uris=[REDIRECT_URI],
        post_logout_redirect_uris=(POST_LOGOUT_REDIRECT_URI,),
    )


@pytest.fixture
def drive(served: Served, person: Person) -> Drive:
    """Run a script for an app; the customer allows what it asks."""

    def drive(script: str, client: MadeClient, **more: object) -> dict[str, object]:
        facts = {
            "issuer": served.address,
            "clientId": client.id,
            "clientSecret": client.secret,
            "redirectUri": REDIRECT_URI,
        }
        result: dict[str, object] = run_script(
            script, facts | more, visit=person.answer
        )
        return result

    return drive
