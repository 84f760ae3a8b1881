"""What people see and change of their own, and that it is only their own."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import authentication
from app.accounts.models import User, UserSession
from app.audit.models import AuditEvent
from app.consents.models import Consent
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.refusing import Scene, delete, restore
from tests.support.relying_party import RelyingParty

NEW = "a brand new password"
HTMX = {"HX-Request": "true"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait after a failed sign-in."""
    monkeypatch.setattr(authentication, "FAILURE_SECONDS", 0.0)


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user("ada@example.com", name="Ada", permissions=["view_users"])


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account/security").request.path == "/account/security"


def change_password(browser: Browser, **values: str) -> Any:
    browser.get("/account/security")
    filled = {"password": NEW, "repeated": NEW} | values
    return browser.submit(filled, action="/password$")


def row_ids(app: Flask, model: Any, user: MadeUser) -> list[uuid.UUID]:
    with app.app_context():
        query = select(model.id).where(model.user_id == user.id).order_by(model.id)
        return list(db.session.scalars(query))


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/account/security"),
        ("GET", "/account/apps"),
        ("GET", "/account/apps/remove-all"),
        ("GET", f"/account/apps/{uuid.UUID(int=7)}/remove"),
        ("GET", "/account/security/sign-out-everywhere"),
    ],
)
def test_pages_are_for_people_who_are_signed_in(
    browser: Browser, method: str, address: str
) -> None:
    answer = browser.client.open(address, method=method)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=%2Faccount%2F")
    fragment = browser.client.open(address, method=method, headers=HTMX)
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"].startswith("/login?next=")


def test_every_post_needs_its_token(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    browser = parties.browser_of(person)
    mine = row_ids(app, UserSession, person)[0]
    for address in (
        "/account/security/password",
        f"/account/security/sessions/{mine}/end",
        "/account/security/sign-out-everywhere",
        f"/account/apps/{uuid.uuid4()}/remove",
        "/account/apps/remove-all",
    ):
        assert browser.client.post(address).status_code == 400
    assert is_signed_in(browser)


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    here, elsewhere = parties.browser_of(person), parties.browser_of(person)
    page = change_password(here, current_password=person.password)
    assert "signed out everywhere else" in page.text
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert Browser(app).sign_in(person.email, person.password).status_code == 422
    assert Browser(app).sign_in(person.email, NEW).status_code == 200


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"current_password": "a wrong guess"}, "Wrong password."),
        ({"current_password": ""}, "Enter your current password."),
        ({"password": "short", "repeated": "short"}, "Use at least 12 characters."),
        ({"repeated": "something else"}, "do not match"),
        (
            {"password": "ADA@example.com", "repeated": "ADA@example.com"},
            "other than your e-mail address",
        ),
        ({"password": "a" * 2000, "repeated": "a" * 2000}, "at most 1024"),
    ],
)
def test_a_poor_change_is_refused_and_changes_nothing(
    app: Flask, parties: Parties, person: MadeUser, values: dict[str, str], why: str
) -> None:
    here, elsewhere = parties.browser_of(person), parties.browser_of(person)
    page = change_password(here, **({"current_password": person.password} | values))
    assert page.status_code == 422
    assert why in page.text
    assert 'role="alert"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert page.text.count("autofocus") == 1
    assert person.password not in page.text
    assert is_signed_in(elsewhere)
    assert Browser(app).sign_in(person.email, person.password).status_code == 200


def test_htmx_gets_the_panel_alone(parties: Parties, person: MadeUser) -> None:
    browser = parties.browser_of(person)
    for address, panel in (
        ("/account/security", '<section id="security"'),
        ("/account/security/sign-out-everywhere", '<section id="security"'),
        ("/account/apps", '<section id="apps"'),
    ):
        fragment = browser.client.get(address, headers=HTMX)
        assert fragment.text.lstrip().startswith(panel)
        assert "<html" not in fragment.text
        whole = browser.client.get(address)
        assert "<html" in whole.text
        assert panel in whole.text
        assert "HX-Request" in whole.headers["Vary"]


def test_htmx_changes_in_place(parties: Parties, person: MadeUser) -> None:
    browser = parties.browser_of(person)
    browser.get("/account/security")
    form = browser.form("/password$")
    values = {
        "current_password": person.password,
        "password": NEW,
        "repeated": "do not match",
        "csrf_token": form["fields"]["csrf_token"][0],
    }
    wrong = browser.client.post(form["action"], data=values, headers=HTMX)
    assert wrong.status_code == 422
    assert wrong.text.lstrip().startswith('<section id="security"')
    right = browser.client.post(
        form["action"], data=values | {"repeated": NEW}, headers=HTMX
    )
    assert right.status_code == 200
    assert "<html" not in right.text
    assert "Password changed." in right.text


