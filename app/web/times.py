"""Moments in words: relative where people read them, exact where they point."""

from datetime import datetime, timedelta

from markupsafe import Markup

from app.clock import utcnow

YEAR, MONTH = timedelta(days=365), timedelta(days=30)
UNITS = (
    (YEAR, "year"),
    (MONTH, "month"),
    (timedelta(days=7), "week"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)
#: What lies ahead is counted in a unit up to a number of it: 24 hours are no day, and
#: 30 days no month, to whoever chose them.
AHEAD = (
    (timedelta(minutes=1), "minute", 60),
    (timedelta(hours=1), "hour", 48),
    (timedelta(days=1), "day", 60),
    (MONTH, "month", 24),
)
#: From here on the date says more than the distance.
FAR = timedelta(days=2)


def moment(at: datetime) -> str:
    """Return a moment exactly, to the second."""
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def in_words(at: datetime, now: datetime) -> str:
    """Return how far `at` is from `now`: past units in full, or ahead to the nearest.

    What ends in 30 days still does so when the page that says it arrives.
    """
    if at > now:
        return _ahead(at - now)
    for size, unit in UNITS:
        count = (now - at) // size
        if count:
            return f"{_counted(count, unit)} ago"
    return "just now"


def _ahead(distance: timedelta) -> str:
    for size, unit, most in AHEAD:
        count = round(distance / size)
        if count < most:
            return f"in {_counted(count, unit)}" if count else "in a moment"
    return f"in {_counted(round(distance / YEAR), 'year')}"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def when(at: datetime | None, never: str = "never") -> Markup:
    """Return a `<time>` element for `at`, or the word `never` if there is none."""
    if at is None:
        return Markup('<span class="muted">{}</span>').format(never)
    machine = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        machine, moment(at), in_words(at, utcnow())
    )


def end(at: datetime | None, never: str = "never") -> Markup:
    """Return `when` something ends, with the date beside it where that is days ahead.

    The title, which says it exactly, is out of reach of fingers and keys.
    """
    if at is None or at - utcnow() < FAR:
        return when(at, never)
    return Markup("{}, on {}").format(when(at), f"{at.day} {at:%B %Y}")


def span(seconds: int) -> str:
    """Return a length of time in its one or two largest units."""
    left, parts = timedelta(seconds=seconds), []
    for size, unit in (*UNITS, (timedelta(seconds=1), "second")):
        count, left = divmod(left, size)
        if count and unit not in {"month", "week"}:
            parts.append(_counted(count, unit))
        elif count:
            left += count * size
    return " ".join(parts[:2]) or "0 seconds"
