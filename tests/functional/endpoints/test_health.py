"""What load balancers and supervisors ask."""

from pathlib import Path

from flask import Flask

from app.extensions import db
from tests.support.databases import Database, count_statements


def test_a_living_process_says_so_without_a_database(app: Flask) -> None:
    with count_statements(app) as statements:
        answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert statements == []
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_product_that_can_serve_is_ready(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def reasons(database: Database, **settings: object) -> str:
    """Return why an application over `database` is not ready."""
    app = database.make_app(**settings)
    answer = app.test_client().get("/readyz")
    with app.app_context():
        db.engine.dispose()
    assert answer.status_code == 503
    assert answer.json["status"] == "unavailable"
    return " ".join(answer.json["reasons"])


def test_without_keys_it_is_not_ready(app: Flask, database: Database) -> None:
    told = reasons(database, passport_private_key="", passport_public_key="")
    assert "flask passport:keys" in told


def test_without_migrations_it_is_not_ready(tmp_path: Path) -> None:
    empty = Database("sqlite", f"sqlite:///{tmp_path}/empty.sqlite3")
    assert "flask passport:install" in reasons(empty)
    empty.close()


def test_without_a_database_it_is_not_ready(tmp_path: Path) -> None:
    nowhere = Database("sqlite", f"sqlite:///{tmp_path}/nowhere/x.sqlite3")
    told = reasons(nowhere)
    assert "cannot be reached" in told
    # Whoever asks learns nothing of where the database is.
    assert str(tmp_path) not in told


def test_health_is_never_throttled(app: Flask) -> None:
    client = app.test_client()
    assert {client.get("/healthz").status_code for _ in range(300)} == {200}
