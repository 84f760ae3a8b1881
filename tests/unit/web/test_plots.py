"""Plots: where bars stand, and that nobody needs to see them to know the numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, render_template_string

from app.web.plots import BOTTOM, TOP, plot_hours, round_maximum
from tests.support.markup import Element, parse

FIRST = datetime(2026, 3, 1, 13, tzinfo=UTC)
SOURCE = (
    '{% import "web/plots.html" as plots with context %}'
    '{{ plots.hours(hours, "traffic", "Requests per hour") }}'
)


@dataclass(frozen=True)
class Numbers:
    at: datetime
    requests: int = 0
    refusals: int = 0


def day(**numbers: dict[int, int]) -> list[Numbers]:
    """Return 24 hours; `requests` and `refusals` are given by the hour's number."""
    return [
        Numbers(
            FIRST + timedelta(hours=number),
            **{name: given.get(number, 0) for name, given in numbers.items()},
        )
        for number in range(24)
    ]


def drawn(pages: Flask, hours: list[Numbers]) -> tuple[str, Element]:
    with pages.test_request_context("/"):
        text = render_template_string(SOURCE, hours=hours)
    return text, parse(text)


@pytest.mark.parametrize(
    ("value", "maximum"),
    [(0, 1), (1, 1), (3, 5), (7, 10), (11, 20), (50, 50), (51, 100), (1201, 2000)],
)
def test_a_scale_ends_at_a_round_number(value: int, maximum: int) -> None:
    assert round_maximum(value) == maximum


def test_bars_stand_on_the_line_of_zero_and_in_proportion() -> None:
    plot = plot_hours(day(requests={0: 100, 1: 50, 2: 1}, refusals={1: 4}))
    full, half, one = (column.requests_bar for column in plot.columns[:3])
    assert not plot.is_one_scale
    top, zero = plot.upper.top, plot.upper.zero
    assert TOP == top < zero < plot.lower.top < plot.lower.zero == BOTTOM
    assert full is not None
    assert (full.y, full.height) == (top, zero - top)
    assert half is not None
    assert (half.height, half.y + half.height) == ((zero - top) / 2, zero)
    assert one is not None
    assert one.height == 2, "what is not nothing can be seen"
    refused = plot.columns[1].refusals_bar
    assert refused is not None
    assert plot.lower.top < refused.y < refused.y + refused.height == BOTTOM
    assert plot.columns[3].requests_bar is plot.columns[3].refusals_bar is None


@pytest.mark.parametrize(
    ("requests", "refusals", "is_one_scale"),
    [(7, 22, True), (10, 50, True), (10, 51, False), (50, 10, True), (100, 10, False)],
)
def test_numbers_that_are_alike_are_drawn_on_one_scale(
    requests: int, refusals: int, is_one_scale: bool
) -> None:
    plot = plot_hours(day(requests={0: requests}, refusals={0: refusals}))
    assert plot.is_one_scale is is_one_scale
    bars = plot.columns[0].requests_bar, plot.columns[0].refusals_bar
    upper, lower = (bar.height for bar in bars if bar is not None)
    if is_one_scale:
        assert upper / lower == pytest.approx(requests / refusals, rel=0.05)


def test_a_scale_of_its_own_is_said(pages: Flask) -> None:
    words = "Refused (separate scale)"
    assert words in drawn(pages, day(requests={0: 900}, refusals={0: 1}))[0]
    assert words not in drawn(pages, day(requests={0: 9}, refusals={0: 9}))[0]
    text, _ = drawn(pages, day(requests={0: 9}))
    assert words not in text
    assert "None refused" in text
    assert "None granted" in drawn(pages, day(refusals={0: 9}))[0]


def test_the_maximum_of_a_scale_is_a_number_and_no_count(pages: Flask) -> None:
    _, tree = drawn(pages, day(requests={0: 900}, refusals={0: 26}))
    words = [text.text for text in tree.one("svg").all("text")]
    assert words[:4] == ["1,000", "Granted", "50", "Refused (separate scale)"]


def test_columns_fill_the_width_and_stay_within() -> None:
    plot = plot_hours(day(requests={23: 1}))
    assert plot.columns[0].x > 0
    assert 99 < plot.columns[-1].x + plot.bar_width < 100
    assert [label.text for label in plot.labels] == ["18:00", "2 Mar", "06:00", "12:00"]
    assert [label.anchor for label in plot.labels] == ["middle"] * 3 + ["end"]
    assert plot.labels[-1].x == 100


def test_no_hours_at_all_are_an_empty_plot() -> None:
    assert plot_hours([]).is_empty


def test_each_bar_says_its_numbers_and_the_table_says_them_again(pages: Flask) -> None:
    hours = day(requests={0: 1, 5: 1200}, refusals={5: 3})
    _, tree = drawn(pages, hours)
    titles = [title.text for title in tree.all("title")]
    assert titles == [
        "1 Mar 13:00: 1 granted",
        "1 Mar 18:00: 1,200 granted, 3 refused",
    ]
    rows = [
        [cell.text for cell in row.all("th") + row.all("td")]
        for row in tree.one("tbody").all("tr")
    ]
    assert len(rows) == 24
    assert rows[5] == ["1 Mar 18:00", "1,200", "3"]
    assert rows[6] == ["1 Mar 19:00", "0", "0"]


def test_the_picture_is_named_and_summed_up(pages: Flask) -> None:
    _, tree = drawn(pages, day(requests={0: 10}, refusals={1: 2}))
    picture = tree.one("svg")
    assert picture["role"] == "img"
    assert "Requests per hour" in tree.one(id=picture["aria-labelledby"]).text
    assert tree.one(id=picture["aria-describedby"]).text == "10 granted, 2 refused"


def test_a_day_without_requests_says_so(pages: Flask) -> None:
    _, tree = drawn(pages, day())
    assert tree.all("svg") == tree.all("table") == []
    assert "No requests" in tree.text


def test_a_busy_day_weighs_little(pages: Flask) -> None:
    busy = dict.fromkeys(range(24), 1_234)
    text, _ = drawn(pages, day(requests=busy, refusals={3: 5, 4: 120, 20: 1}))
    assert len(text.encode()) < 6 * 1024
    text, _ = drawn(pages, day(requests=busy, refusals=busy))
    assert len(text.encode()) < 7.5 * 1024
    assert "style=" not in text
