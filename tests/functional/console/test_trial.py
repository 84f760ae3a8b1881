"""Try it: the real flows of an app, from the secret to the answer of the API."""

import re
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app import digests
from app.audit.models import AuditEvent
from app.clients.models import Client, ClientSecret, Trial
from app.consents.models import Consent
from app.extensions import db
from app.tokens.models import AccessToken, TokenFamily
from tests.factories import Factory, MadeClient
from tests.support.clock import MovableClock
from tests.support.console import Console
from tests.support.markup import parse
from tests.support.parties import Parties
from tests.support.trying import CALLBACK, ISSUER, Trying, parameters

BOTH = ("authorization_code", "client_credentials")


@pytest.fixture(autouse=True)
def at_localhost(configure: Callable[..., None]) -> None:
    configure(app_url=ISSUER)


@pytest.fixture
def console(app: Flask, make: Factory, parties: Parties) -> Console:
    person = make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(person), person)


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(grant_types=BOTH, permissions=["view_users", "view_audit_log"])


@pytest.fixture
def trying(console: Console, client: MadeClient) -> Trying:
    return Trying(console, client.id)


def nothing_lives(app: Flask) -> None:
    """Fail if a secret, token or consent of a trial could still be used."""
    with app.app_context():
        trials = db.session.scalars(select(Trial)).all()
        assert trials
        assert all(trial.closed_at for trial in trials)
        secrets = db.session.scalars(select(ClientSecret).filter_by(is_for_trial=True))
        assert all(secret.revoked_at for secret in secrets)
        families = db.session.scalars(select(TokenFamily)).all()
        assert all(family.revoked_at for family in families)
        own = db.session.scalars(select(AccessToken).filter_by(family_id=None))
        assert all(token.revoked_at for token in own)
        assert (
            db.session.scalars(select(Consent).filter_by(withdrawn_at=None)).all() == []
        )


def sent(page: str) -> list[str]:
    """Return the requests that a result shows, in order."""
    blocks = [block for block in parse(page).all("code") if "id" in block]
    return [block.text for block in blocks if block["id"].startswith("request-")]


@pytest.mark.parametrize("hx", [False, True])
def test_an_app_acts_as_itself(app: Flask, trying: Trying, hx: bool) -> None:
    answer = trying.act_as_itself(hx=hx)
    assert answer.status_code == 200
    assert ("<html" in answer.text) is not hx
    page = parse(answer.text)
    assert "The flow succeeded" in page.text
    assert "Invoice Sync acting as itself" in page.text
    rows = page.one("table", id="power-rows").all("tr")[1:]
    assert [row.text.split()[0] for row in rows] == ["view_audit_log", "view_users"]
    assert all("may be used" in row.text for row in rows)
    assert len(sent(answer.text)) == 3
    assert "/oauth/token" in page.one("code", id="request-1").text
    assert '"access_token"' in page.one("code", id="answer-1").text
    assert "GET http://localhost/api/v1/me" in page.one("code", id="request-2").text
    me = page.one("code", id="answer-2").text
    assert '"user": null' in me
    assert '"view_users"' in me
    assert "/oauth/revoke" in page.one("code", id="request-3").text
    claims = page.one("section", id="token-1").text
    for name in ("kid", "iss", "aud", "sub", "jti", "scope"):
        assert name in claims
    nothing_lives(app)


def test_scopes_can_be_chosen(app: Flask, trying: Trying) -> None:
    answer = trying.act_as_itself(chosen=["view_users"])
    rows = parse(answer.text).one("table", id="power-rows").all("tr")[1:]
    assert ["may be used" in row.text for row in rows] == [True, False]
    assert "scope=view_users" in answer.text


def test_a_refusal_is_told_in_words(app: Flask, trying: Trying) -> None:
    answer = trying.act_as_itself(others="drop_tables view_users")
    assert answer.status_code == 200
    page = parse(answer.text)
    assert "The flow stopped" in page.text
    assert "One of these scopes does not exist" in page.text
    assert "invalid_scope" in page.one("code", id="answer-1").text
    nothing_lives(app)


def test_scopes_that_nobody_can_spell_come_back(trying: Trying) -> None:
    for wrong in ('a"b', "x" * 5000, "ä"):
        answer = trying.act_as_itself(others=wrong)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert trying.act_as_itself(chosen=["drop_tables"]).status_code == 422
    assert trying.prepare(others="a\\b").status_code == 422


def test_a_secret_among_the_scopes_is_not_kept(app: Flask, trying: Trying) -> None:
    secret = digests.generate(digests.CLIENT_SECRET)
    for send in (trying.act_as_itself, trying.prepare):
        answer = send(others=f"view_users {secret}")
        assert answer.status_code == 422
        assert "looked like a secret" in answer.text
        assert secret not in answer.text
    trying.act_as_itself(others="view_users hunter2pw")
    with app.app_context():
        assert db.session.scalar(select(Trial.scope)) == "hunter2pw view_users"
        details = db.session.scalars(
            select(AuditEvent.details).where(
                AuditEvent.action.startswith("client.trial")
            )
        ).all()
        assert [told["scope"] for told in details] == ["view_users …"] * 2


