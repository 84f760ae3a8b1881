"""Writing what happens to a client into the audit log."""

import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.services import record


class Named(Protocol):
    """A client's row, or what a prepared statement read of it."""

    @property
    def id(self) -> uuid.UUID:
        """Its client ID."""

    @property
    def name(self) -> str:
        """What people call it."""


def record_on_client(
    actor: Actor,
    action: str,
    client: Named,
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add an event about a client to the current transaction and return it."""
    return record(
        actor=actor,
        action=action,
        subject_kind="client",
        subject_id=client.id,
        subject_label=client.name,
        details=details,
    )
