"""Writing the audit log. Events are added, never changed or removed."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.extensions import db


def record(
    *,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: uuid.UUID | None = None,
    subject_label: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add an event to the current transaction and return it.

    `action` is a past participle with its subject (`client.registered`); `details` are
    differences as `{field: [before, after]}`, of the fields that `words.CHANGED` names,
    or other facts, never a secret.
    """
    event = AuditEvent(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:255],
        via_client_id=actor.via_client_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_label=subject_label[:255],
        details=dict(details or {}),
        ip_address=actor.ip_address,
        reference_id=actor.reference_id,
    )
    db.session.add(event)
    return event
