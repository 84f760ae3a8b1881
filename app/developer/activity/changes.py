"""What happened to an app and what it did."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, concerns, done_to, newest_of
from app.web.counting import ENOUGH

#: What a list can be narrowed to: in words, and how its actions begin.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "registered": (
        "What is registered",
        (
            "client.registered",
            "client.updated",
            "client.reverted",
            "client.verified",
            "client.unver",
        ),
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


def events_of(client_id: uuid.UUID, *, kind: str = "") -> Select[Any]:
    """Return the select of what was done to or by a client, newest first.

    One kind is looked for among the last LOOKED_THROUGH.
    """
    most = LOOKED_THROUGH if kind in KINDS else ENOUGH + 1
    return newest_of("client", client_id, *_is_of(kind), most=most)


def find_event(client_id: uuid.UUID, event_id: uuid.UUID) -> Select[Any]:
    """Return the select of one event, but only if it concerns the client."""
    return select(AuditEvent).where(
        AuditEvent.id == event_id, concerns("client", client_id)
    )


def last_deletion(client_id: uuid.UUID) -> Select[Any]:
    """Return the select of the event by which a client came into the trash."""
    return (
        select(AuditEvent)
        .where(done_to("client", client_id), AuditEvent.action == "client.deleted")
        .order_by(*NEWEST_FIRST)
        .limit(1)
    )


def _is_of(kind: str) -> list[ColumnElement[bool]]:
    if kind not in KINDS:
        return []
    _, beginnings = KINDS[kind]
    action = AuditEvent.action
    return [or_(*(action.startswith(b, autoescape=True) for b in beginnings))]
