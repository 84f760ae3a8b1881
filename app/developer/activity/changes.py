"""What happened to an app and what it did."""

import uuid
from typing import Any

from sqlalchemy import Select, select

from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, concerns, done_to, newest_of
from app.audit.words import ACTIONS, CASE, CASE_CLOSED
from app.web.counting import ENOUGH

#: Each trial leaves several of these and changes nothing: they are shown on demand.
TRIALS = tuple(ACTIONS["Trials"])
#: What a list can be narrowed to: in words, and its actions.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "registered": (
        "Registration",
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
        "Consents",
        ("consent.allowed", "consent.withdrawn", "consent.ended", CASE, CASE_CLOSED),
    ),
    "life": (
        "Disabled, transferred, deleted",
        (
            "client.disabled",
            "client.enabled",
            "client.transferred",
            "client.deleted",
            "client.restored",
        ),
    ),
    "trials": ("Trials", TRIALS),
}
#: As far back as events of one kind are looked for.
LOOKED_THROUGH = 5_000


def events_of(client_id: uuid.UUID, *, kind: str = "") -> Select[Any]:
    """Return the select of what was done to or by a client, newest first.

    One kind is looked for among the last LOOKED_THROUGH; trials are among no other.
    """
    if kind not in KINDS:
        return newest_of("client", client_id, without=TRIALS, most=ENOUGH + 1)
    actions = KINDS[kind][1]
    return newest_of("client", client_id, only=actions, most=LOOKED_THROUGH)


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
