"""Writing what happens to a person into the audit log."""

from collections.abc import Mapping
from typing import Any

from app.accounts.models import User
from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.services import record


def record_on_user(
    actor: Actor, action: str, user: User, details: Mapping[str, Any] | None = None
) -> AuditEvent:
    """Add an event about a person to the current transaction and return it."""
    return record(
        actor=actor,
        action=action,
        subject_kind="user",
        subject_id=user.id,
        subject_label=user.label,
        details=details,
    )
