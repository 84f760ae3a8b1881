"""Time that a test moves."""

from datetime import datetime, timedelta, tzinfo

import pytest

from app import clock


class MovableClock:
    """Stands in for `datetime` in `app.clock`, the product's only source of time."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self, zone: tzinfo) -> datetime:
        """Return the moved moment."""
        return datetime.now(zone) + self.ahead

    def forward(self, **duration: float) -> None:
        """Let time pass, in the arguments of `timedelta`."""
        self.ahead += timedelta(**duration)


def install_clock(patch: pytest.MonkeyPatch) -> MovableClock:
    """Let the product read its time from a clock that can be moved."""
    movable = MovableClock()
    patch.setattr(clock, "datetime", movable)
    return movable
