"""`flask passport:purge`: the dead go, and what replay and reuse checks need stays."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import purging
from app.accounts import throttle
from app.audit.models import AuditEvent
from app.extensions import db
from app.oauth import pending
from app.oauth.models import AuthorizationRequest
from app.tokens.models import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    TokenFamily,
)
from app.tokens.purge import purge
from tests.support.clock import MovableClock
from tests.support.databases import count_statements
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

KINDS = {
    "access_tokens": AccessToken,
    "refresh_tokens": RefreshToken,
    "token_families": TokenFamily,
    "authorization_codes": AuthorizationCode,
    "authorization_requests": AuthorizationRequest,
}


def _run(app: Flask, *options: str) -> dict[str, int]:
    result = app.test_cli_runner().invoke(args=["passport:purge", "--json", *options])
    assert result.exit_code == 0, result.output
    rows: dict[str, int] = json.loads(result.stdout)["rows"]
    return rows


def _left(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            name: db.session.scalar(select(func.count()).select_from(kind)) or 0
            for name, kind in KINDS.items()
        }


def _is_clean(app: Flask) -> bool:
    return not any(_left(app).values())


def test_what_lives_stays(app: Flask, party: RelyingParty) -> None:
    tokens = party.tokens()
    waiting = party.allow()["code"]
    before = _left(app)
    assert sum(_run(app, "--hours", "0").values()) == 0
    assert _left(app) == before
    assert party.call(tokens["access_token"]).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200
    assert party.redeem(waiting).status_code == 200


def test_what_was_purged_is_one_event(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    party.tokens()
    clock.forward(days=365)
    _run(app, "--dry-run")
    rows = _run(app)
    assert sum(_run(app).values()) == 0
    with app.app_context():
        purged = select(AuditEvent).where(AuditEvent.action == "rows.purged")
        event = db.session.scalars(purged).one()
        assert event.actor_label == "flask passport:purge"
        assert event.details == {name: count for name, count in rows.items() if count}


def test_a_replay_after_the_purge_still_ends_what_the_code_gave(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    # The code and the first access token are long dead; the family lives.
    clock.forward(days=20)
    tokens = party.refresh(tokens["refresh_token"]).get_json()
    assert _run(app, "--hours", "0")["access_tokens"] == 1
    assert _left(app)["authorization_codes"] == 1
    assert party.redeem(code).status_code == 400
    assert not party.introspect(tokens["access_token"])["active"]
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_reuse_after_the_purge_still_ends_the_family(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    first = party.tokens()["refresh_token"]
    token = first
    for _ in range(3):
        clock.forward(days=25)
        token = party.refresh(token).get_json()["refresh_token"]
    # The first one's own time was over after thirty days; the line is remembered.
    _run(app, "--hours", "0")
    assert _left(app)["refresh_tokens"] == 4
    assert party.refresh(first).status_code == 400
    assert party.refresh(token).status_code == 400


def test_a_replay_ends_an_access_token_whose_family_cannot_be_refreshed_any_more(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    party = parties.confidential(refresh_token_idle_ttl=60)
    code = party.allow()["code"]
    token = party.redeem(code).get_json()["access_token"]
    clock.forward(seconds=600)
    _run(app, "--hours", "0")
    assert party.call(token).status_code == 200
    assert party.redeem(code).status_code == 400
    assert party.call(token).status_code == 401


def test_an_idle_family_goes_with_all_that_hangs_on_it(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    token = party.tokens()["refresh_token"]
    party.refresh(token)
    clock.forward(days=31)
    counted = _run(app, "--hours", "0")
    assert counted == {
        "access_tokens": 2,
        "refresh_tokens": 2,
        "token_families": 1,
        "authorization_codes": 1,
        "consents": 0,
        "authorization_requests": 1,
        "user_sessions": 1,
        "sign_in_throttles": 0,
        "trials": 0,
        "published_keys": 0,
        "refused_requests": 0,
        "hourly_counts": 0,
    }
    assert _is_clean(app)
    assert party.refresh(token).status_code == 400


def test_a_revoked_family_goes_too(app: Flask, party: RelyingParty) -> None:
    tokens = party.tokens()
    party.post("/oauth/revoke", token=tokens["refresh_token"])
    assert _run(app, "--expired", "--hours", "0")["token_families"] == 0
    counted = _run(app, "--revoked", "--hours", "0")
    assert (counted["access_tokens"], counted["refresh_tokens"]) == (1, 1)
    assert counted["token_families"] == 1
    # Nothing comes back with the rows gone.
    assert party.call(tokens["access_token"]).status_code == 401
    assert party.introspect(tokens["access_token"]) == {"active": False}
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_the_dead_are_kept_for_a_while(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    service = parties.service("view_users")
    service.act_as_itself()
    clock.forward(minutes=31)
    clock.forward(hours=167)
    assert _run(app)["access_tokens"] == 0
    clock.forward(hours=1)
    assert _run(app)["access_tokens"] == 1


def test_expired_or_revoked_alone(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    service = parties.service("view_users")
    expired = service.act_as_itself().get_json()["access_token"]
    clock.forward(minutes=31)
    revoked = service.act_as_itself().get_json()["access_token"]
    service.post("/oauth/revoke", token=revoked)
    live = service.act_as_itself().get_json()["access_token"]
    assert _run(app, "--revoked", "--hours", "0")["access_tokens"] == 1
    assert _run(app, "--expired", "--hours", "0")["access_tokens"] == 1
    assert not service.introspect(expired)["active"]
    assert service.call(live).status_code == 200


def test_a_dry_run_deletes_nothing(
    app: Flask, party: RelyingParty, clock: MovableClock
) -> None:
    party.tokens()
    clock.forward(days=91)
    before = _left(app)
    counted = _run(app, "--hours", "0", "--dry-run")
    assert counted["access_tokens"] == 1
    assert counted["authorization_requests"] == 1
    assert _left(app) == before


def test_it_deletes_in_batches_and_commits_each(
    app: Flask,
    parties: Parties,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    service = parties.service("view_users")
    for _ in range(5):
        service.act_as_itself()
    clock.forward(minutes=31)
    with count_statements(app) as statements, app.app_context():
        counts = purge()
    assert counts["access_tokens"] == 5
    deletes = [s for s in statements if s.startswith("DELETE FROM access_tokens")]
    assert len(deletes) == 3
    assert _is_clean(app)


def test_pending_requests_go_in_batches_too(
    app: Flask,
    party: RelyingParty,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    for _ in range(3):
        party.ask()
    clock.forward(minutes=31)
    with app.app_context():
        assert pending.purge(older_than=timedelta(hours=1)) == 0
        assert pending.purge(is_dry_run=True) == 3
        assert pending.purge() == 3
    assert _is_clean(app)


@pytest.mark.parametrize("wrong", ["wrong verifier", "never used"])
def test_a_code_that_gave_nothing_goes_when_it_has_expired(
    app: Flask, party: RelyingParty, clock: MovableClock, wrong: str
) -> None:
    code = party.allow()["code"]
    if wrong == "wrong verifier":
        party.redeem(code, code_verifier="x" * 43)
    assert _run(app, "--hours", "0")["authorization_codes"] == 0
    clock.forward(seconds=61)
    assert _run(app, "--hours", "0")["authorization_codes"] == 1
    assert party.redeem(code).status_code == 400


def test_sessions_and_failed_sign_ins_go_when_they_no_longer_count(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    parties.browser_of(parties.person())
    with app.app_context():
        throttle.count_attempt("nobody@example.com")
        db.session.commit()

    def purged(*options: str) -> tuple[int, int]:
        counts = _run(app, *options)
        return counts["sign_in_throttles"], counts["user_sessions"]

    assert purged("--hours", "0") == (0, 0)
    clock.forward(minutes=15)
    assert purged("--hours", "0") == (1, 0)
    clock.forward(days=14)
    assert purged("--hours", "1") == (0, 0)
    assert purged("--hours", "0", "--dry-run") == (0, 1)
    assert purged("--hours", "0") == (0, 1)
