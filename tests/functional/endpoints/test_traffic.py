"""What is kept of requests: bounded, without secrets, and off the request's path."""

import logging
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError

from app import digests
from app.clients.statements import parse_client_id
from app.database import Base, new_id
from app.extensions import db
from app.traffic import folds, unwritten, writing
from app.traffic.counts import by_hour, of_last_day
from app.traffic.models import NO_CLIENT, HourlyCount, RefusedRequest
from tests.support.clock import MovableClock
from tests.support.databases import count_statements
from tests.support.parties import Parties
from tests.support.refusing import Scene, basic, retire
from tests.support.relying_party import RelyingParty


def flush(app: Flask) -> None:
    with app.app_context():
        unwritten.flush(db.engine)


def number_of_rows(app: Flask) -> int:
    flush(app)
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(RefusedRequest)) or 0


def total(app: Flask, column: Any) -> int:
    flush(app)
    with app.app_context():
        return int(db.session.scalar(select(func.sum(column))) or 0)


def test_a_flood_stays_bounded_and_is_counted_whole(parties: Parties) -> None:
    app, party = parties.app, parties.confidential()
    _come_by_the_thousand(app, 2000)
    for number in range(100):
        party.ask(redirect_uri=f"https://app.example.com/{number}")
    # Some more are earned while the flood lasts.
    most = folds.BURST + folds.BURST_UNKNOWN + 2
    assert number_of_rows(app) <= most + 10
    assert total(app, RefusedRequest.count) == 2100
    assert total(app, HourlyCount.refusals) == 2100


def _come_by_the_thousand(app: Flask, number: int) -> None:
    """Ask for tokens with a client id that is new each time."""
    client, form = app.test_client(), {"grant_type": "client_credentials"}
    for _ in range(number):
        client.post("/oauth/token", data=form | {"client_id": str(new_id())})


def test_a_flood_costs_the_token_endpoint_no_statement(parties: Parties) -> None:
    service = parties.service("view_users")
    service.act_as_itself()
    _come_by_the_thousand(parties.app, 300)
    with count_statements(parties.app) as statements:
        assert service.act_as_itself().status_code == 200
        service.client_secret = "wrong"
        assert service.act_as_itself().status_code == 401
    kinds = [statement.split()[0] for statement in statements]
    assert kinds == ["SELECT", "INSERT", "SELECT"]


