"""Signing in and out, without JavaScript, and what must not leak or be planted."""

import re
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.escalation import UNLIMITED
from app.access.people import deactivate_user
from app.accounts import authentication, sessions
from app.accounts.models import User, UserSession
from app.accounts.services import find_user
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clock import utcnow
from app.extensions import db
from tests.factories import PASSWORD, Factory, MadeUser
from tests.support.browsing import Browser
from tests.unit.accounts.test_passwords import bcrypt_hash

REFUSED = "Wrong e-mail address or password."


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user("ada@example.com", name="Ada")


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account/security").request.path == "/account/security"


def change(app: Flask, user_id: object, **values: object) -> None:
    with app.app_context():
        user = db.session.get(User, user_id)
        for name, value in values.items():
            setattr(user, name, value)
        db.session.commit()


def test_the_page_needs_no_script(browser: Browser) -> None:
    page = browser.get("/login")
    assert page.status_code == 200
    assert "<script" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert {"email", "password", "next", "csrf_token"} >= set(browser.form()["fields"])


@pytest.mark.parametrize("email", ["ada@example.com", " ADA@Example.com "])
def test_a_right_password_signs_in(
    browser: Browser, person: MadeUser, email: str
) -> None:
    assert not is_signed_in(browser)
    browser.sign_in(email, person.password)
    assert is_signed_in(browser)
    assert "ada@example.com" in browser.page.text


def test_administrators_and_customers_land_where_their_work_is(
    app: Flask, make: Factory, person: MadeUser
) -> None:
    boss = make.user(administrator=True)
    for user, page in ((boss, "/developer"), (person, "/account/apps")):
        browser = Browser(app)
        browser.get("/login")
        values = {"email": user.email, "password": user.password}
        assert browser.submit(values, follow=False).headers["Location"] == "/"
        assert browser.client.get("/").headers["Location"] == page


def test_every_failure_says_and_lasts_the_same(
    app: Flask, make: Factory, browser: Browser, person: MadeUser
) -> None:
    gone, legacy, empty = make.user(), make.user(), make.user()
    change(app, legacy.id, password_hash=bcrypt_hash(PASSWORD))
    change(app, empty.id, password_hash="")
    with app.app_context():
        deactivate_user(actor=SERVER, powers=UNLIMITED, user=find_user(gone.id))
        db.session.commit()
    seen, durations = set(), []
    for email, password in [
        (person.email, "wrong password"),
        ("nobody@example.com", PASSWORD),
        (gone.email, gone.password),
        (legacy.email, "wrong password"),
        (empty.email, ""),
        (empty.email, "x"),
        ("not an address", "x" * 5000),
    ]:
        browser.get("/login")
        started = time.monotonic()
        page = browser.submit({"email": email, "password": password or "-"})
        durations.append(time.monotonic() - started)
        assert REFUSED in page.text
        seen.add(page.status_code)
        assert not is_signed_in(browser)
    assert seen == {422}
    assert min(durations) >= authentication.FAILURE_SECONDS


def test_missing_input_is_asked_for(browser: Browser) -> None:
    page = browser.sign_in("", "")
    assert page.status_code == 422
    assert "Enter your e-mail address." in page.text
    assert "Enter your password." in page.text
    assert 'role="alert"' in page.text
    assert "autofocus" in page.text


def test_a_typed_password_is_never_sent_back(browser: Browser) -> None:
    page = browser.sign_in("ada@example.com", "my-secret-typing")
    assert 'value="ada@example.com"' in page.text
    assert "my-secret-typing" not in page.text


