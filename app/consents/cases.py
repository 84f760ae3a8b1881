"""Cases that people opened by *this wasn't me*, as the audit log keeps them.

The log is only ever added to: a case is closed by another event, which names it.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Select, or_, select

from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, closed_cases, closings
from app.audit.services import record
from app.audit.words import CASE, CASE_CLOSED
from app.clients.queries import find_client
from app.clock import utcnow
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.locking import lock
from app.text import checked_line

#: So long administrators are reminded of a case; the log keeps it for good.
REMINDED_OF = timedelta(days=30)
#: As many of the latest cases are looked through, whoever opened them.
LATEST = 100
REASON_LENGTH = 300


def open_cases() -> Select[AuditEvent]:
    """Return the select of the latest open cases, newest first, off an index's end."""
    number = AuditEvent.reference_id
    return (
        select(AuditEvent)
        .where(
            AuditEvent.action == CASE,
            AuditEvent.happened_at > utcnow() - REMINDED_OF,
            or_(number.is_(None), number.not_in(closed_cases())),
        )
        .order_by(*NEWEST_FIRST)
        .limit(LATEST)
    )


def open_cases_about(
    client_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID, list[AuditEvent]]:
    """Return the latest open cases about each of these clients, newest first."""
    found: dict[uuid.UUID, list[AuditEvent]] = {}
    for case in db.session.scalars(open_cases()):
        if case.subject_id is not None and case.subject_id in client_ids:
            found.setdefault(case.subject_id, []).append(case)
    return found


def find_case(number: str) -> AuditEvent | None:
    """Return the case with this number, whoever opened it."""
    return db.session.scalar(
        select(AuditEvent)
        .where(AuditEvent.reference_id == number, AuditEvent.action == CASE)
        .order_by(*NEWEST_FIRST)
        .limit(1)
    )


def closing_of(case: AuditEvent) -> AuditEvent | None:
    """Return the event that closed a case; null while it is open."""
    return db.session.scalar(
        closings(case.reference_id or "").order_by(*NEWEST_FIRST).limit(1)
    )


def close_case(*, actor: Actor, case: AuditEvent, reason: str) -> AuditEvent:
    """Close a case: nobody is reminded of it any more. The log keeps the `reason`.

    Raises ConflictError if somebody has closed it, of two at once for one. Flushes.
    """
    reason = checked_line(reason, field="reason", limit=REASON_LENGTH)
    if not reason:
        raise DomainError("Say what you found out.", field="reason")
    _lock_client_of(case)
    if closing_of(case):
        raise ConflictError("Somebody has closed this case already.")
    closing = record(
        actor=actor,
        action=CASE_CLOSED,
        subject_kind=case.subject_kind,
        subject_id=case.subject_id,
        subject_label=case.subject_label,
        details={"case": case.reference_id, "reason": reason},
    )
    db.session.flush()
    return closing


def _lock_client_of(case: AuditEvent) -> None:
    client = find_client(str(case.subject_id), with_deleted=True)
    if client is not None:
        lock(client)
