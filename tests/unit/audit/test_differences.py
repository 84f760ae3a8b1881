"""What an event changed, as lines to read and in a few words."""

from typing import Any

import pytest
from flask import Flask, render_template_string

from app.audit.differences import Items, changes_in, differences
from app.audit.models import AuditEvent
from tests.support.markup import parse

URI = "https://app.example.com/callback"
ANY = "every delegable permission"
MACROS = '{% import "web/differences.html" as changes %}'


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        (["a", "b"], "a", "b"),
        ([None, "b"], None, "b"),
        ([None, ["x", "y"]], None, "x, y"),
        (["a", None], "a", "nothing"),
        ([True, False], "yes", "no"),
        ([0, 7], "0", "7"),
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
    assert line.items is None


@pytest.mark.parametrize(
    ("field", "value", "added", "removed", "unchanged"),
    [
        ("redirect_uris", [["a", "b"], ["b", "c", "d"]], ["c", "d"], ["a"], 1),
        ("redirect_uris", [["a"], []], [], ["a"], 0),
        ("redirect_uris", [[], ["a"]], ["a"], [], 0),
        ("redirect_uris", [["a", "b"], ["b", "a"]], [], [], 2),
        ("scope", ["a b", "b c"], ["c"], ["a"], 1),
        ("scope", ["a b", ""], [], ["a", "b"], 0),
    ],
)
def test_of_a_list_it_is_told_what_came_and_went(
    field: str, value: Any, added: list[str], removed: list[str], unchanged: int
) -> None:
    (line,) = differences({field: value})
    assert line.items == Items(added=added, removed=removed, unchanged=unchanged)


@pytest.mark.parametrize(
    ("details", "before", "after"),
    [
        # Nothing was there before a consent, and it may allow nothing.
        ({"scope": ["", "a b"]}, None, "a, b"),
        ({"scope": ["", ""]}, None, "nothing"),
        # Where an app may ask for everything, no list is kept.
        ({"scopes": [None, ["a"]]}, ANY, "a"),
        ({"scopes": [["a"], None]}, "a", ANY),
        # One key was there before another, or none was.
        ({"kid": ["old", "new"]}, "old", "new"),
        ({"kid": ["new"]}, None, "new"),
        # Of what nobody has said that it is a change, two are two.
        ({"of_another_version": ["a", "b"]}, None, "a, b"),
        # Two addresses are no change of one into the other.
        ({"allowed_from": ["192.0.2.1", "192.0.2.2"]}, None, "192.0.2.1, 192.0.2.2"),
    ],
)
def test_what_is_kept_in_another_form_is_told_as_it_is_meant(
    details: dict[str, Any], before: str | None, after: str
) -> None:
    (line,) = differences(details)
    assert (line.before, line.after, line.items) == (before, after, None)


@pytest.mark.parametrize(
    ("action", "details"),
    [
        ("client.registered", {"scopes": [None, ["a", "b"]]}),
        ("role.created", {"permissions": [[], ["a", "b"]]}),
    ],
)
def test_before_something_was_made_there_was_nothing(
    action: str, details: dict[str, Any]
) -> None:
    (line,) = changes_in(AuditEvent(action=action, details=details))
    assert (line.before, line.after, line.items) == (None, "a, b", None)


def shown(app: Flask, macro: str, details: dict[str, Any]) -> str:
    """Return what somebody reads."""
    template = f"{MACROS}{{{{ changes.{macro}(lines) }}}}"
    with app.test_request_context():
        return parse(render_template_string(template, lines=differences(details))).text


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ""),
        ({"role": "Editor"}, "role: Editor"),
        ({"is_pkce_required": [True, False]}, "PKCE required: yes → no"),
        ({"name": ["Old", "New"]}, "name: Old → New"),
        ({"description": [None, "x" * 51]}, "description"),
        ({"description": ["x" * 40, "y" * 40]}, "description: changed"),
        ({"scope": ["view_users", ""]}, "scope: removed view_users"),
        ({"redirect_uris": [[URI], [f"{URI}s"]]}, "redirect URIs: 1 added, 1 removed"),
        ({"redirect_uris": [[], [URI]]}, f"redirect URIs: added {URI}"),
        (
            {"optional_scopes": [["a", "b"], ["b", "c"]]},
            "optional for people: added c, removed a",
        ),
        (
            {"redirect_uris": [["a", "b"], ["b", "a"]]},
            "redirect URIs: in a different order",
        ),
        (
            {"a": 1, "name": [1, 2], "c": 3, "d": 4, "e": 5},
            "a: 1; name: 1 → 2; c: 3 and 2 more",
        ),
    ],
)
def test_a_summary_tells_what_is_short(
    session_app: Flask, details: dict[str, Any], words: str
) -> None:
    assert shown(session_app, "summed_up", details) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([["a", "b"], ["b", "<i>"]], "added <i> removed a 1 unchanged"),
        ([["a"], []], "removed a none left"),
        ([["a", "b"], ["b", "a"]], "2 unchanged, in a different order"),
        (
            [[], [f"n{number}" for number in range(22)]],
            " ".join(f"added n{number}" for number in range(20)) + " added 2 more",
        ),
        ("…ab12", "…ab12"),
    ],
)
def test_lines_of_a_list(session_app: Flask, value: Any, words: str) -> None:
    told = shown(session_app, "listed", {"redirect_uris": value})
    assert told == f"redirect URIs: {words}"