@pytest.mark.parametrize(
    "email",
    ['"><script>alert(1)</script>', "\ud7ff" * 300, "a" * 100_000, "' OR 1=1 --", "😀"],
)
def test_strange_addresses_are_just_wrong(browser: Browser, email: str) -> None:
    page = browser.sign_in(email, "some password")
    assert page.status_code == 422
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "body",
    [b"email=%00&password=x", b"\xff\xfe", b"email=a&email=b", b"a" * 2_000_000],
)
def test_strange_bodies_never_break_it(browser: Browser, body: bytes) -> None:
    answer = browser.client.post(
        "/login", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in {400, 413}


@pytest.mark.rfc(
    "OpenID Connect Core §3.1.2.3", "signing in is guarded against other sites"
)
def test_a_form_without_its_token_is_refused(
    browser: Browser, person: MadeUser
) -> None:
    browser.get("/login")
    page = browser.submit(
        {"email": person.email, "password": person.password, "csrf_token": None}
    )
    assert page.status_code == 400
    assert not is_signed_in(browser)


def test_the_way_back_is_kept_and_followed(browser: Browser, person: MadeUser) -> None:
    browser.get("/account/security")
    assert browser.page.request.path == "/login"
    browser.submit({"email": person.email, "password": "wrong"})
    browser.submit({"email": person.email, "password": person.password})
    assert browser.page.request.path == "/account/security"


@pytest.mark.rfc("RFC 9700 §4.11.2", "nobody is led on to an address by a parameter")
@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example",
     "javascript:alert(1)", "https:evil.example"],
)  # fmt: skip
def test_the_way_back_never_leaves(
    browser: Browser, person: MadeUser, address: str
) -> None:
    browser.get("/login?" + urlencode({"next": address}))
    assert browser.form()["fields"]["next"] == [""]
    answer = browser.submit(
        {"email": person.email, "password": person.password, "next": address},
        follow=False,
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("page", ["/oauth/authorize?client_id=x", "/oauth/consent"])
def test_on_the_way_to_consent_the_form_may_lead_elsewhere(
    browser: Browser, page: str
) -> None:
    query = "?" + urlencode({"next": page})
    first = browser.get("/login" + query)
    assert "form-action" not in first.headers["Content-Security-Policy"]
    again = browser.submit({"email": "ada@example.com", "password": "wrong"})
    assert again.status_code == 422
    assert "form-action" not in again.headers["Content-Security-Policy"]


def test_a_planted_cookie_is_replaced_at_sign_in(
    browser: Browser, person: MadeUser
) -> None:
    browser.get("/login")
    planted = cookie(browser.client)
    browser.submit({"email": person.email, "password": person.password})
    assert cookie(browser.client) != planted
    with browser.client.session_transaction() as session:
        assert "csrf_token" not in session or session["_user_id"].startswith("gpu_")
    thief = Browser(browser.app)
    thief.client.set_cookie("gatepass", planted)
    assert not is_signed_in(thief)


def test_signing_in_again_ends_the_session_before(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    browser.sign_in(person.email, person.password)
    old = cookie(browser.client)
    browser.sign_in(person.email, person.password)
    assert is_signed_in(browser)
    thief = Browser(app)
    thief.client.set_cookie("gatepass", old)
    assert not is_signed_in(thief)


def test_the_cookie_names_no_user_and_the_database_no_secret(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    browser.sign_in(person.email, person.password)
    with browser.client.session_transaction() as session:
        secret = session["_user_id"]
        assert str(person.id) not in str(dict(session))
        assert person.email not in str(dict(session))
    assert re.fullmatch(r"gpu_[0-9A-Za-z]{49}", secret)
    with app.app_context():
        row = db.session.scalars(select(UserSession)).one()
        assert secret.encode() not in row.digest
        assert len(row.digest) == 32
    header = browser.client.get_cookie("gatepass")
    assert header.http_only
    assert header.same_site == "Lax"


def test_signing_out_revokes_the_row(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    browser.sign_in(person.email, person.password)
    stolen = cookie(browser.client)
    browser.get("/logout")
    assert "Sign out?" in browser.page.text
    assert is_signed_in(browser)
    browser.get("/logout")
    browser.submit(action="/logout")
    assert browser.page.request.path == "/login"
    assert not is_signed_in(browser)
    thief = Browser(app)
    thief.client.set_cookie("gatepass", stolen)
    assert not is_signed_in(thief)
    with app.app_context():
        assert db.session.scalars(select(UserSession)).one().revoked_at


def test_signing_out_keeps_the_way_back(browser: Browser, person: MadeUser) -> None:
    browser.sign_in(person.email, person.password)
    browser.get("/logout?next=/account/security")
    browser.submit(action="/logout")
    assert browser.form()["fields"]["next"] == ["/account/security"]
    browser.get("/logout?next=//evil.example")
    assert browser.page.request.path == "/login"


def test_signing_out_needs_the_token(browser: Browser, person: MadeUser) -> None:
    browser.sign_in(person.email, person.password)
    assert browser.client.post("/logout").status_code == 400
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": timedelta(seconds=-1)},
        {"last_seen_at": -sessions.IDLE - timedelta(seconds=1)},
    ],
)
def test_old_sessions_end(
    app: Flask, browser: Browser, person: MadeUser, values: dict[str, timedelta]
) -> None:
    browser.sign_in(person.email, person.password)
    with app.app_context():
        row = db.session.scalars(select(UserSession)).one()
        for name, delta in values.items():
            setattr(row, name, utcnow() + delta)
        db.session.commit()
    assert not is_signed_in(browser)


def test_a_deactivated_person_is_out_at_once(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    browser.sign_in(person.email, person.password)
    change(app, person.id, deactivated_at=utcnow())
    assert not is_signed_in(browser)


def test_being_seen_is_written_once_a_minute_and_by_a_get(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    browser.sign_in(person.email, person.password)

    def seen(shift: timedelta | None = None) -> object:
        with app.app_context():
            row = db.session.scalars(select(UserSession)).one()
            if shift:
                row.last_seen_at -= shift
                db.session.commit()
            return row.last_seen_at

    before = seen(timedelta(seconds=50))
    assert is_signed_in(browser)
    assert seen() == before
    seen(timedelta(seconds=20))
    assert is_signed_in(browser)
    assert utcnow() - seen() < timedelta(seconds=10)


def test_a_brought_along_bcrypt_hash_becomes_argon2id(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    change(app, person.id, password_hash=bcrypt_hash(PASSWORD, b"2y"))
    browser.sign_in(person.email, PASSWORD)
    assert is_signed_in(browser)
    with app.app_context():
        assert find_user(person.id).password_hash.startswith("$argon2id$")
    again = Browser(app)
    again.sign_in(person.email, PASSWORD)
    assert is_signed_in(again)


def test_a_password_changed_meanwhile_is_not_undone(
    app: Flask, browser: Browser, person: MadeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(app, person.id, password_hash=bcrypt_hash(PASSWORD))
    verify = authentication.verify_and_update

    def verify_late(password: str, stored: str | None) -> tuple[bool, str | None]:
        answer = verify(password, stored)
        change(app, person.id, password_hash=bcrypt_hash("another password"))
        return answer

    monkeypatch.setattr(authentication, "verify_and_update", verify_late)
    assert browser.sign_in(person.email, PASSWORD).status_code == 422
    monkeypatch.undo()
    assert browser.sign_in(person.email, "another password").status_code == 200


def test_the_audit_log_tells_who_signed_in_and_who_tried(
    app: Flask, browser: Browser, person: MadeUser
) -> None:
    browser.sign_in(person.email, "wrong password")
    browser.sign_in("nobody@example.com", "wrong password")
    browser.sign_in(person.email, person.password)
    with app.app_context():
        events = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action.like("user.sign%"))
            .order_by(AuditEvent.id)
        ).all()
        assert [(e.action, e.actor_kind, e.ip_address) for e in events] == [
            ("user.sign_in_refused", "server", "127.0.0.1"),
            ("user.signed_in", "user", "127.0.0.1"),
        ]
        assert {e.subject_id for e in events} == {person.id}
        assert all(e.reference_id for e in events)
        assert PASSWORD not in str([e.details for e in events])


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("gatepass")
    assert found
    return found.value
