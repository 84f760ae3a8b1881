"""Reading the audit log where it is not listed as a whole."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, union_all

from app.audit.models import AuditEvent
from app.audit.words import CASE_CLOSED, is_routine
from app.extensions import db
from app.web.counting import ENOUGH

#: As far back as changes are looked for among what happens every minute.
LOOKED_THROUGH = 100
NEWEST_FIRST = (AuditEvent.happened_at.desc(), AuditEvent.id.desc())


def of_reference(reference: str) -> ColumnElement[bool]:
    """Return the condition for what happened in the request with this reference id."""
    # A refusal's reference has the key of its cause before the hyphen.
    own = reference.rpartition("-")[2]
    return AuditEvent.reference_id.in_({reference, own})


def closed_cases() -> Select[str]:
    """Return the select of the numbers of cases that were closed."""
    number = AuditEvent.details["case"].as_string()
    return select(number).where(AuditEvent.action == CASE_CLOSED, number.is_not(None))


def closings(number: str) -> Select[AuditEvent]:
    """Return the select of the events that closed the case with this number."""
    return select(AuditEvent).where(
        AuditEvent.action == CASE_CLOSED,
        AuditEvent.details["case"].as_string() == number,
    )


def has_happened(reference: str) -> bool:
    """Tell whether any event has this reference id."""
    found = select(AuditEvent.id).where(of_reference(reference)).limit(1)
    return db.session.scalar(found) is not None


def concerns(kind: str, id_: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition for what was done to something, or by it.

    An app also does what people do by it.
    """
    return or_(*_sides(kind, id_))


def done_to(kind: str, id_: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition for what was done to something."""
    return and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id == id_)


def newest_of(
    kind: str,
    id_: uuid.UUID,
    *,
    only: Collection[str] = (),
    without: Collection[str] = (),
    most: int = ENOUGH + 1,
    up_to: datetime | None = None,
) -> Select[Any]:
    """Return the select of what was done to something or by it, newest first.

    What people did by an app is among what was done by it. Of each at most `most` that
    happened until `up_to`, `without` some actions: it is read off the end of its index,
    and however many there are, the others are not touched. The actions of `only` are
    looked for among these.
    """
    is_near = true() if up_to is None else AuditEvent.happened_at <= up_to
    wanted = AuditEvent.action.not_in(without) if without else true()
    sides = (and_(side, is_near, wanted) for side in _sides(kind, id_))
    newest = union_all(*(_newest_ids(side, most, only) for side in sides))
    return select(AuditEvent).where(AuditEvent.id.in_(newest)).order_by(*NEWEST_FIRST)


def _sides(kind: str, id_: uuid.UUID) -> list[ColumnElement[bool]]:
    by_it = and_(AuditEvent.actor_kind == kind, AuditEvent.actor_id == id_)
    sides = [done_to(kind, id_), by_it]
    return [*sides, AuditEvent.via_client_id == id_] if kind == "client" else sides


def _newest_ids(
    which: ColumnElement[bool], most: int, only: Collection[str]
) -> Select[Any]:
    # A part of a union has neither order nor limit by itself.
    newest = (
        select(AuditEvent.id, AuditEvent.action)
        .where(which)
        .order_by(*NEWEST_FIRST)
        .limit(most)
        .subquery()
    )
    return select(newest.c.id).where(newest.c.action.in_(only) if only else true())


def latest_changes(most: int) -> Sequence[AuditEvent]:
    """Return the latest events that changed something, the newest first.

    They are looked for among the last hundred events: what a page shows at a glance
    costs the same however long the log is.
    """
    latest = db.session.scalars(
        select(AuditEvent).order_by(*NEWEST_FIRST).limit(LOOKED_THROUGH)
    ).all()
    return [event for event in latest if not is_routine(event.action)][:most]