def test_a_scope_of_the_app_may_look_like_anything(
    make: Factory, console: Console
) -> None:
    name = "read_archive2025invoices"
    made = make.client(grant_types=BOTH, permissions=[name])
    answer = Trying(console, made.id).act_as_itself(others=name)
    assert answer.status_code == 200
    assert "The flow succeeded" in answer.text


def test_an_app_acts_for_a_person(app: Flask, trying: Trying) -> None:
    assert trying.prepare(chosen=["openid", "view_users"]).status_code == 303
    back = trying.decide()
    assert back.startswith(f"{CALLBACK}?")
    callback = trying.console.get(back)
    assert "Allowed: here is the code" in callback.text
    answer = trying.exchange(back, hx=True)
    assert answer.status_code == 200
    assert answer.headers["HX-Replace-Url"] == trying.page
    page = parse(answer.text)
    assert "The flow succeeded" in page.text
    assert "Invoice Sync acting for Ada" in page.text
    assert "ID token, decoded" in page.text
    requests = sent(answer.text)
    assert [text.split()[1].partition("localhost")[2] for text in requests] == [
        "/oauth/authorize",
        "/oauth/consent",
        "/oauth/token",
        "/api/v1/me",
        "/oauth/token",
        "/api/v1/me",
        "/oauth/revoke",
    ]
    assert "code_challenge_method=S256" in requests[0]
    # The code is in the answer of the consent screen, which led back to the app.
    assert "The consent screen" in page.one("code", id="answer-1").text
    assert f"Location: {CALLBACK}" in page.one("code", id="answer-2").text
    assert "grant_type=authorization_code" in requests[2]
    assert "grant_type=refresh_token" in requests[4]
    nothing_lives(app)


def test_the_refresh_token_may_be_left_alone(app: Flask, trying: Trying) -> None:
    trying.prepare()
    answer = trying.exchange(trying.decide(), refresh=None)
    assert len(sent(answer.text)) == 5
    nothing_lives(app)


def test_a_public_app_has_no_secret(
    app: Flask, make: Factory, console: Console
) -> None:
    made = make.client(grant_types=BOTH[:1], is_confidential=False)
    trying = Trying(console, made.id)
    trying.prepare()
    assert "PKCE alone" in console.get(trying.page).text
    answer = trying.exchange(trying.decide())
    assert "The flow succeeded" in answer.text
    assert "Authorization: Basic" not in answer.text
    assert "code_verifier=…" in answer.text
    nothing_lives(app)
    with app.app_context():
        assert db.session.scalar(select(Trial)).secret_id is None  # type: ignore[union-attr]


def test_the_secret_is_sent_in_the_way_that_was_chosen(
    app: Flask, make: Factory, console: Console
) -> None:
    made = make.client(token_endpoint_auth_method="client_secret_post")
    answer = Trying(console, made.id).act_as_itself()
    assert "The flow succeeded" in answer.text
    assert "client_secret=…" in answer.text
    assert "Authorization: Basic" not in answer.text


def test_an_app_shows_the_flows_that_it_has(make: Factory, console: Console) -> None:
    service = console.get(Trying(console, make.client().id).page).text
    assert "As itself" in service
    assert "For a person" not in service
    made = make.client(grant_types=BOTH[:1])
    people = console.get(Trying(console, made.id).page).text
    assert "For a person" in people
    assert "client credentials" not in people


def test_denying_is_told_in_words(app: Flask, trying: Trying) -> None:
    trying.prepare()
    page = trying.console.get(trying.decide("deny"))
    assert page.status_code == 200
    assert "No code was returned" in page.text
    assert "The person denied the request" in page.text
    # The trial goes on: the person may change their mind.
    assert "The flow succeeded" in trying.exchange(trying.decide()).text
    nothing_lives(app)


def test_errors_of_the_request_come_back_too(trying: Trying) -> None:
    trying.prepare(others="drop_tables")
    page = trying.console.get(trying.link())
    assert "No code was returned" in page.text
    assert "One of these scopes does not exist" in page.text


def test_finishing_ends_what_is_open(app: Flask, trying: Trying) -> None:
    trying.prepare()
    back = trying.decide()
    answer = trying.console.send(trying.page, action="/finish$")
    assert answer.status_code == 303
    nothing_lives(app)
    assert ">Start<" in trying.console.get(trying.page).text
    assert "This trial is over" in trying.console.get(back).text


def test_starting_again_ends_the_one_before(app: Flask, trying: Trying) -> None:
    trying.prepare()
    first = trying.link()
    # The form is not shown while a trial is open, but another tab may have it.
    address = f"{trying.page}/for-a-person"
    _, fields = trying.console.filled({}, action="/finish$")
    assert trying.console.send_again((address, fields)).status_code == 303
    assert trying.link() != first
    assert trying.console.get(first).status_code == 400
    assert "The flow succeeded" in trying.exchange(trying.decide()).text
    nothing_lives(app)


