"""The latest events that a person caused or that were about them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select, union_all

from app.audit.models import AuditEvent
from app.extensions import db

MOST_EVENTS = 50


def recent_events(user_id: uuid.UUID) -> Sequence[AuditEvent]:
    """Return at most MOST_EVENTS events of a person, the latest first."""
    about = _latest(AuditEvent.subject_kind == "user", AuditEvent.subject_id == user_id)
    by = _latest(AuditEvent.actor_id == user_id)
    ids = union_all(
        select(about.subquery().c.id), select(by.subquery().c.id)
    ).subquery()
    return db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.id.in_(select(ids.c.id)))
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()


def _latest(*conditions: ColumnElement[bool]) -> Select[uuid.UUID]:
    # Each half is found by an index of its own.
    return (
        select(AuditEvent.id)
        .where(*conditions)
        .order_by(AuditEvent.happened_at.desc())
        .limit(MOST_EVENTS)
    )
