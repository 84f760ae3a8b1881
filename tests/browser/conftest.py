"""The served product and Chromium before it, one of each a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from tests.factories import Factory, MadeUser
from tests.support.callback import Callback, listening
from tests.support.chromium import (
    PATIENCE_MS,
    OpenWindow,
    Window,
    find_chromium,
    launched,
)
from tests.support.databases import make_database
from tests.support.serving import Served, serve

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder; without Chromium they cannot run."""
    missing = pytest.mark.skip(reason="browser: Chromium is not installed")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if find_chromium() is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Chromium without a window."""
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def product(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Served, Factory]]:
    """The served product, and what makes people and apps in its database."""
    folder = tmp_path_factory.mktemp("browser")
    with make_database("sqlite", folder) as database, serve(database) as served:
        yield served, Factory(database.make_app())


@pytest.fixture
def served(product: tuple[Served, Factory]) -> Served:
    """The product; other tests use it too."""
    return product[0]


@pytest.fixture
def make(product: tuple[Served, Factory]) -> Factory:
    """Makes people and apps in the served product's database."""
    return product[1]


@pytest.fixture(scope="session")
def callback() -> Iterator[Callback]:
    """An app on another origin."""
    with listening() as callback:
        yield callback


@pytest.fixture
def open_window(
    chromium: Chromium, served: Served, callback: Callback
) -> Iterator[OpenWindow]:
    """Open a fresh browser; what it complained about fails the test at its end."""
    windows: list[Window] = []

    def open_one(
        user: MadeUser | None = None, *, width: int = 1280, **options: object
    ) -> Window:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="en", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        origins = frozenset({callback.origin})
        window = Window(context, context.new_page(), served.address, origins)
        windows.append(window)
        window.watch()
        if user is not None:
            window.open("/login")
            window.sign_in(user.email, user.password)
        return window

    yield open_one
    for window in windows:
        window.context.close()
    for window in windows:
        window.check()
