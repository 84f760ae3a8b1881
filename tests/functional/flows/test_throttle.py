"""Ten failed sign-ins for an address in 15 minutes, then 429, whoever counts."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import purging
from app.accounts import authentication, throttle
from app.accounts.models import SignInThrottle
from app.extensions import db
from tests.factories import PASSWORD, Factory
from tests.support.browsing import Browser
from tests.support.clock import MovableClock

KNOWN = "ada@example.com"
SPELLINGS = ["ada@example.com", " ADA@Example.com", "ａｄａ@example.com"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither hash nor wait: how long a failure takes is tested elsewhere."""
    monkeypatch.setattr(authentication, "FAILURE_SECONDS", 0.0)
    monkeypatch.setattr(authentication, "verify_and_update", compare)


def compare(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Take the tests' usual password for that of everybody who has one."""
    return bool(stored) and password == PASSWORD, None


def fail(browser: Browser, email: str = KNOWN) -> int:
    return browser.sign_in(email, "not the password").status_code


@pytest.mark.parametrize("is_known", [True, False])
def test_the_eleventh_failure_is_told_to_wait(
    browser: Browser, make: Factory, is_known: bool
) -> None:
    if is_known:
        make.user(KNOWN)
    assert [fail(browser) for _ in range(10)] == [422] * 10
    assert fail(browser) == 429
    assert browser.page
    assert 880 <= int(browser.page.headers["Retry-After"]) <= 900
    assert "Try again in 15 minutes" in browser.page.text


def test_nothing_tells_known_and_unknown_apart(browser: Browser, make: Factory) -> None:
    make.user(KNOWN)
    pages = []
    for email in (KNOWN, "eve@example.com"):
        answers = []
        for _ in range(11):
            fail(browser, email)
            assert browser.page
            status, text = browser.page.status_code, browser.page.text
            token = browser.form()["fields"]["csrf_token"][0]
            reference = browser.page.headers["X-Reference-Id"]
            for one in (token, reference, email):
                text = text.replace(one, "")
            answers.append((status, text))
        pages.append(answers)
    assert pages[0] == pages[1]


def test_spelling_an_address_differently_gives_no_more_tries(
    browser: Browser, make: Factory
) -> None:
    make.user(KNOWN)
    for number in range(10):
        assert fail(browser, SPELLINGS[number % 3]) == 422
    for spelling in SPELLINGS:
        assert fail(browser, spelling) == 429


def test_the_right_password_does_not_help_while_waiting(
    browser: Browser, make: Factory
) -> None:
    person = make.user(KNOWN)
    for _ in range(10):
        fail(browser)
    assert browser.sign_in(person.email, person.password).status_code == 429
    assert browser.get("/account/security").request.path == "/login"


def test_other_addresses_are_not_concerned(browser: Browser, make: Factory) -> None:
    other = make.user("other@example.com")
    for _ in range(11):
        fail(browser)
    browser.sign_in(other.email, other.password)
    assert browser.get("/account/security").request.path == "/account/security"


def test_after_fifteen_minutes_it_starts_anew(
    browser: Browser, make: Factory, clock: MovableClock
) -> None:
    person = make.user(KNOWN)
    for _ in range(10):
        fail(browser)
    clock.forward(minutes=14, seconds=45)
    assert fail(browser) == 429
    assert browser.page
    assert 1 <= int(browser.page.headers["Retry-After"]) <= 15
    assert "Try again in 1 minute." in browser.page.text
    clock.forward(seconds=15)
    assert fail(browser) == 422
    assert browser.sign_in(person.email, person.password).status_code == 200


def test_signing_in_forgets_the_failures(browser: Browser, make: Factory) -> None:
    person = make.user(KNOWN)
    for _ in range(9):
        assert fail(browser) == 422
    assert browser.sign_in(person.email, person.password).status_code == 200
    for _ in range(10):
        assert fail(browser) == 422
    assert fail(browser) == 429


def test_the_current_password_is_guessed_no_more_often(
    browser: Browser, make: Factory
) -> None:
    person = make.user(KNOWN)
    browser.sign_in(person.email, person.password)
    new = {"password": "a new password", "repeated": "a new password"}
    statuses = []
    for _ in range(11):
        browser.get("/account/security")
        browser.submit(new | {"current_password": "a guess"}, action="password$")
        assert browser.page
        statuses.append(browser.page.status_code)
    assert statuses == [422] * 10 + [429]
    assert int(browser.page.headers["Retry-After"]) > 0


def test_a_switch_lifts_it_for_tests(
    browser: Browser, configure: Callable[..., None]
) -> None:
    configure(ratelimit_enabled=False)
    assert {fail(browser) for _ in range(12)} == {422}


def test_finished_counts_can_be_purged(
    app: Flask, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    with app.app_context():
        for number in range(3):
            throttle.count_attempt(f"p{number}@example.com")
        db.session.commit()
        assert throttle.purge() == 0
        clock.forward(minutes=15)
        throttle.count_attempt("late@example.com")
        assert throttle.purge(is_dry_run=True) == 3
        assert throttle.purge() == 3
        assert db.session.scalar(select(func.count(SignInThrottle.failures))) == 1


def test_a_row_does_not_name_the_address(app: Flask) -> None:
    with app.app_context():
        throttle.count_attempt(KNOWN)
        db.session.commit()
        row = db.session.scalars(select(SignInThrottle)).one()
        assert KNOWN.encode() not in row.email_digest
        assert len(row.email_digest) == 32


def test_tries_at_once_are_each_counted(app: Flask) -> None:
    numbers: list[int] = []
    start = threading.Barrier(20)

    def count() -> None:
        with app.app_context():
            start.wait()
            failures, _ = throttle.count_attempt(KNOWN)
            db.session.commit()
            numbers.append(failures)

    run_at_once([count] * 20)
    assert sorted(numbers) == list(range(1, 21))


def test_of_many_guesses_at_once_only_ten_are_checked(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.user(KNOWN)
    checked: list[str] = []

    def note(password: str, stored: str | None) -> tuple[bool, str | None]:
        checked.append(password)
        return compare(password, stored)

    monkeypatch.setattr(authentication, "verify_and_update", note)
    browsers = [Browser(app) for _ in range(24)]
    for browser in browsers:
        browser.get("/login")
    start = threading.Barrier(len(browsers))
    statuses: list[int] = []

    def guess(number: int) -> None:
        start.wait()
        answer = browsers[number].submit(
            {"email": SPELLINGS[number % 3], "password": f"guess {number}"}
        )
        statuses.append(answer.status_code)

    run_at_once([lambda n=n: guess(n) for n in range(len(browsers))])
    assert len(checked) == 10
    assert sorted(statuses) == [422] * 10 + [429] * 14


def test_no_lock_is_held_while_a_password_is_hashed(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.user(KNOWN)
    hashing, may_go_on = threading.Event(), threading.Event()

    def hash_slowly(_password: str, _stored: str | None) -> tuple[bool, str | None]:
        hashing.set()
        assert may_go_on.wait(10)
        return False, None

    monkeypatch.setattr(authentication, "verify_and_update", hash_slowly)
    waiting = threading.Thread(target=lambda: fail(Browser(app)))
    waiting.start()
    assert hashing.wait(10)
    started = time.monotonic()
    with app.app_context():
        throttle.count_attempt(KNOWN)
        db.session.commit()
    assert time.monotonic() - started < 2
    may_go_on.set()
    waiting.join()


def run_at_once(tasks: Sequence[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
