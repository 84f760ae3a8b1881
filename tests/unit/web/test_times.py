"""Moments in words."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web import times
from app.web.times import end, in_words, moment, when
from tests.support.markup import parse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86_400 * 2, "2 days ago"),
        (86_400 * 7, "1 week ago"),
        (86_400 * 30, "1 month ago"),
        (86_400 * 800, "2 years ago"),
        (-30, "in a moment"),
        (-29, "in a moment"),
        (-30 * 60 + 2, "in 30 minutes"),
        (-3600 + 2, "in 1 hour"),
        (-5400 + 2, "in 1 hour"),
        (-86_400 + 2, "in 24 hours"),
        (-86_400 * 2 + 2, "in 2 days"),
        (-86_400 * 3, "in 3 days"),
        (-86_400 * 30 + 2, "in 30 days"),
        (-86_400 * 59, "in 59 days"),
        (-86_400 * 60, "in 2 months"),
        (-86_400 * 365 + 2, "in 12 months"),
        (-86_400 * 800, "in 2 years"),
    ],
)
def test_past_units_are_full_and_those_ahead_the_nearest(
    seconds: int, words: str
) -> None:
    assert in_words(NOW - timedelta(seconds=seconds), NOW) == words


def test_a_moment_is_exact_in_its_title() -> None:
    at = datetime(2026, 3, 1, 9, 5, 7, 123_456, tzinfo=UTC)
    element = parse(str(when(at))).one("time")
    assert element["datetime"] == "2026-03-01T09:05:07Z"
    assert element["title"] == moment(at) == "1 March 2026, 09:05:07 UTC"


def test_what_never_happened_says_so() -> None:
    assert parse(str(when(None))).one("span").text == "never"
    assert parse(str(when(None, "not <yet>"))).one("span").text == "not <yet>"


def test_an_end_that_is_days_ahead_has_its_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(times, "utcnow", lambda: NOW)
    month, day = end(NOW + timedelta(days=30)), end(NOW + timedelta(days=1))
    assert str(month).endswith(">in 30 days</time>, on 31 March 2026")
    assert str(day).endswith(">in 24 hours</time>")
    assert str(end(None)) == str(when(None))
