"""Counts with an end, and long lists that say so."""

import json

import pytest
from flask import Flask
from sqlalchemy import Select, literal, select

from app.extensions import db
from app.web.counting import Count, count_of, counting, in_sentence
from app.web.pagination import paginate
from tests.support.databases import count_statements


def numbers(last: int) -> Select[int]:
    """Return a select of the numbers from 1 to `last`."""
    one = select(literal(1).label("number")).where(literal(last) > 0)
    one = one.cte("numbers", recursive=True)
    following = select(one.c.number + 1).where(one.c.number < last)
    every = one.union_all(following)
    return select(every.c.number).order_by(every.c.number)


@pytest.mark.parametrize(
    ("found", "written", "words"),
    [
        (None, "0", "0"),
        (1, "1", "1"),
        (999, "999", "999"),
        (1000, "1,000", "1,000"),
        (1001, "1,000+", "more than 1,000"),
    ],
)
def test_a_count_says_whether_there_are_more(
    found: int | None, written: str, words: str
) -> None:
    count = count_of(found)
    assert (str(count), f"{count}", count.words) == (written, written, words)
    assert count == min(found or 0, 1000)
    assert json.dumps(count) == str(int(count))


def test_a_count_is_as_good_as_a_number() -> None:
    assert Count(1) == 1
    assert not Count(0)
    assert Count(3) + 1 == 4


@pytest.mark.parametrize(("there", "number"), [(1, 1), (7, 7), (8, 8), (90, 8)])
def test_rows_are_counted_so_far_and_no_further(
    context: None, there: int, number: int
) -> None:
    found = db.session.scalar(select(counting(numbers(there), most=8)))
    assert count_of(found, most=8) == number
    assert count_of(found, most=8).is_more is (there > 8)


@pytest.mark.parametrize(
    ("asked", "given", "first", "words"),
    [
        (1, 1, 1, "more than 1,000"),
        (39, 39, 951, "more than 1,000"),
        # The end of what was counted: there is a next page all the same.
        (40, 40, 976, "more than 2,000"),
        (41, 41, 1001, "more than 2,000"),
        (200, 200, 4976, "more than 5,000"),
        (999_999, 200, 4976, "more than 5,000"),
    ],
)
def test_a_long_list_is_counted_a_thousand_further(
    context: None, asked: int, given: int, first: int, words: str
) -> None:
    page = paginate(numbers(6_000), page=asked, most=5_000)
    assert (page.page, page.items[0], page.total_words) == (given, first, words)
    assert len(page.items) == 25
    assert page.next_page == (None if given == 200 else given + 1)
    assert page.is_cut is (given == 200)


def test_a_list_within_the_bound_is_counted_whole(context: None) -> None:
    last = paginate(numbers(1_030), page=7_000, most=5_000)
    assert (last.page, last.total, last.total_words) == (42, 1030, "1,030")
    assert list(last.items) == list(range(1026, 1031))
    assert not last.is_cut
    exactly = paginate(numbers(1_000), page=40)
    assert (exactly.next_page, exactly.is_cut) == (None, False)


@pytest.mark.parametrize(
    ("there", "page", "statements"), [(0, 1, 1), (24, 1, 1), (5_000, 1, 2), (30, 7, 2)]
)
def test_a_page_costs_two_statements_at_most(
    app: Flask, there: int, page: int, statements: int
) -> None:
    with app.app_context(), count_statements(app) as sent:
        assert paginate(numbers(there), page=page).total == min(there, 1_000)
    kinds = [statement.split()[0] for statement in sent]
    assert len(kinds) - kinds.count("BEGIN") == statements


def test_a_count_begins_a_sentence() -> None:
    assert in_sentence(Count(1), "token ends", "tokens end") == "1 token ends"
    assert in_sentence(Count(0), "token ends", "tokens end") == "0 tokens end"
    many = Count(1_000, is_more=True)
    assert in_sentence(many, "token ends", "tokens end") == "more than 1,000 tokens end"
