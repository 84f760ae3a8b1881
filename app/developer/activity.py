"""What happened to an app and what it did."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all

from app.audit.models import AuditEvent
from app.audit.words import Difference, differences
from app.web.counting import ENOUGH

#: What a list can be narrowed to: in words, and how its actions begin.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "registered": (
        "What is registered",
        ("client.registered", "client.updated", "client.verified", "client.unver"),
    ),
    "access": ("Roles and direct permissions", ("role.", "permission.")),
    "secrets": ("Secrets", ("client_secret.",)),
    "revoked": (
        "Revoked tokens",
        ("client.token", "client.user_tokens", "authorization_code.", "refresh_token."),
    ),
    "consents": ("What people allowed", ("consent.",)),
    "life": (
        "Disabled, handed over, deleted",
        (
            "client.disabled",
            "client.enabled",
            "client.transferred",
            "client.deleted",
            "client.restored",
        ),
    ),
}
#: As far back as events of one kind are looked for.
LOOKED_THROUGH = 5_000
EVERYTHING = "everything that apps may ask for"


def events_of(client_id: uuid.UUID, *, kind: str = "") -> Select[Any]:
    """Return the select of what was done to or by a client, newest first.

    Of either no more than a list shows: each is read off the end of its index, and
    however many there are, the others are not touched.
    """
    newest = union_all(*(_newest(which, kind) for which in _sides(client_id)))
    return (
        select(AuditEvent)
        .where(AuditEvent.id.in_(newest))
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
    )


def find_event(client_id: uuid.UUID, event_id: uuid.UUID) -> Select[Any]:
    """Return the select of one event, but only if it concerns the client."""
    return select(AuditEvent).where(AuditEvent.id == event_id, _concerns(client_id))


def last_deletion(client_id: uuid.UUID) -> Select[Any]:
    """Return the select of the event by which a client came into the trash."""
    return (
        select(AuditEvent)
        .where(
            AuditEvent.subject_kind == "client",
            AuditEvent.subject_id == client_id,
            AuditEvent.action == "client.deleted",
        )
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
        .limit(1)
    )


def readable(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of an event with what null stands for in them."""
    found = dict(details)
    scopes = found.get("scopes")
    if isinstance(scopes, list) and len(scopes) == 2:
        found["scopes"] = [EVERYTHING if side is None else side for side in scopes]
    return found


def differences_in(details: Mapping[str, Any]) -> list[Difference]:
    """Return the details of an event as lines to read."""
    return differences(readable(details))


def _concerns(client_id: uuid.UUID) -> ColumnElement[bool]:
    return or_(*_sides(client_id))


def _sides(client_id: uuid.UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    event = AuditEvent
    return (
        and_(event.subject_kind == "client", event.subject_id == client_id),
        and_(event.actor_kind == "client", event.actor_id == client_id),
    )


def _newest(which: ColumnElement[bool], kind: str) -> Select[Any]:
    """Return the ids of the newest events, of one kind among LOOKED_THROUGH of them."""
    newest = (
        select(AuditEvent.id, AuditEvent.action)
        .where(which)
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
    )
    if kind not in KINDS:
        return select(newest.limit(ENOUGH + 1).subquery().c.id)
    _, beginnings = KINDS[kind]
    near = newest.limit(LOOKED_THROUGH).subquery()
    return select(near.c.id).where(
        or_(*(near.c.action.startswith(b, autoescape=True) for b in beginnings))
    )
