"""Try it, where somebody means ill or something changes in the middle."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from app.clients import trials
from app.clients.models import Trial
from app.extensions import db
from app.tokens.pkce import challenge_for
from tests.factories import Factory, MadeClient
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.console import Console
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty
from tests.support.trying import CALLBACK, ISSUER, Trying, parameters

BOTH = ("authorization_code", "client_credentials")


@pytest.fixture(autouse=True)
def at_localhost(configure: Callable[..., None]) -> None:
    configure(app_url=ISSUER)


@pytest.fixture
def console(make: Factory, parties: Parties) -> Console:
    person = make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(person), person)


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(grant_types=BOTH, permissions=["view_users"])


@pytest.fixture
def trying(console: Console, client: MadeClient) -> Trying:
    """A trial of the code flow that is open."""
    trying = Trying(console, client.id)
    assert trying.prepare().status_code == 303
    return trying


@pytest.fixture
def somebody(make: Factory, parties: Parties) -> Browser:
    """The browser of another administrator."""
    return parties.browser_of(make.user(name="Eve", administrator=True))


def is_refused(browser: Browser, address: str) -> None:
    page = browser.client.get(address)
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert "so we stopped" in page.text


def changed(link: str, **changes: str | None) -> str:
    asked = {**parameters(link), **changes}
    kept = {name: value for name, value in asked.items() if value is not None}
    return f"{ISSUER}/oauth/authorize?{urlencode(kept)}"


def test_another_person_cannot_use_the_link(trying: Trying, somebody: Browser) -> None:
    is_refused(somebody, trying.link())


def test_another_person_cannot_use_what_came_back(
    trying: Trying, somebody: Browser
) -> None:
    back = trying.decide()
    page = somebody.get(back)
    assert page.status_code == 404
    assert "This trial is over" in page.text
    assert parameters(back)["code"] not in page.text
    page = somebody.client.post(
        f"{trying.page}/exchange",
        data={
            "csrf_token": somebody.form()["fields"]["csrf_token"],
            "code": parameters(back)["code"],
            "state": parameters(back)["state"],
        },
    )
    assert page.status_code == 409
    # It took nothing from the person whose trial it is.
    assert "The flow succeeded" in trying.exchange(back).text


def test_no_other_app_can_use_the_callback(
    trying: Trying, make: Factory, parties: Parties
) -> None:
    other = make.client("Evil", grant_types=BOTH)
    browser = trying.console.browser
    link = trying.link()
    is_refused(browser, changed(link, client_id=other.id))
    evil = RelyingParty(browser, other.id, other.secret)
    query = urlencode(evil.authorization_parameters(redirect_uri=CALLBACK))
    is_refused(browser, f"/oauth/authorize?{query}")


@pytest.mark.parametrize(
    "state",
    [
        None,
        "guessed",
        "01a21579-5f9f-71c6-bce5-6dd3e7188090.gpt_x",
        "é.é",
        ".",
        "a" * 5000,
    ],
)
def test_a_link_of_somebodys_own_is_refused(trying: Trying, state: str | None) -> None:
    is_refused(trying.console.browser, changed(trying.link(), state=state))
    proof = parameters(trying.link())["state"].partition(".")
    is_refused(trying.console.browser, changed(trying.link(), state=f"{proof[0]}."))


@pytest.mark.parametrize("challenge", [None, challenge_for("e" * 43)])
def test_a_challenge_of_somebodys_own_is_refused(
    trying: Trying, challenge: str | None
) -> None:
    link = changed(trying.link(), code_challenge=challenge)
    is_refused(trying.console.browser, link)


@pytest.mark.parametrize("end", ["/", "?a=b", "#", "/..", "%2F"])
def test_the_callback_is_compared_as_a_whole(trying: Trying, end: str) -> None:
    link = changed(trying.link(), redirect_uri=CALLBACK + end)
    is_refused(trying.console.browser, link)


def test_the_apps_own_secret_cannot_exchange_the_code(
    trying: Trying, client: MadeClient
) -> None:
    back = parameters(trying.decide())
    app_itself = RelyingParty(trying.console.browser, client.id, client.secret)
    answer = app_itself.redeem(back["code"], redirect_uri=CALLBACK)
    assert answer.get_json()["error"] == "invalid_grant"


def test_after_ten_minutes_nothing_works(
    app: Flask, trying: Trying, client: MadeClient, clock: MovableClock
) -> None:
    link, back = trying.link(), trying.decide()
    with app.app_context():
        trial = db.session.scalars(select(Trial)).one()
        secret = trials.secret_of(trial.id)
    party = RelyingParty(trying.console.browser, client.id, secret)
    assert party.act_as_itself().status_code == 200
    clock.forward(minutes=10, seconds=1)
    assert party.act_as_itself().status_code == 401
    is_refused(trying.console.browser, link)
    page = trying.console.get(back)
    assert page.status_code == 404
    assert "It has expired" in page.text
    assert ">Start<" in trying.console.get(trying.page).text


def test_administrators_read_why_the_address_is_refused(
    trying: Trying, clock: MovableClock
) -> None:
    link = trying.link()
    clock.forward(minutes=11)
    page = trying.console.get(link)
    assert "only while a trial is open" in page.text
    inbox = trying.console.get("/developer/refused").text
    assert "only while a trial is open" in inbox
    # It is no address that an app could register.
    assert CALLBACK not in inbox


def test_an_answer_is_used_once(trying: Trying) -> None:
    back = trying.decide()
    # Looking at it twice changes nothing.
    trying.console.get(back)
    trying.console.get(back)
    filled = trying.console.filled({}, action="/exchange$")
    assert "The flow succeeded" in trying.console.send_again(filled).text
    again = trying.console.send_again(filled)
    assert again.status_code == 409
    assert "was already completed" in again.text
    assert "Start another trial" in again.text
    assert trying.console.get(back).status_code == 404


def test_of_two_who_send_an_answer_at_once_one_goes_on(
    trying: Trying, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = trying.decide()
    with monkeypatch.context() as patch:
        # The other one closed the trial since it was found open.
        patch.setattr(trials, "close_trial", lambda _trial_id: False)
        assert trying.exchange(back).status_code == 409
    assert "The flow succeeded" in trying.exchange(back).text


def test_a_trial_is_closed_by_one(app: Flask, trying: Trying) -> None:
    with app.app_context():
        trial = db.session.scalars(select(Trial)).one()
        assert trials.close_trial(trial.id)
        assert not trials.close_trial(trial.id)
        db.session.commit()


def test_a_code_that_is_too_old_is_told_in_words(
    trying: Trying, clock: MovableClock
) -> None:
    back = trying.decide()
    clock.forward(minutes=2)
    page = trying.exchange(back)
    assert "The flow stopped" in page.text
    assert "older than one minute" in page.text


def test_a_session_that_ended_is_begun_again(trying: Trying) -> None:
    browser, person = trying.console.browser, trying.console.person
    link = trying.link()
    browser.client.delete_cookie("gatepass")
    assert "/login" in browser.get(link).request.path
    page = browser.submit({"email": person.email, "password": person.password})
    assert page.request.path == "/oauth/consent"
    page = browser.submit({"decision": "allow"}, action="/consent", follow=False)
    back = page.headers["Location"]
    browser.client.delete_cookie("gatepass")
    assert "/login" in browser.get(back).request.path
    page = browser.submit({"email": person.email, "password": person.password})
    assert "Allowed: here is the code" in page.text
    assert "The flow succeeded" in trying.exchange(back).text


def test_a_trial_that_ends_while_the_screen_is_open(trying: Trying) -> None:
    browser = trying.console.browser
    browser.get(trying.link())
    asked = browser.form("/oauth/consent")["fields"]
    trying.console.send(trying.page, action="/finish$")
    page = browser.client.post("/oauth/consent", data={**asked, "decision": "allow"})
    assert page.status_code == 400
    assert "Location" not in page.headers


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("disable", "may have been disabled"),
        ("settings", "not registered for this grant"),
    ],
)
def test_an_app_that_changes_in_the_middle(
    trying: Trying, change: str, words: str
) -> None:
    back = trying.decide()
    base = trying.page.removesuffix("/try")
    values = {"settings": {"grant_types": ["client_credentials"], "redirect_uris": ""}}
    page = f"{base}/{change}"
    answer = trying.console.send(page, values.get(change), action=f"/{change}$")
    assert answer.status_code == 303
    result = trying.exchange(back)
    assert result.status_code == 200
    assert "The flow stopped" in result.text
    assert words in result.text


def test_an_app_that_is_deleted_in_the_middle(trying: Trying) -> None:
    back = trying.decide()
    trying.console.get(back)
    filled = trying.console.filled({}, action="/exchange$")
    danger = trying.page.replace("/try", "/danger")
    answer = trying.console.send(danger, {"name": "Invoice Sync"}, action="/delete$")
    assert answer.status_code == 303
    assert "Restore the app" in trying.console.get(back).text
    assert trying.console.send_again(filled).status_code == 409


def test_a_disabled_app_is_not_tried(trying: Trying) -> None:
    filled = trying.console.filled({}, action="/as-itself$")
    trying.console.send(f"{trying.page.removesuffix('/try')}/disable")
    assert "The app is disabled" in trying.console.get(trying.page).text
    answer = trying.console.send_again(filled)
    assert answer.status_code == 409
    assert "Enable it first" in answer.text


def test_a_grant_that_the_app_lacks_is_not_tried(
    console: Console, make: Factory
) -> None:
    trying = Trying(console, make.client().id)
    console.get(trying.page)
    _, fields = console.filled({}, action="/as-itself$")
    answer = console.send_again((f"{trying.page}/for-a-person", fields))
    assert answer.status_code == 409


def test_missing_keys_are_told_in_words(
    trying: Trying, configure: Callable[..., None]
) -> None:
    configure(app_url=ISSUER, passport_private_key="", passport_public_key="")
    page = trying.act_as_itself()
    assert page.status_code == 200
    assert "flask passport:keys" in page.text
    assert "503" in page.text
    # The page is the console's, whatever class the answer inside it had.
    assert "script-src" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "changes",
    [{"iss": "https://evil.example"}, {"iss": ""}, {"code": "", "error": "x"}],
)
def test_answers_that_are_no_answers_of_ours(
    trying: Trying, changes: dict[str, str]
) -> None:
    came = parameters(trying.decide()) | changes
    page = trying.console.get(f"{CALLBACK}?{urlencode(came)}")
    assert page.status_code == 200
    assert "Exchange the code" not in page.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=%00",
        "state=%ff%fe&code=%ff",
        "state=a&state=b",
        f"state={'x' * 20_000}",
        "state[]=a&code[]=b",
        "error=<script>alert(1)</script>",
    ],
)
def test_what_nobody_sent_is_answered_calmly(trying: Trying, query: str) -> None:
    page = trying.console.get(f"{CALLBACK}?{query}")
    assert page.status_code in {400, 404}
    assert "<script>alert" not in page.text


def test_markup_in_an_answer_stays_text(trying: Trying) -> None:
    came = {
        "state": parameters(trying.link())["state"],
        "iss": ISSUER,
        "error": "<b>x</b>",
        "error_description": "<script>alert(1)</script>",
    }
    page = trying.console.get(f"{CALLBACK}?{urlencode(came)}")
    assert page.status_code == 200
    assert "<b>x" not in page.text
    assert "<script>alert" not in page.text
