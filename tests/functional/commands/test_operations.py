"""flask passport:doctor and passport:purge."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.clock import utcnow
from app.extensions import db, limiter
from app.operations.doctor import Finding, examine
from app.tokens.models import AccessToken
from tests.support.databases import Database


@pytest.fixture
def installed(app: Flask) -> Flask:
    """Return an application with an administrator."""
    app.test_cli_runner().invoke(args=["passport:install"])
    return app


def found(
    database: Database,
    folder: Path,
    environment: dict[str, str] | None = None,
    **settings: object,
) -> dict[str, Finding]:
    """Return the doctor's findings by what they are about."""
    app = database.make_app(**settings)
    with app.app_context():
        findings = examine(
            app.extensions["gatepass_settings"],
            folder=folder,
            environment=environment or {},
        )
    with app.app_context():
        db.engine.dispose()
    assert [f.level for f in findings] == sorted(f.level for f in findings)
    assert all(finding.fix for finding in findings)
    return {finding.subject: finding for finding in findings}


def test_a_good_installation_is_well(
    installed: Flask, database: Database, tmp_path: Path
) -> None:
    assert found(database, tmp_path) == {}


def test_the_command_tells_and_fails_by_its_exit_status(app: Flask) -> None:
    runner = app.test_cli_runner()
    told = runner.invoke(args=["passport:doctor"])
    assert told.exit_code == 1
    assert "PROBLEM  administrator: " in told.stdout
    assert "Fix: " in told.stdout
    as_json = runner.invoke(args=["passport:doctor", "--json"])
    assert as_json.exit_code == 1
    value = json.loads(as_json.stdout)
    assert value["is_well"] is False
    assert {finding["subject"] for finding in value["findings"]} >= {"administrator"}


def test_missing_keys_are_a_problem(
    installed: Flask, database: Database, tmp_path: Path
) -> None:
    findings = found(
        database, tmp_path, passport_private_key="", passport_public_key=""
    )
    assert "flask passport:keys" in findings["keys"].fix


def test_configuration_is_looked_at_as_a_whole(
    installed: Flask, database: Database, tmp_path: Path
) -> None:
    findings = found(
        database,
        tmp_path,
        app_env="production",
        app_url="http://auth.example.com",
        secret_key="short",
        passport_public_key="",
    )
    levels = {subject: finding.level for subject, finding in findings.items()}
    assert levels == {
        "SECRET_KEY": "problem",
        "PASSPORT_PUBLIC_KEY": "problem",
        "APP_URL": "remark",
        "RATELIMIT_STORAGE_URI": "remark",
    }
    assert findings["SECRET_KEY"].message == "it has fewer than 32 characters"


def test_a_database_that_is_not_migrated_is_a_problem(tmp_path: Path) -> None:
    empty = Database("sqlite", f"sqlite:///{tmp_path}/empty.sqlite3")
    assert "newest migration" in found(empty, tmp_path)["database"].message
    empty.close()
    nowhere = Database("sqlite", f"sqlite:///{tmp_path}/nowhere/x.sqlite3")
    assert "cannot be reached" in found(nowhere, tmp_path)["database"].message


def test_proxies_and_workers_are_thought_of(
    installed: Flask, database: Database, tmp_path: Path
) -> None:
    https = {"app_env": "production", "app_url": "https://auth.example.com"}
    assert set(found(database, tmp_path, **https)) == {
        "TRUSTED_PROXIES",
        "RATELIMIT_STORAGE_URI",
    }
    findings = found(
        database, tmp_path, {"GRANIAN_WORKERS": "4"}, trusted_proxies=1, **https
    )
    assert set(findings) == {"RATELIMIT_STORAGE_URI"}
    assert findings["RATELIMIT_STORAGE_URI"].level == "problem"
    assert "4 workers" in findings["RATELIMIT_STORAGE_URI"].message


def test_a_storage_that_does_not_answer_is_a_problem(
    installed: Flask, database: Database, tmp_path: Path
) -> None:
    try:
        findings = found(
            database, tmp_path, ratelimit_storage_uri="redis://127.0.0.1:1/0"
        )
    finally:
        # The limiter is one for the whole process: give it its memory back.
        limiter.init_app(installed)
    assert findings["RATELIMIT_STORAGE_URI"].level == "problem"


def test_files_are_looked_at(
    installed: Flask, database: Database, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / ".env").chmod(0o640)
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "oauth-private.key").write_text("x")
    findings = found(database, tmp_path)
    assert findings[".env"].fix == f"chmod 600 {tmp_path}/.env"
    assert findings["storage/oauth-private.key"].level == "remark"
    (tmp_path / ".env").chmod(0o600)
    assert set(found(database, tmp_path)) == {"storage/oauth-private.key"}


@pytest.fixture
def tokens(app: Flask) -> Flask:
    """Return an application with a live, a long expired and a long revoked token."""
    made = app.test_cli_runner().invoke(args=["passport:install", "--demo", "--json"])
    service = next(a for a in json.loads(made.stdout)["apps"] if a["client_secret"])
    for _ in range(3):
        app.test_client().post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(service["client_id"], service["client_secret"]),
        )
    with app.app_context():
        long_ago = utcnow() - timedelta(days=30)
        _live, expired, revoked = db.session.scalars(select(AccessToken.id)).all()
        for token_id, change in (
            (expired, {"expires_at": long_ago}),
            (revoked, {"revoked_at": long_ago}),
        ):
            db.session.execute(
                update(AccessToken).where(AccessToken.id == token_id).values(change)
            )
        db.session.commit()
    return app


def remaining(app: Flask) -> int:
    """Return how many access tokens there are."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AccessToken)) or 0


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ([], 1),
        (["--expired", "--revoked"], 1),
        (["--expired"], 2),
        (["--revoked"], 2),
        (["--dry-run"], 3),
        (["--hours", "1000"], 3),
        (["--hours", "0"], 1),
    ],
)
def test_purge_deletes_what_it_was_told(
    tokens: Flask, options: list[str], left: int
) -> None:
    done = tokens.test_cli_runner().invoke(args=["passport:purge", *options])
    assert done.exit_code == 0, done.output
    assert remaining(tokens) == left
    assert ("Nothing was deleted." in done.stdout) is ("--dry-run" in options)


def test_purge_counts_as_json(tokens: Flask) -> None:
    runner = tokens.test_cli_runner()
    dry = json.loads(
        runner.invoke(args=["passport:purge", "--dry-run", "--json"]).stdout
    )
    assert dry["is_dry_run"] is True
    assert dry["rows"]["access_tokens"] == 2
    done = json.loads(runner.invoke(args=["passport:purge", "--json"]).stdout)
    assert done["rows"] == dry["rows"]
    assert remaining(tokens) == 1


def test_purge_refuses_hours_that_make_no_sense(app: Flask) -> None:
    for hours in ("-1", "99999999999", "many"):
        done = app.test_cli_runner().invoke(args=["passport:purge", "--hours", hours])
        assert done.exit_code == 2
