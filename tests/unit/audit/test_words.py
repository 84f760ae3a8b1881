"""Events in plain words."""

from typing import Any

import pytest

from app.audit.words import differences, in_words, joined_by, summed_up


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        (["a", "b"], "a", "b"),
        ([None, "b"], None, "b"),
        ([[], ["x", "y"]], None, "x, y"),
        (["a", None], "a", "nothing"),
        ([True, False], "yes", "no"),
        ("…ab12", None, "…ab12"),
        ("2026-03-01T09:05:07.123456+00:00", None, "1 March 2026, 09:05:07 UTC"),
        ("2026-03-01T09:05:07+00:00", None, "1 March 2026, 09:05:07 UTC"),
        ("2026-99-01", None, "2026-99-01"),
        (["a", "b", "c"], None, "a, b, c"),
        ("x" * 400, None, "x" * 299 + "…"),
    ],
)
def test_a_detail_is_a_line_to_read(value: Any, before: str, after: str) -> None:
    (line,) = differences({"redirect_uris": value})
    assert (line.field, line.before, line.after) == ("redirect URIs", before, after)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ""),
        ({"role": "Editor"}, "role: Editor"),
        ({"name": ["Old", "New"]}, "name"),
        ({"description": [None, "x" * 41]}, "description"),
        ({"a": 1, "b": [1, 2], "c": 3, "d": 4, "e": 5}, "a: 1, b, c: 3 and 2 more"),
    ],
)
def test_a_summary_names_what_changed(details: dict[str, Any], words: str) -> None:
    assert summed_up(differences(details)) == words


def test_an_action_of_another_version_is_spelled_out() -> None:
    assert in_words("gate_post.painted") == "gate post: painted"
    assert joined_by("gate_post.painted") == ": "
