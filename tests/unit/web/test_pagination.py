"""Long lists in pages."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.models import Permission
from app.web.counting import Count
from app.web.pagination import Page, paginate, requested_page

ALL = select(Permission).order_by(Permission.name)


@pytest.mark.parametrize(
    ("page", "total", "numbers"),
    [
        (1, 0, [1]),
        (1, 30, [1, 2, 3]),
        (1, 100, [1, 2, None, 10]),
        (5, 100, [1, None, 4, 5, 6, None, 10]),
        (10, 100, [1, None, 9, 10]),
        (3, 50, [1, 2, 3, 4, 5]),
    ],
)
def test_numbers_worth_a_link(page: int, total: int, numbers: list[int | None]) -> None:
    assert (
        Page(items=[0], page=page, per_page=10, total=Count(total)).numbers == numbers
    )


def test_the_ends_have_one_neighbour() -> None:
    first = Page(items=[0], page=1, per_page=10, total=Count(25))
    last = Page(items=[0] * 5, page=3, per_page=10, total=Count(25))
    assert (first.previous_page, first.next_page) == (None, 2)
    assert (last.previous_page, last.next_page) == (2, None)
    assert (last.first_number, last.last_number, last.pages) == (21, 25, 3)


def test_an_empty_list_has_one_page() -> None:
    page = Page[int](items=[], page=1, per_page=10, total=Count(0))
    assert (page.pages, page.first_number, page.last_number) == (1, 0, 0)


def test_pages_of_rows(context: None) -> None:
    first = paginate(ALL, page=1, per_page=2)
    second = paginate(ALL, page=2, per_page=2)
    assert first.total == 5
    assert [item.name for item in first.items] == ["introspect_tokens", "manage_system"]
    assert [item.name for item in second.items] == ["manage_users", "view_audit_log"]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (3, 3), (999, 3)])
def test_a_page_that_is_not_there_is_the_nearest(
    context: None, asked: int, given: int
) -> None:
    page = paginate(ALL, page=asked, per_page=2)
    assert page.page == given
    assert page.items


def test_a_statement_of_several_columns_gives_rows(context: None) -> None:
    statement = select(Permission.name, Permission.is_built_in).order_by(
        Permission.name
    )
    row = paginate(statement, page=1).items[0]
    assert tuple(row) == ("introspect_tokens", True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("2", 2),
        ("0", 1),
        ("-1", 1),
        ("two", 1),
        ("²", 1),
        ("٣", 1),
        ("1e9", 1),
        ("9" * 7, 1_000_000),
        ("9" * 5000, 1),
    ],
)
def test_a_number_in_the_address_is_read_kindly(
    pages: Flask, text: str, number: int
) -> None:
    with pages.test_request_context("/samples/open", query_string={"page": text}):
        assert requested_page() == number
