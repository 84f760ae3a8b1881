"""Plots as numbers: where the template puts bars, lines and labels.

Across, everything is a share of the width, so that a plot fits every screen without
stretching its letters; downwards it is pixels of a fixed height.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

HEIGHT = 200
#: The upper band holds what was granted, the lower one what was refused: they differ by
#: their place, whatever the colours.
TOP, BOTTOM = 22, 178
#: Between them stand the words that name the lower one's maximum.
BETWEEN = 30
#: How much of the height the upper band takes where each has a scale of its own.
UPPER_SHARE = 5 / 7
#: Bands share a scale unless the higher number is so many times the lower one.
ALIKE = 5
#: What is not nothing can be seen, however small beside the rest.
LEAST_HEIGHT = 2
#: How much of its hour's width a bar takes.
BAR_SHARE = 0.72
STEPS = (1, 2, 3, 6, 12, 24)
MOST_LABELS = 7
#: Nearer than this to an edge, words would hang over it on a phone.
EDGE = 8


class HourlyNumbers(Protocol):
    """An hour by its beginning, with what was granted and refused in it."""

    @property
    def at(self) -> datetime:
        """When the hour began, in UTC."""

    @property
    def requests(self) -> int:
        """How many requests were granted."""

    @property
    def refusals(self) -> int:
        """How many requests were refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A part of the height: the line of the maximum, `most`, and the line of zero."""

    top: int
    zero: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """A bar; `y` and `height` in pixels."""

    y: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An hour in the plot and in the table; `x` is a share of the width in percent."""

    x: float
    at: datetime
    requests: int
    refusals: int
    requests_bar: Rectangle | None
    refusals_bar: Rectangle | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words below the plot: their `anchor` stands at `x` percent of its width."""

    x: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPlot:
    """Requests and refusals by the hour, ready to draw."""

    columns: Sequence[Column]
    labels: Sequence[Label]
    bar_width: float
    upper: Band
    lower: Band
    is_one_scale: bool
    requests: int
    refusals: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.requests or self.refusals)


def plot_hours(hours: Sequence[HourlyNumbers]) -> HoursPlot:
    """Return the plot of `hours`, the oldest on the left.

    Each band ends at a round number, which its line is named by. Both have one scale
    if these are alike. Otherwise each has its own: a few refusals among very many
    requests can still be seen.
    """
    upper, lower, is_one_scale = _bands(
        round_maximum(max((hour.requests for hour in hours), default=0)),
        round_maximum(max((hour.refusals for hour in hours), default=0)),
    )
    width = 100 / max(1, len(hours))
    columns = [
        Column(
            x=round(number * width + width * (1 - BAR_SHARE) / 2, 1),
            at=hour.at,
            requests=hour.requests,
            refusals=hour.refusals,
            requests_bar=_bar(hour.requests, upper),
            refusals_bar=_bar(hour.refusals, lower),
        )
        for number, hour in enumerate(hours)
    ]
    return HoursPlot(
        columns=columns,
        labels=_labels(columns),
        bar_width=round(width * BAR_SHARE, 1),
        upper=upper,
        lower=lower,
        is_one_scale=is_one_scale,
        requests=sum(hour.requests for hour in hours),
        refusals=sum(hour.refusals for hour in hours),
    )


def round_maximum(value: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 and so on that `value` fits under."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if value <= step * power:
                return step * power
        power *= 10


def _bands(most_requests: int, most_refusals: int) -> tuple[Band, Band, bool]:
    """Return both bands, and whether a pixel stands for the same number in each."""
    lowest, highest = sorted((most_requests, most_refusals))
    is_one_scale = highest <= ALIKE * lowest
    share = UPPER_SHARE
    if is_one_scale:
        share = most_requests / (most_requests + most_refusals)
    zero = TOP + round((BOTTOM - TOP - BETWEEN) * share)
    upper = Band(top=TOP, zero=zero, most=most_requests)
    lower = Band(top=zero + BETWEEN, zero=BOTTOM, most=most_refusals)
    return upper, lower, is_one_scale


def _bar(value: int, band: Band) -> Rectangle | None:
    if value <= 0:
        return None
    height = max(LEAST_HEIGHT, round((band.zero - band.top) * value / band.most))
    return Rectangle(y=band.zero - height, height=height)


def _labels(columns: Sequence[Column]) -> list[Label]:
    step = next((s for s in STEPS if len(columns) <= s * MOST_LABELS), STEPS[-1])
    return [
        _label(column.at, middle=round((number + 0.5) * 100 / len(columns), 1))
        for number, column in enumerate(columns)
        if column.at.hour % step == 0
    ]


def _label(at: datetime, *, middle: float) -> Label:
    if middle < EDGE:
        return Label(x=0, anchor="start", text=_hour(at))
    if middle > 100 - EDGE:
        return Label(x=100, anchor="end", text=_hour(at))
    return Label(x=middle, anchor="middle", text=_hour(at))


def _hour(at: datetime) -> str:
    return f"{at:%H:%M}" if at.hour else f"{at.day} {at:%b}"