def test_a_consent_that_stood_before_stands_as_it_was(
    app: Flask, parties: Parties, make: Factory
) -> None:
    make.permission("read_books", is_delegable=True)
    person = make.user(administrator=True, permissions=["read_books"])
    party = parties.confidential(user=person)
    kept = party.tokens(scope="view_users")
    trying = Trying(Console(party.browser, person), party.client_id)
    trying.prepare(chosen=["read_books"])
    # Even what was allowed before is asked again: the screen is part of the trial.
    assert "The flow succeeded" in trying.exchange(trying.decide()).text
    with app.app_context():
        stands = select(Consent).filter_by(withdrawn_at=None)
        consent = db.session.scalars(stands).one()
        assert consent.scopes == ["view_users"]
    assert party.call(kept["access_token"]).status_code == 200
    assert party.refresh(kept["refresh_token"]).status_code == 200


def test_the_secret_shows_up_in_no_list(
    app: Flask, trying: Trying, client: MadeClient
) -> None:
    settings = f"/developer/apps/{client.id}/settings"
    before = re.findall(r"…\w{4}", trying.console.get(settings).text)
    trying.prepare()
    assert re.findall(r"…\w{4}", trying.console.get(settings).text) == before
    with app.app_context():
        row = db.session.get_one(Client, uuid.UUID(client.id))
        assert len(row.secrets) == 1


def test_both_ends_are_in_the_audit_log(app: Flask, trying: Trying) -> None:
    trying.act_as_itself()
    with app.app_context():
        events = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action.startswith("client.trial"))
            .order_by(AuditEvent.id)
        ).all()
        assert [event.action for event in events] == [
            "client.trial_started",
            "client.trial_finished",
        ]
        assert {event.actor_label for event in events} == {"Ada"}
        assert events[0].details["grant"] == "client_credentials"
        assert re.fullmatch(r"….{4}", events[0].details["secret"])


def test_trials_are_told_apart_from_what_changed_or_was_allowed(
    trying: Trying, client: MadeClient
) -> None:
    trying.prepare()
    trying.exchange(trying.decide())
    console, log = trying.console, f"/developer/apps/{client.id}/activity"
    everything = parse(console.get(log).text).one("section", id="events")
    assert "a trial" not in everything.text
    trials = parse(console.get(f"{log}?kind=trials").text)
    rows = [row.text for row in trials.one(id="event-rows").all("p") if "id" in row]
    assert sorted(rows) == [
        "Ada allowed a trial",
        "Ada ended a trial",
        "Ada ended the consent of a trial",
        "Ada started a trial",
    ]
    told = console.get("/account/security").text
    assert "You ended a trial of" in told
    assert "You removed the access of" not in told
    assert "a trial" not in console.get("/developer").text


def test_the_purge_takes_trials_that_are_over(
    app: Flask, trying: Trying, clock: MovableClock
) -> None:
    trying.act_as_itself()
    trying.prepare()
    run = app.test_cli_runner().invoke
    purge = ["passport:purge", "--hours", "0", "--json"]
    assert '"trials": 0' in run(args=purge).stdout
    clock.forward(minutes=11)
    assert '"trials": 2' in run(args=[*purge, "--dry-run"]).stdout
    assert '"trials": 2' in run(args=purge).stdout
    with app.app_context():
        assert db.session.scalars(select(Trial)).all() == []
        assert len(db.session.scalars(select(ClientSecret)).all()) == 1


def test_parameters_of_the_link_are_an_apps(trying: Trying, client: MadeClient) -> None:
    trying.prepare(chosen=["view_users"])
    asked = parameters(trying.link())
    assert asked["client_id"] == client.id
    assert asked["redirect_uri"] == CALLBACK
    assert asked["scope"] == "view_users"
    assert asked["prompt"] == "consent"


def test_many_permissions_keep_the_pages_light(make: Factory, console: Console) -> None:
    names = [f"permission_number_{number}" for number in range(80)]
    for name in names:
        make.permission(name, description=f"Do the {name} thing", is_delegable=True)
    trying = Trying(console, make.client(grant_types=BOTH, permissions=names).id)
    tab = console.get(trying.page).text
    assert len(tab) < 30_000
    answer = trying.act_as_itself(others=names[70])
    assert len(answer.text) < 30_000
    assert "And 56 more" in answer.text
    # What may be used is first, wherever its name stands in the alphabet.
    rows = parse(answer.text).one("table", id="power-rows").all("tr")[1:]
    assert rows[0].text.startswith(names[70])


def test_nobody_is_told_that_they_removed_what_a_trial_ended(trying: Trying) -> None:
    trying.prepare()
    trying.exchange(trying.decide())
    page = trying.console.get("/account/security").text
    assert "You ended a trial of" in page
    assert "You removed" not in page
