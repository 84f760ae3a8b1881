"""Moments in words: relative where people read them, exact where they point."""

from datetime import datetime, timedelta

from markupsafe import Markup

from app.clock import utcnow

UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=7), "week"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def moment(at: datetime) -> str:
    """Return a moment exactly, to the second."""
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def in_words(at: datetime, now: datetime) -> str:
    """Return how far `at` is from `now`, in the largest unit that fits."""
    distance = abs(now - at)
    for size, unit in UNITS:
        count = distance // size
        if count:
            plural = "" if count == 1 else "s"
            text = f"{count} {unit}{plural}"
            return f"{text} ago" if at <= now else f"in {text}"
    return "just now" if at <= now else "in a moment"


def when(at: datetime | None, never: str = "never") -> Markup:
    """Return a `<time>` element for `at`, or the word `never` if there is none."""
    if at is None:
        return Markup('<span class="muted">{}</span>').format(never)
    machine = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        machine, moment(at), in_words(at, utcnow())
    )


def span(seconds: int) -> str:
    """Return a length of time in its one or two largest units."""
    left, parts = timedelta(seconds=seconds), []
    for size, unit in (*UNITS, (timedelta(seconds=1), "second")):
        count, left = divmod(left, size)
        if count and unit not in {"month", "week"}:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
        elif count:
            left += count * size
    return " ".join(parts[:2]) or "0 seconds"
