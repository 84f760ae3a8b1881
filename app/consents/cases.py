"""Cases that people opened by *this wasn't me*, as the audit log keeps them."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Select, select

from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST
from app.clock import utcnow
from app.extensions import db

DISPUTED = "consent.disputed"
#: So long administrators are reminded of a case; the log keeps it for good.
REMINDED_OF = timedelta(days=30)
#: As many of the latest cases are looked through, whoever opened them.
LATEST = 100


def recent_cases() -> Select[AuditEvent]:
    """Return the select of the latest cases, newest first, read off an index's end."""
    return (
        select(AuditEvent)
        .where(
            AuditEvent.action == DISPUTED,
            AuditEvent.happened_at > utcnow() - REMINDED_OF,
        )
        .order_by(*NEWEST_FIRST)
        .limit(LATEST)
    )


def cases_about(
    client_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID, list[AuditEvent]]:
    """Return the latest cases about each of these clients, newest first, if any."""
    found: dict[uuid.UUID, list[AuditEvent]] = {}
    for case in db.session.scalars(recent_cases()):
        if case.subject_id is not None and case.subject_id in client_ids:
            found.setdefault(case.subject_id, []).append(case)
    return found
