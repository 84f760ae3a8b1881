"""Who ended the secrets of an app, as far as the audit log tells."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select

from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, done_to
from app.clients.models import Client, ClientSecret
from app.extensions import db

#: Each ends secrets: one by itself, or the others by making a new one.
_ENDING = ("client_secret.revoked", "client_secret.created")
MOST_EVENTS = 200
#: An event is recorded with what it tells, or right after.
_AT_ONCE = timedelta(minutes=1)


def who_revoked(
    client: Client, secrets: Iterable[ClientSecret]
) -> dict[uuid.UUID, str]:
    """Return who revoked each of these secrets; of those that expired nobody is."""
    revoked = {s.id: s for s in secrets if s.revoked_at is not None}
    if not revoked:
        return {}
    events = _events(client)
    found = {id_: _who(secret, events) for id_, secret in revoked.items()}
    return {id_: who for id_, who in found.items() if who is not None}


def _events(client: Client) -> Sequence[AuditEvent]:
    return db.session.scalars(
        select(AuditEvent)
        .where(done_to("client", client.id), AuditEvent.action.in_(_ENDING))
        .order_by(*NEWEST_FIRST)
        .limit(MOST_EVENTS)
    ).all()


def _who(secret: ClientSecret, events: Iterable[AuditEvent]) -> str | None:
    return next((e.actor_label for e in events if _has_ended(e, secret)), None)


def _has_ended(event: AuditEvent, secret: ClientSecret) -> bool:
    at = secret.revoked_at
    if at is None or abs(event.happened_at - at) > _AT_ONCE:
        return False
    if event.action == "client_secret.revoked":
        return bool(event.details.get("secret") == f"…{secret.hint}")
    return bool(event.details.get("others_expire_at") == at.isoformat())
