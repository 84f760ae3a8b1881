"""The application under test, on SQLite and on PostgreSQL, emptied after each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask

from app.config import Settings
from app.extensions import limiter
from tests.factories import Factory
from tests.support import (  # noqa: F401 - they watch events, and make sign-in cheap
    events,
    passwords,
)
from tests.support.browsing import Browser
from tests.support.databases import DATABASES, Database, make_database

for name in Settings.model_fields:
    # The shell that runs the tests must not steer what is tested.
    os.environ.pop(name.upper(), None)
# How long an example takes tells of the machine, not of the product.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

#: Tests of pages over packages whose coverage nobody judges (scripts/coverage-gate).
ABOUT_PAGES = ("test_apps", "test_audit", "test_refused", "test_start", "test_trial")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch no lines where it would tell nothing new: watching takes half the time.

    What runs on PostgreSQL runs on SQLite as well.
    """
    coverage = item.config.pluginmanager.getplugin("_cov")
    watcher = coverage and coverage.cov_controller
    tells_nothing = (
        item.get_closest_marker("postgresql")
        or item.path.parent.name in {"browser", "conventions"}
        or item.path.name.startswith(ABOUT_PAGES)
    )
    if not watcher or not tells_nothing:
        return (yield)
    watcher.pause()
    try:
        return (yield)
    finally:
        watcher.resume()


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest, worker_folder: Path) -> Iterator[Database]:
    """A migrated database of this worker's own, on each kind of server in turn."""
    with make_database(request.param, worker_folder) as database:
        yield database


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this worker's own."""
    return tmp_path_factory.mktemp("worker")


@pytest.fixture(scope="session")
def session_app(database: Database) -> Flask:
    """The application over `database`, made once a worker."""
    return database.make_app()


@pytest.fixture
def app(session_app: Flask, database: Database) -> Iterator[Flask]:
    """The application with nothing but built-in rows; no context is open."""
    yield session_app
    database.empty(session_app)
    with session_app.app_context():
        # Tests come from one address; what one has tried must not stop the next.
        limiter.reset()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An open application context, for tests that call services directly."""
    with app.app_context():
        yield


@pytest.fixture
def make(app: Flask) -> Factory:
    """Makes people, apps and roles."""
    return Factory(app)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser without JavaScript that nobody is signed in at."""
    return Browser(app)
