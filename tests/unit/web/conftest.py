"""An application with pages of nobody's, and two people who visit it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import web
from app.extensions import db
from tests.support import sample_pages
from tests.support.sample_pages import PERSON, MakePages


@pytest.fixture
def make_pages(tmp_path: Path) -> Iterator[MakePages]:
    """Makes applications with the sample pages, with settings of the test's choice."""
    made: list[Flask] = []

    def make(**overrides: object) -> Flask:
        made.append(sample_pages.make_pages(tmp_path, **overrides))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def pages(make_pages: MakePages) -> Flask:
    """An application with the sample pages, where nobody is signed in."""
    return make_pages()


@pytest.fixture
def visitor(pages: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return pages.test_client()


@pytest.fixture
def ada(pages: Flask) -> FlaskClient:
    """Somebody who is signed in and holds view_users."""
    web.register_person_loader(pages, lambda: PERSON)
    return pages.test_client()