def test_sessions_are_listed_in_words(app: Flask, person: MadeUser) -> None:
    browser = Browser(app)
    browser.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    browser.sign_in(person.email, person.password)
    page = browser.get("/account/security")
    assert "Firefox on Linux" in page.text
    assert "This browser" in page.text
    assert "127.0.0.1" in page.text
    assert FIREFOX not in page.text


def test_one_other_session_can_be_ended(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    here, other, third = (parties.browser_of(person) for _ in range(3))
    wanted = row_ids(app, UserSession, person)[1]
    here.get("/account/security")
    page = here.submit(action=f"/sessions/{wanted}/end$")
    assert "That browser is signed out." in page.text
    assert not is_signed_in(other)
    assert is_signed_in(third)
    assert is_signed_in(here)


def test_ending_this_session_signs_out_here(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    here = parties.browser_of(person)
    mine = row_ids(app, UserSession, person)[0]
    here.get("/account/security")
    assert here.submit(action=f"/sessions/{mine}/end$").request.path == "/login"
    assert not is_signed_in(here)


def test_nobody_ends_another_persons_session(
    app: Flask, parties: Parties, person: MadeUser, make: Factory
) -> None:
    victim = make.user(administrator=True)
    theirs = parties.browser_of(victim)
    target = row_ids(app, UserSession, victim)[0]
    browser = parties.browser_of(person)
    page = browser.get("/account/security")
    assert str(target) not in page.text
    token = browser.form("/password$")["fields"]["csrf_token"][0]
    for wanted in (target, uuid.uuid4(), "1", "x' OR 1=1"):
        answer = browser.client.post(
            f"/account/security/sessions/{wanted}/end", data={"csrf_token": token}
        )
        assert answer.status_code == 404
    assert is_signed_in(theirs)


def test_signing_out_everywhere_ends_sessions_and_tokens(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    party = parties.confidential(user=person)
    tokens = party.tokens(scope="view_users")
    elsewhere = parties.browser_of(person)
    here = party.browser
    page = here.get("/account/security/sign-out-everywhere")
    assert "of all 2 browsers" in page.text
    assert "Invoice Sync" in page.text
    assert here.submit(action="everywhere$").request.path == "/login"
    assert not is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert party.call(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_signing_out_here_ends_no_token(parties: Parties, person: MadeUser) -> None:
    party = parties.confidential(user=person)
    tokens = party.tokens(scope="view_users")
    party.browser.get("/logout")
    party.browser.submit(action="/logout")
    assert not is_signed_in(party.browser)
    assert party.call(tokens["access_token"]).status_code == 200


def test_without_apps_the_page_explains_itself(
    parties: Parties, person: MadeUser
) -> None:
    page = parties.browser_of(person).get("/account/apps")
    assert "No app can use your account" in page.text
    assert "Remove" not in page.text


def connect(
    parties: Parties,
    person: MadeUser,
    name: str,
    scope: str = "view_users",
    **kwargs: Any,
) -> RelyingParty:
    """Let `person` allow an app of that name."""
    party = parties.confidential(user=person, name=name, **kwargs)
    party.allow(scope=scope)
    return party


def test_a_card_says_in_words_what_an_app_can_do(
    parties: Parties, person: MadeUser, make: Factory
) -> None:
    owner = make.user(name="Grace <b>Hopper</b>")
    party = connect(
        parties,
        person,
        "<script>alert(1)</script>",
        scope="openid email view_users",
        owner=owner,
        description="Sends & sorts",
    )
    page = party.browser.get("/account/apps")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "Grace &lt;b&gt;Hopper&lt;/b&gt;" in page.text
    assert "Sends &amp; sorts" in page.text
    assert "See the people of the organisation" in page.text
    assert "See your e-mail address" in page.text
    assert "Not verified" in page.text
    assert "<dt>First allowed</dt>" in page.text


def test_removing_access_ends_tokens_at_once(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    party = connect(parties, person, "Invoice Sync")
    kept = connect(parties, person, "Other App")
    tokens, others = party.tokens(scope="view_users"), kept.tokens(scope="view_users")
    assert party.call(tokens["access_token"]).status_code == 200

    here = party.browser
    page = here.get("/account/apps")
    assert page.text.index("Other App") < page.text.index("Invoice Sync")
    consent = row_ids(app, Consent, person)[0]
    page = here.get(f"/account/apps/{consent}/remove")
    assert "Remove access for <bdi>Invoice Sync</bdi>?" in page.text
    page = here.submit(action="/remove$")
    assert "Invoice Sync can no longer use your account." in page.text
    assert "Other App" in page.text
    assert here.get("/account/apps").text.count("Invoice Sync") == 0

    assert party.call(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert kept.call(others["access_token"]).status_code == 200
    # Asked anew, the person sees the screen again, and old tokens stay dead.
    assert party.ask(scope="view_users").status_code == 200
    party.allow(scope="view_users")
    assert party.call(tokens["access_token"]).status_code == 401


def test_removing_all_leaves_none(parties: Parties, person: MadeUser) -> None:
    first = connect(parties, person, "First App")
    second = connect(parties, person, "Second App")
    tokens = [one.tokens(scope="view_users")["access_token"] for one in (first, second)]
    browser = first.browser
    assert "Remove all" in browser.get("/account/apps").text
    page = browser.get("/account/apps/remove-all")
    assert "First App" in page.text
    assert "Second App" in page.text
    page = browser.submit(action="/remove-all$")
    assert "No app can use your account any more." in page.text
    assert [first.call(token).status_code for token in tokens] == [401, 401]


def test_removing_all_reaches_an_app_that_is_restored_later(
    parties: Parties, clock: MovableClock, person: MadeUser
) -> None:
    scene, party = Scene(parties, clock), parties.confidential(user=person)
    party.tokens()
    scene.change(party, delete)
    parties.confidential(user=person).tokens()
    browser = party.browser
    browser.get("/account/apps/remove-all")
    browser.submit(action="/remove-all$")
    scene.change(party, restore)
    # It has to ask anew.
    assert party.ask(prompt="none").headers["Location"].count("consent_required") == 1


def test_nobody_sees_or_removes_another_persons_app(
    app: Flask, parties: Parties, person: MadeUser, make: Factory
) -> None:
    victim = make.user(permissions=["view_users"])
    party = connect(parties, victim, "Private App")
    token = party.tokens(scope="view_users")["access_token"]
    consent = row_ids(app, Consent, victim)[0]
    browser = parties.browser_of(person)
    assert "Private App" not in browser.get("/account/apps").text
    browser.get("/account/security")
    data = {"csrf_token": browser.form("/password$")["fields"]["csrf_token"][0]}
    for wanted in (consent, uuid.uuid4(), "1"):
        assert browser.get(f"/account/apps/{wanted}/remove").status_code == 404
        answer = browser.client.post(f"/account/apps/{wanted}/remove", data=data)
        assert answer.status_code == 404
    browser.client.post("/account/apps/remove-all", data=data)
    assert party.call(token).status_code == 200


def test_a_removed_app_cannot_be_removed_twice(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    browser = connect(parties, person, "Invoice Sync").browser
    consent = row_ids(app, Consent, person)[0]
    browser.get(f"/account/apps/{consent}/remove")
    data = {"csrf_token": browser.form("/remove$")["fields"]["csrf_token"][0]}
    address = f"/account/apps/{consent}/remove"
    assert browser.client.post(address, data=data).status_code == 303
    assert browser.client.post(address, data=data).status_code == 404


def test_the_audit_log_tells_what_people_did(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    party = connect(parties, person, "Invoice Sync")
    consent = row_ids(app, Consent, person)[0]
    party.browser.get(f"/account/apps/{consent}/remove")
    party.browser.submit(action="/remove$")
    change_password(party.browser, current_password=person.password)
    party.browser.get("/account/security/sign-out-everywhere")
    party.browser.submit(action="everywhere$")
    with app.app_context():
        events = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.actor_id == person.id)
            .order_by(AuditEvent.id)
        ).all()
        assert [event.action for event in events] == [
            "consent.allowed",
            "consent.withdrawn",
            "user.password_changed",
            "user.signed_out_everywhere",
        ]
        assert all(event.reference_id for event in events)
        assert NEW not in str([event.details for event in events])


def test_a_session_ends_after_a_fortnight_unused_or_a_month(
    parties: Parties, person: MadeUser, clock: MovableClock
) -> None:
    unused, used = parties.browser_of(person), parties.browser_of(person)
    for _ in range(2):
        clock.forward(days=13)
        assert is_signed_in(used)
    assert not is_signed_in(unused)
    clock.forward(days=5)
    assert not is_signed_in(used)


def test_everywhere_also_reaches_tokens_of_a_person_with_no_session(
    app: Flask, parties: Parties, person: MadeUser
) -> None:
    with app.app_context():
        before = db.session.get_one(User, person.id).token_generation
    browser = parties.browser_of(person)
    browser.get("/account/security/sign-out-everywhere")
    browser.submit(action="everywhere$")
    with app.app_context():
        assert db.session.get_one(User, person.id).token_generation == before + 1
