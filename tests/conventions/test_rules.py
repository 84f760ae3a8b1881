"""`docs/rules.md` says what the tests' marks say."""

import pytest

from scripts.rules import (
    DOCUMENT,
    NOT_SUPPORTED,
    TITLES,
    Mark,
    cited_rules,
    collect_marks,
    current,
    marks_of,
    write,
)


def test_the_page_is_the_one_that_the_marks_make() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == current(), "run: make rules"


def test_every_standard_has_its_title() -> None:
    standards = {mark.rule.rpartition(" ")[0] for mark in collect_marks()}
    assert standards <= TITLES.keys()


def test_what_is_not_supported_is_not_claimed_to_be_tested() -> None:
    left_out = {(rule, what) for rule, what, _ in NOT_SUPPORTED}
    assert not left_out & {(mark.rule, mark.duty) for mark in collect_marks()}


def test_marks_are_read_from_functions_and_modules() -> None:
    source = """
pytestmark = [pytest.mark.slow, pytest.mark.rfc("RFC 1 §2", "of all", level="MAY")]

@pytest.mark.rfc("RFC 1 §2.10", "one " "duty")
@pytest.mark.rfc("RFC 1 §2.9", "another", level="SHOULD")
@pytest.mark.parametrize("x", [1])
def test_it(): ...
"""
    assert sorted(marks_of(source, "tests/test_x.py")) == [
        Mark("RFC 1 §2", "of all", "MAY", "tests/test_x.py"),
        Mark("RFC 1 §2.10", "one duty", "MUST", "tests/test_x.py::test_it"),
        Mark("RFC 1 §2.9", "another", "SHOULD", "tests/test_x.py::test_it"),
    ]


@pytest.mark.parametrize(
    "arguments",
    ['"RFC 6749 4.1", "d"', '"RFC 6749 §4", "d."', '"RFC 6749 §4", "d", level="must"'],
)
def test_ill_formed_marks_are_refused(arguments: str) -> None:
    source = f"@pytest.mark.rfc({arguments})\ndef test_it(): ...\n"
    with pytest.raises(ValueError, match="test_it"):
        list(marks_of(source, "x"))


def test_citations_are_read_with_their_company() -> None:
    text = "RFC 6749 §3.1, §3.2 and §4; see RFC 9700 §2.1. OpenID Connect Core §5.4"
    assert list(cited_rules(text)) == [
        "RFC 6749 §3.1",
        "RFC 6749 §3.2",
        "RFC 6749 §4",
        "RFC 9700 §2.1",
        "OpenID Connect Core §5.4",
    ]


def test_rows_are_in_the_order_of_the_sections_and_join_their_tests() -> None:
    marks = [
        Mark("RFC 6749 §10.1", "late", "MUST", "tests/test_a.py"),
        Mark("RFC 6749 §2.1", "early", "MUST", "tests/test_a.py::test_one"),
        Mark("RFC 6749 §2.1", "early", "MUST", "tests/test_b.py::test_two"),
    ]
    page = write(marks, {"RFC 6749 §2.1": ["app.clients"]})
    assert page.index("early") < page.index("late")
    assert (
        "| §2.1 | early | MUST | `app.clients` | [test_a: test_one](../tests/test_a.py)"
        "<br>[test_b: test_two](../tests/test_b.py) |"
    ) in page
