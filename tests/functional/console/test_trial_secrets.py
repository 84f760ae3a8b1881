"""Nothing that a trial made or got is left anywhere afterwards."""

import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app import digests
from app.clients import trials
from app.clients.models import Trial
from app.database import Base
from app.extensions import db
from app.tokens import issuing
from tests.factories import Factory
from tests.support.console import Console
from tests.support.databases import Database
from tests.support.parties import Parties
from tests.support.trying import ISSUER, Trying, parameters

BOTH = ("authorization_code", "client_credentials")


@pytest.fixture
def app(
    app: Flask, database: Database, caplog: pytest.LogCaptureFixture
) -> Iterator[Flask]:
    """An application made while every logger writes everything."""
    caplog.set_level(logging.DEBUG)
    engine = logging.getLogger("sqlalchemy.engine")
    engine.setLevel(logging.DEBUG)
    yield database.make_app()
    engine.setLevel(logging.NOTSET)


@pytest.fixture
def trying(make: Factory, parties: Parties, configure: Callable[..., None]) -> Trying:
    configure(app_url=ISSUER)
    person = make.user(administrator=True)
    made = make.client(
        grant_types=BOTH, token_endpoint_auth_method="client_secret_post"
    )
    return Trying(Console(parties.browser_of(person), person), made.id)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every secret and access token that the product makes."""
    found: list[str] = []

    def noting(make: Callable[..., str]) -> Callable[..., str]:
        def note(*args: object, **named: object) -> str:
            found.append(make(*args, **named))
            return found[-1]

        return note

    monkeypatch.setattr(digests, "generate", noting(digests.generate))
    monkeypatch.setattr(digests, "derive", noting(digests.derive))
    signing = noting(issuing.sign_access_token)
    monkeypatch.setattr(issuing, "sign_access_token", signing)
    return found


def everything_kept(app: Flask) -> str:
    with app.app_context():
        tables = Base.metadata.sorted_tables
        rows = [db.session.execute(select(table)).all() for table in tables]
    return str(rows)


def test_nothing_is_left(
    app: Flask, trying: Trying, drawn: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    trying.prepare(chosen=["openid"])
    back = trying.decide()
    result = trying.exchange(back)
    assert "The flow succeeded" in result.text
    own = trying.act_as_itself()
    with app.app_context():
        ids = db.session.scalars(select(Trial.id)).all()
    for trial_id in ids:
        with app.app_context():
            drawn += [trials.secret_of(trial_id), trials.code_verifier_of(trial_id)]
    secrets = {s for s in drawn if s.split("_")[0] in {"gps", "gpv", "gpc", "gpr"}}
    signatures = {s.rpartition(".")[2] for s in drawn if s.startswith("eyJ")}
    assert parameters(back)["code"] in secrets
    # Secret and verifier of each, a code, two refresh tokens; three access tokens.
    assert len(secrets) >= 7
    assert len(signatures) == 3
    with trying.console.browser.client.session_transaction() as session:
        cookie = str(dict(session))
    logs = "\n".join(f"{r.getMessage()} {r.__dict__}" for r in caplog.records)
    assert len(caplog.records) > 50, "the log is not being read"
    places = {
        "database": everything_kept(app),
        "session": cookie,
        "logs": logs,
        "result": result.text,
        "result of its own": own.text,
        "tab": trying.console.get(trying.page).text,
    }
    for name, text in places.items():
        assert text, name
        for secret in secrets | signatures:
            assert secret not in text, name
    proof = parameters(back)["state"].rpartition(".")[2]
    assert proof in drawn
    assert proof not in result.text
    assert f"state=…{digests.hint(proof)}" in result.text


def test_no_address_carries_more_than_the_protocol_asks(trying: Trying) -> None:
    trying.prepare()
    back = trying.decide()
    assert set(parameters(back)) == {"code", "state", "iss"}
    answer = trying.exchange(back, hx=True)
    assert "code=" not in answer.headers["HX-Replace-Url"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
