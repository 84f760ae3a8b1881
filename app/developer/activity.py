"""What happened to an app and what it did."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, union_all

from app.audit.models import AuditEvent
from app.web.counting import ENOUGH


def events_of(client_id: uuid.UUID) -> Select[Any]:
    """Return the select of what was done to or by a client, newest first.

    Of either no more than a list shows: each is read off the end of its index, and
    however many there are, the others are not touched.
    """
    event = AuditEvent
    to_it = and_(event.subject_kind == "client", event.subject_id == client_id)
    by_it = and_(event.actor_kind == "client", event.actor_id == client_id)
    newest = union_all(_newest(to_it), _newest(by_it))
    return (
        select(event)
        .where(event.id.in_(newest))
        .order_by(event.happened_at.desc(), event.id.desc())
    )


def _newest(which: ColumnElement[bool]) -> Select[Any]:
    ids = (
        select(AuditEvent.id)
        .where(which)
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
        .limit(ENOUGH + 1)
    )
    return select(ids.subquery().c.id)
