"""Two people at the settings of one app: what was saved, and what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.audit.differences import Difference, changes_in, differences
from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, done_to
from app.clients.details import (
    ClientDetails,
    as_given,
    as_kept,
    checked_details,
    details_of,
)
from app.clients.models import Client
from app.errors import DomainError
from app.extensions import db

#: Each of these counts the client's version up by one.
_COUNTED = (
    "client.updated",
    "client.reverted",
    "client.transferred",
    "client.deleted",
    "client.restored",
)
#: Beyond so many changes nobody wants to read them one by one.
MOST_CHANGES = 20


@dataclass(frozen=True, kw_only=True)
class Saved:
    """One change that came in between."""

    by: str
    at: datetime
    differences: Sequence[Difference]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What was typed, over what was saved meanwhile.

    `details` holds each field as the one who changed it wants it; where both did, as it
    was typed here, and then `clashes` says so: before is what stands, after what was
    typed.
    """

    details: ClientDetails
    saved: Sequence[Saved]
    clashes: Sequence[Difference]


def merge(client: Client, typed: ClientDetails, *, version: int) -> Merge:
    """Lay what was typed over `version` of a client over what it is like now."""
    events = _changes_since(client, version)
    typed = _as_kept(typed, client)
    stands = details_of(client)
    before = _before(stands, events) if events else None
    taken: dict[str, Any] = {}
    clashes = []
    for field in typed.__dataclass_fields__:
        mine, theirs = getattr(typed, field), getattr(stands, field)
        was = theirs if before is None else before[field]
        if mine == theirs:
            continue
        if mine == was and before is not None:
            taken[field] = theirs
        elif theirs != was or before is None:
            clashes.append(_clash(field, theirs=theirs, yours=mine))
    return Merge(
        details=replace(typed, **taken),
        saved=[
            Saved(
                by=event.actor_label,
                at=event.happened_at,
                differences=changes_in(event),
            )
            for event in events
        ],
        clashes=clashes,
    )


def _changes_since(client: Client, version: int) -> Sequence[AuditEvent]:
    """Return what was changed since `version`, newest first; nothing if unknown."""
    count = client.version - version
    if version < 1 or not 1 <= count <= MOST_CHANGES:
        return []
    found = db.session.scalars(
        select(AuditEvent)
        .where(done_to("client", client.id), AuditEvent.action.in_(_COUNTED))
        .order_by(*NEWEST_FIRST)
        .limit(count)
    ).all()
    return found if len(found) == count else []


def _before(stands: ClientDetails, events: Sequence[AuditEvent]) -> dict[str, Any]:
    """Return the details as they were before `events`, which are newest first."""
    values = {field: getattr(stands, field) for field in stands.__dataclass_fields__}
    for event in events:
        for field, change in event.details.items():
            if field in values and isinstance(change, list) and len(change) == 2:
                values[field] = as_given(change[0])
    return values


def _as_kept(typed: ClientDetails, client: Client) -> ClientDetails:
    try:
        return checked_details(typed, registered=client)
    except DomainError:
        return typed


def _clash(field: str, *, theirs: Any, yours: Any) -> Difference:
    (told,) = differences({field: [as_kept(theirs), as_kept(yours)]})
    return told
