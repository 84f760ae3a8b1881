"""Without its database the product says so, in the words of each kind of caller."""

from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.kept_connections import close_kept_connection
from tests.support.databases import Database

CLIENT_ID = "01a20a29-1aef-73f1-9e8d-267cea812ca0"


@pytest.fixture
def cut_off(tmp_path: Path) -> Flask:
    """An application whose database cannot be opened."""
    away = Database("sqlite", f"sqlite:///{tmp_path / 'nowhere' / 'at-all.sqlite3'}")
    return away.make_app()


@pytest.mark.parametrize(
    ("method", "address", "mimetype"),
    [
        ("POST", "/oauth/token", "application/problem+json"),
        ("GET", f"/oauth/authorize?client_id={CLIENT_ID}", "text/html"),
        ("POST", "/login", "text/html"),
    ],
)
def test_it_answers_503(
    cut_off: Flask, method: str, address: str, mimetype: str
) -> None:
    cut_off.config["WTF_CSRF_ENABLED"] = False
    form = {"client_id": CLIENT_ID, "client_secret": "x"}
    form |= {"grant_type": "client_credentials"}
    form |= {"email": "a@example.com", "password": "a long password"}
    if method == "GET":
        answer = cut_off.test_client().get(address)
    else:
        answer = cut_off.test_client().post(address, data=form)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.mimetype == mimetype
    assert "sqlite" not in answer.text
    with cut_off.app_context():
        close_kept_connection(db.engine)
        db.engine.dispose()
