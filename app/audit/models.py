"""Events: what people and apps did, and what was refused. Rows are only ever added."""

import uuid
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import JSON, Connection, Index, String, event, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app.clock import utcnow
from app.database import Base, new_id

_IS_BY_APP = text("via_client_id IS NOT NULL")


class AuditEvent(Base):
    """One act: who did what to which thing, from where, and what it changed.

    It names its actor and subject by id and by the words of that day, without foreign
    keys, so that it outlives them. An app that acted on a person's behalf is named by
    its id; events of before version 0021 of the database know it by the label alone.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_subject", "subject_kind", "subject_id", "happened_at"),
        Index("ix_audit_events_subject_kind", "subject_kind", "happened_at"),
        Index("ix_audit_events_actor", "actor_id", "happened_at"),
        Index("ix_audit_events_happened_at", "happened_at"),
        Index("ix_audit_events_action", "action", "happened_at"),
        Index("ix_audit_events_ip_address", "ip_address", "happened_at"),
        Index("ix_audit_events_reference_id", "reference_id"),
        Index(
            "ix_audit_events_via_client",
            "via_client_id",
            "happened_at",
            sqlite_where=_IS_BY_APP,
            postgresql_where=_IS_BY_APP,
        ),
        Index(
            "ix_audit_events_via_client_for_actor",
            "via_client_id",
            "actor_id",
            "happened_at",
            sqlite_where=_IS_BY_APP,
            postgresql_where=_IS_BY_APP,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    happened_at: Mapped[datetime] = mapped_column(default=utcnow)
    action: Mapped[str] = mapped_column(String(64))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[uuid.UUID | None]
    actor_label: Mapped[str] = mapped_column(String(255))
    via_client_id: Mapped[uuid.UUID | None]
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[uuid.UUID | None]
    subject_label: Mapped[str] = mapped_column(String(255))
    #: What changed, as {field: [before, after]}, or other facts; never a secret.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ip_address: Mapped[str | None] = mapped_column(String(45))
    reference_id: Mapped[str | None] = mapped_column(String(36))


@event.listens_for(AuditEvent, "before_update")
@event.listens_for(AuditEvent, "before_delete")
def _refuse(
    _mapper: Mapper[AuditEvent], _connection: Connection, _event: AuditEvent
) -> NoReturn:
    # PostgreSQL refuses by a trigger too, whoever asks.
    raise RuntimeError("audit events are only ever added")
