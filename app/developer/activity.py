"""What happened to an app and what it did."""

import uuid
from typing import Any

from sqlalchemy import Select, and_, not_, select, union_all
from sqlalchemy.orm import aliased

from app.audit.models import AuditEvent


def events_of(client_id: uuid.UUID) -> Select[Any]:
    """Return the select of what was done to or by a client, newest first.

    Both are read in the order of their indexes and merged, so that the first page of
    many events sorts none of the others.
    """
    to_it = and_(
        AuditEvent.subject_kind == "client", AuditEvent.subject_id == client_id
    )
    by_it = and_(AuditEvent.actor_kind == "client", AuditEvent.actor_id == client_id)
    either = union_all(
        select(AuditEvent).where(to_it), select(AuditEvent).where(by_it, not_(to_it))
    )
    event = aliased(AuditEvent, either.subquery())
    return select(event).order_by(event.happened_at.desc(), event.id.desc())
