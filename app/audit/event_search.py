"""Searching the log for a page: a search that reads each event ends after so many.

One filter is answered by its index. What else is asked for, a part of a name above all,
is looked for among LOOKED_THROUGH of the events that are left, the newest first: names
are those of the day, also of what was renamed or deleted since, and no index finds a
part of one. How far a look went is said, and the next one goes on from there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select

from app.audit.filters import Filters
from app.audit.models import AuditEvent
from app.extensions import db
from app.web.pagination import Page

LOOKED_THROUGH = 10_000


@dataclass(frozen=True)
class Look:
    """What a search found, newest first.

    `older` is when the newest event happened that was not looked at any more; null if
    all were.
    """

    events: Select[AuditEvent]
    older: datetime | None


def look(filters: Filters, *, up_to: datetime | None = None) -> Look:
    """Return what the filters let through, of what happened until `up_to`."""
    happened_at = AuditEvent.happened_at
    found, is_near = filters.select(), filters.looked_up()
    if up_to is not None:
        found = found.where(happened_at <= up_to)
        is_near.append(happened_at <= up_to)
    if not filters.looked_for():
        return Look(found, None)
    # Read off the index alone.
    moments = select(happened_at).where(*is_near).order_by(happened_at.desc())
    older = db.session.scalar(moments.offset(LOOKED_THROUGH).limit(1))
    return Look(found if older is None else found.where(happened_at > older), older)


def further_back(found: Page[AuditEvent], *, older: datetime | None) -> datetime | None:
    """Return where to look on after the last page; null if there is nothing, or yet.

    A list that ends before all that was found goes on with its last event.
    """
    if found.next_page is not None:
        return None
    return found.items[-1].happened_at if found.is_cut else older


def in_address(at: datetime) -> str:
    """Return a moment as it stands in an address."""
    return at.isoformat().replace("+00:00", "Z")


def moment_in(text: str) -> datetime | None:
    """Return the moment that an address names, null if it makes no sense."""
    try:
        at = datetime.fromisoformat(text.strip())
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
