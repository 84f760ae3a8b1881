"""flask passport:install, from a fresh checkout to a product that is ready."""

import json
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from flask import Flask
from sqlalchemy import select

from app.clients.models import Client
from app.clock import utcnow
from app.developer.health.facts import facts_of_all
from app.developer.health.hints import hints_for
from app.extensions import db
from tests.support.browsing import Browser
from tests.support.checkout import Checkout
from tests.support.databases import Database


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout whose environment file says `development`."""
    checkout = Checkout(tmp_path / "checkout")
    (checkout.folder / ".env").write_text("# mine\nAPP_ENV=development\n")
    return checkout


def test_a_checkout_becomes_ready_and_stays_as_it_is(checkout: Checkout) -> None:
    assert checkout.flask("passport:doctor").returncode == 1
    done = checkout.flask("passport:install", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["written"] == [
        "SECRET_KEY",
        "PASSPORT_PRIVATE_KEY",
        "PASSPORT_PUBLIC_KEY",
    ]
    assert made["administrator"]["email"] == "admin@example.com"
    assert (made["people"], made["apps"]) == ([], [])
    env_file = checkout.folder / ".env"
    before = env_file.read_bytes()
    assert before.startswith(b"# mine\nAPP_ENV=development\n")
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert checkout.flask("passport:doctor").returncode == 0

    again = checkout.flask("passport:install", "--json")
    assert again.returncode == 0
    assert not any(json.loads(again.stdout).values())
    assert env_file.read_bytes() == before


def test_what_cannot_be_mended_is_told_after_the_rest(checkout: Checkout) -> None:
    env_file = checkout.folder / ".env"
    env_file.unlink()
    refused = checkout.flask("passport:install", PORT="none")
    assert refused.returncode == 1
    assert "APP_URL: " in refused.stderr
    assert "PORT: " in refused.stderr
    assert "SECRET_KEY: " not in refused.stderr
    assert len(dotenv_values(env_file)["SECRET_KEY"] or "") == 64
    assert not (checkout.folder / "instance").exists()


def test_an_empty_variable_does_not_cost_the_secret_key(checkout: Checkout) -> None:
    checkout.flask("passport:install")
    before = (checkout.folder / ".env").read_bytes()
    refused = checkout.flask("passport:install", SECRET_KEY="")
    assert refused.returncode == 1
    assert "SECRET_KEY: it is missing" in refused.stderr
    assert (checkout.folder / ".env").read_bytes() == before


def test_a_database_that_does_not_answer_is_told_without_its_password(
    checkout: Checkout,
) -> None:
    refused = checkout.flask(
        "passport:install", DATABASE_URL="postgresql://me:wonderland@127.0.0.1:1/x"
    )
    assert refused.returncode == 1
    assert "The database cannot be used" in refused.stderr
    assert "wonderland" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_first_administrator_can_sign_in(app: Flask, browser: Browser) -> None:
    arguments = ["passport:install", "--json", "--admin-email", "ada@example.com"]
    done = app.test_cli_runner().invoke(args=arguments)
    assert done.exit_code == 0, done.output
    person = json.loads(done.stdout)["administrator"]
    browser.sign_in(person["email"], person["password"])
    assert browser.get("/developer/apps").status_code == 200

    again = app.test_cli_runner().invoke(args=arguments)
    assert json.loads(again.stdout)["administrator"] is None


def test_an_ordinary_account_is_not_raised_silently(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["user:create", "admin@example.com"])
    refused = runner.invoke(args=["passport:install"])
    assert refused.exit_code == 1
    assert "--admin-email" in refused.stderr
    done = runner.invoke(args=["passport:install", "--admin-email", "b@example.com"])
    assert done.exit_code == 0
    assert "b@example.com" in done.stdout


def test_examples_work_and_are_added_once(app: Flask) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=["passport:install", "--demo", "--json"])
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert len(made["people"]) == 2
    service = next(one for one in made["apps"] if one["client_secret"])
    answer = app.test_client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(service["client_id"], service["client_secret"]),
    )
    assert answer.status_code == 200
    assert answer.json["scope"] == "view_users"
    with app.app_context():
        for client in db.session.scalars(select(Client)):
            facts = facts_of_all([client])[client.id]
            assert hints_for(client, facts, utcnow()) == [], client.name

    again = runner.invoke(args=["passport:install", "--demo", "--json"])
    assert not any(json.loads(again.stdout).values())
    text = runner.invoke(args=["passport:install", "--demo"])
    assert text.stdout.startswith("Gatepass is ready for")


def test_everything_that_was_made_is_told_once(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["passport:install", "--demo"])
    assert done.exit_code == 0
    assert done.stdout.count("password: ") == 3
    assert done.stdout.count("client ID: ") == 2
    assert done.stdout.count("client secret: gps_") == 1


def test_examples_never_go_into_production(database: Database) -> None:
    app = database.make_app(app_env="production", app_url="https://auth.example.com")
    refused = app.test_cli_runner().invoke(args=["passport:install", "--demo"])
    with app.app_context():
        db.engine.dispose()
    assert refused.exit_code == 1
    assert "cannot be added in production" in refused.stderr
