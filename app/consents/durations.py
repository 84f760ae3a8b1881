"""How long people let an app act for them: once, for a month, or until they stop it."""

from datetime import datetime, timedelta

ONCE, MONTH, ALWAYS = "once", "month", "always"
DURATIONS = (ONCE, MONTH, ALWAYS)
MONTH_LENGTH = timedelta(days=30)


def end_of(
    duration: str, *, now: datetime, code_ttl: int, access_token_ttl: int
) -> datetime | None:
    """Return when a consent that is given `now` ends by itself; null is never.

    One for once lasts as long as its code and one access token can, in seconds: what
    the app is given lives its usual life, and cannot be refreshed beyond it.
    """
    if duration == ALWAYS:
        return None
    if duration == MONTH:
        return now + MONTH_LENGTH
    return now + timedelta(seconds=code_ttl + access_token_ttl)
