"""The only source of time, so that a test can stop it."""

from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)


def utcnow() -> datetime:
    """Return the current moment, aware and in UTC."""
    return datetime.now(UTC)
