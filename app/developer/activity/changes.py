"""What happened to an app and what it did."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, concerns, done_to, newest_of
from app.audit.words import ACTIONS, CASE, CASE_CLOSED
from app.web.counting import ENOUGH

#: What a list can be narrowed to: in words, and its actions.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "registered": (
        "What is registered",
        (
            "client.registered",
            "client.updated",
            "client.reverted",
            "client.verified",
            "client.unverified",
        ),
    ),
    "access": (
        "Roles and direct permissions",
        tuple(ACTIONS["Roles and permissions"]),
    ),
    "secrets": (
        "Secrets",
        (
            "client_secret.created",
            "client_secret.stored",
            "client_secret.expiring",
            "client_secret.revoked",
        ),
    ),
    "revoked": (
        "Revoked tokens",
        (
            "client.tokens_revoked",
            "client.token_revoked",
            "client.user_tokens_revoked",
            "authorization_code.replayed",
            "refresh_token.reused",
        ),
    ),
    "consents": (
        "What people allowed",
        (
            "consent.allowed",
            "consent.withdrawn",
            "consent.trial_ended",
            "consent.ended",
            CASE,
            CASE_CLOSED,
        ),
    ),
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
    _, actions = KINDS[kind]
    return [AuditEvent.action.in_(actions)]