def test_the_oldest_rows_go(
    parties: Parties, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MAXIMUM_ROWS_EACH", 3)
    monkeypatch.setattr(writing, "MAXIMUM_ROWS", 5)
    parties_of = [parties.confidential() for _ in range(3)]
    for number in range(5):
        for party in parties_of:
            clock.forward(seconds=1)
            party.act_as_itself(scope=f"name{number}")
        flush(parties.app)
    assert number_of_rows(parties.app) == 5
    with parties.app.app_context():
        facts = db.session.scalars(select(RefusedRequest.facts)).all()
        assert {"missing": ["name4"]} in facts
        assert {"missing": ["name0"]} not in facts
    assert total(parties.app, HourlyCount.refusals) == 15


def dumped(app: Flask) -> str:
    """Return everything that refusals and counts left in the database."""
    flush(app)
    with app.app_context():
        return "\n".join(
            str(tuple(row))
            for table in (RefusedRequest.__table__, HourlyCount.__table__)
            for row in db.session.execute(select(table))
        )


def sent_everywhere(party: RelyingParty, secret: str) -> None:
    """Send `secret` in every place where somebody might put it."""
    client = party.browser.app.test_client()
    quoted = quote(secret, safe="")
    own = {"client_id": party.client_id, "client_secret": party.client_secret}
    for form in (
        own | {"grant_type": secret},
        own | {"grant_type": "client_credentials", "scope": f"view_users {secret}"},
        own | {"grant_type": "client_credentials", "resource": f"https://{secret}/"},
        own | {"grant_type": "authorization_code", "code": secret},
        own | {"grant_type": "refresh_token", "refresh_token": secret},
        own | {secret: secret, "grant_type": "refresh_token"},
        {"grant_type": "client_credentials", "client_id": secret, "client_secret": "x"},
        {"grant_type": "client_credentials"} | own | {"client_secret": secret},
    ):
        client.post("/oauth/token", data=form)
    for pair in (
        basic(secret, "x"),
        basic(party.client_id, secret),
        f"Bearer {secret}",
    ):
        headers = {"Authorization": pair}
        form = {"grant_type": "client_credentials", "token": secret}
        client.post("/oauth/token", data=form, headers=headers)
        client.post("/oauth/revoke", data=form, headers=headers)
        client.post("/oauth/introspect", data=form, headers=headers)
        client.get("/api/v1/me", headers=headers)
        client.get(f"/oauth/verify?permission={quoted}", headers=headers)
        client.get("/oauth/userinfo", headers=headers)
    client.get(f"/api/v1/me?access_token={quoted}")
    for changes in (
        {"client_id": secret},
        {"response_type": secret},
        {"scope": secret},
        {"state": secret * 200},
        {"nonce": secret * 200},
        {"code_challenge": secret, "code_challenge_method": secret},
        {"resource": f"https://api.example/{secret}"},
        {"prompt": secret},
        {"id_token_hint": secret, "prompt": "none"},
        *(
            {"redirect_uri": uri}
            for uri in (
                secret,
                f"https://app.example.com/callback?code={quoted}",
                f"https://app.example.com/callback/{quoted}",
                f"https://ada:{quoted}@app.example.com/callback",
                f"https://app.example.com/callback#{quoted}",
                f"https://app.example.com/callback?{quoted}=1",
            )
        ),
    ):
        party.ask(**changes)


def test_nothing_secret_is_in_any_row(parties: Parties, clock: MovableClock) -> None:
    party = parties.confidential()
    tokens = party.tokens()
    old_secret = party.client_secret or ""
    retire(Scene(parties, clock), party)
    kept = {
        "secret": old_secret,
        "access token": tokens["access_token"],
        "refresh token": tokens["refresh_token"],
        "code": party.allow()["code"],
        "verifier": party.code_verifier,
        "state": party.state * 2,
        "drawn": secrets.token_urlsafe(32),
        "hexadecimal": secrets.token_hex(16),
    }
    for secret in kept.values():
        sent_everywhere(party, secret)
    found = dumped(parties.app)
    assert found.count("secret_wrong") >= 2, "the rows are not being read"
    for name, secret in kept.items():
        for start in range(0, len(secret) - 10, 2):
            assert secret[start : start + 10] not in found, (name, found)
        digest = digests.digest(secret)
        assert digest.hex() not in found
        assert str(digest) not in found


def test_granted_requests_are_counted_by_client_and_hour(
    parties: Parties, clock: MovableClock
) -> None:
    app, party, other = parties.app, parties.confidential(), parties.service()
    tokens = party.tokens(scope="openid view_users")
    party.refresh(tokens["refresh_token"])
    party.call(tokens["access_token"])
    party.call(tokens["access_token"], "/oauth/verify")
    party.call(tokens["access_token"], "/oauth/userinfo")
    party.call("x")
    other.act_as_itself()
    clock.forward(hours=1)
    other.act_as_itself()
    other.act_as_itself(scope="nothing_like_it")
    flush(app)
    with app.app_context():
        its = parse_client_id(party.client_id)
        *_, hour, last = by_hour(its)
        assert (hour.tokens, hour.calls, hour.refusals) == (2, 3, 0)
        assert last.requests == 0
        assert of_last_day([its])[its].requests == 5
        hours = by_hour()[-2:]
        assert [(h.tokens, h.calls, h.refusals) for h in hours] == [
            (3, 3, 1),
            (1, 0, 1),
        ]
        assert db.session.get(HourlyCount, (NO_CLIENT, hours[0].at)).refusals == 1


def test_a_database_that_fails_reaches_nobody_and_loses_nothing(
    parties: Parties, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app, party = parties.app, parties.confidential()

    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(unwritten, "write_refusals", fail)
        patch.setattr(unwritten, "write_counts", fail)
        with caplog.at_level(logging.ERROR, "app.traffic.unwritten"):
            for _ in range(3):
                party.act_as_itself(scope="nothing_like_it")
                party.act_as_itself()
                flush(app)
    assert "cannot be written" in caplog.text
    assert total(app, RefusedRequest.count) == 3
    assert total(app, HourlyCount.tokens) == 3


def test_a_fault_of_ours_is_logged(
    parties: Parties, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(unwritten, "write_refusals", fail)
    parties.confidential().act_as_itself(scope="nothing_like_it")
    flush(parties.app)
    assert "was lost" in caplog.text


def test_a_client_id_that_no_database_takes_is_noted_like_any_other(
    parties: Parties, caplog: pytest.LogCaptureFixture
) -> None:
    app = parties.app
    # HTTP Basic is form-encoded inside (RFC 6749 §2.3.1): the NUL comes out there.
    headers = {"Authorization": basic("%00in the wrong field", "x")}
    form = {"grant_type": "client_credentials"}
    app.test_client().post("/oauth/token", data=form, headers=headers)
    parties.confidential().act_as_itself(scope="nothing_like_it")
    flush(app)
    assert total(app, RefusedRequest.count) == 2
    assert caplog.text == ""


def test_what_a_database_never_takes_does_not_come_back(
    parties: Parties, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app, party = parties.app, parties.confidential()

    def fail(*_: object) -> None:
        raise DataError("INSERT", {}, Exception("no such text"))

    with monkeypatch.context() as patch:
        patch.setattr(unwritten, "write_refusals", fail)
        party.act_as_itself(scope="nothing_like_it")
        flush(app)
    assert "was lost" in caplog.text
    party.act_as_itself(scope="nothing_like_it")
    assert total(app, RefusedRequest.count) == 1


def test_what_a_stranger_typed_is_not_logged_when_a_statement_fails(
    context: None,
) -> None:
    with pytest.raises(SQLAlchemyError) as caught:
        db.session.execute(text("SELECT :typed FROM nowhere"), {"typed": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_thread_writes_by_itself(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unwritten, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(unwritten, "_thread", None)
    unwritten._something.clear()
    service = parties.service()
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(service.act_as_itself) for _ in range(4)]
    assert [answer.result().status_code for answer in answers] == [200] * 4
    _wait_until(parties.app, "SELECT sum(tokens) FROM hourly_counts", 4)


def _wait_until(app: Flask, query: str, number: int) -> None:
    waiting, found = threading.Event(), None
    for _ in range(500):
        with app.app_context():
            found = db.session.scalar(text(query))
        if found == number:
            return
        waiting.wait(0.02)
    raise AssertionError(f"{found} instead of {number}")


def test_a_fork_begins_anew(parties: Parties) -> None:
    parties.service().act_as_itself()
    unwritten._begin_anew()
    assert total(parties.app, HourlyCount.tokens) == 0
    with parties.app.app_context():
        unwritten.discard(db.engine)


def test_every_look_up_of_rows_has_an_index() -> None:
    indexed = {
        column
        for table in ("refused_requests", "hourly_counts")
        for index in Base.metadata.tables[table].indexes
        for column in list(index.columns.keys())[:1]
    }
    assert {"client_id", "last_seen_at", "hour"} <= indexed
