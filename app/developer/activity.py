"""What happened to an app and what it did."""

import uuid
from typing import Any

from sqlalchemy import Select, or_, select

from app.audit.models import AuditEvent


def events_of(client_id: uuid.UUID) -> Select[Any]:
    """Return the select of what was done to or by a client, newest first."""
    return (
        select(AuditEvent)
        .where(
            or_(
                (AuditEvent.subject_kind == "client")
                & (AuditEvent.subject_id == client_id),
                (AuditEvent.actor_kind == "client")
                & (AuditEvent.actor_id == client_id),
            )
        )
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
    )
