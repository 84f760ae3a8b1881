"""Moments in words."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web.times import in_words, moment, when
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
        (-90, "in 1 minute"),
        (-86_400 * 3, "in 3 days"),
    ],
)
def test_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert in_words(NOW - timedelta(seconds=seconds), NOW) == words


def test_a_moment_is_exact_in_its_title() -> None:
    at = datetime(2026, 3, 1, 9, 5, 7, 123_456, tzinfo=UTC)
    element = parse(str(when(at))).one("time")
    assert element["datetime"] == "2026-03-01T09:05:07Z"
    assert element["title"] == moment(at) == "1 March 2026, 09:05:07 UTC"


def test_what_never_happened_says_so() -> None:
    assert parse(str(when(None))).one("span").text == "never"
    assert parse(str(when(None, "not <yet>"))).one("span").text == "not <yet>"
