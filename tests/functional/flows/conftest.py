"""Products as they are really served, one a worker for each kind of database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.support.databases import DATABASES, make_database
from tests.support.outside import OutsideApp, register_app
from tests.support.serving import Served, serve

CUSTOMER = "customer@example.com"


@pytest.fixture(scope="session")
def products(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Served]]:
    """Serve the product over a kind of database when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def product(kind: str) -> Served:
            folder = tmp_path_factory.mktemp(f"served-{kind}")
            database = stack.enter_context(make_database(kind, folder))
            return stack.enter_context(serve(database, threads=4))

        yield product


@pytest.fixture(scope="session")
def registered(products: Callable[[str], Served]) -> Callable[[str], OutsideApp]:
    """Register an app with both grants, before whose browser a customer sits.

    Both the app and the customer may view users.
    """

    @cache
    def register(kind: str) -> OutsideApp:
        served = products(kind)
        app = register_app(served, "Invoice Sync", "--permission", "view_users")
        password = served.make_user(CUSTOMER)
        served.flask("permission:give", CUSTOMER, "view_users")
        app.sign_in(CUSTOMER, password)
        return app

    return register


@pytest.fixture(params=DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    name: str = request.param
    return name


@pytest.fixture
def served(kind: str, products: Callable[[str], Served]) -> Served:
    """The product, served over each kind of database; other tests use it too."""
    return products(kind)


@pytest.fixture
def outside(kind: str, registered: Callable[[str], OutsideApp]) -> OutsideApp:
    """An app outside the served product; other tests use it too."""
    return registered(kind)
