"""*This wasn't me*: a person did not allow an app, or not what it did."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import User, UserSession
from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.words import CASE
from app.clients.events import record_on_client
from app.clients.models import Client
from app.consents.models import Consent
from app.consents.services import withdraw_app
from app.extensions import db

KNOWN_ADDRESSES = 5


def dispute(
    *, actor: Actor, user: User, here: UserSession, client: Client
) -> AuditEvent | None:
    """End all that `client` has of the person, and open a case for administrators.

    The app's tokens for the person are dead at once, and the person is signed out at
    every browser but this one. The event is the case; its reference id is the case's
    number. Sent twice, the first case is returned; null where there never was one.
    Flushes.
    """
    ended = withdraw_app(actor=actor, user_id=user.id, client_id=client.id)
    if not ended:
        return _last_case(user, client.id)
    count = accounts.end_other_sessions(actor=actor, user=user, keep=here)
    case = record_on_client(
        actor, CASE, client, _facts(ended, user=user, client=client, sessions=count)
    )
    db.session.flush()
    return case


def find_case(user: User, number: str) -> AuditEvent | None:
    """Return the person's own case with this number."""
    return db.session.scalar(
        select(AuditEvent).where(
            AuditEvent.reference_id == number,
            AuditEvent.actor_id == user.id,
            AuditEvent.action == CASE,
        )
    )


def _last_case(user: User, client_id: uuid.UUID) -> AuditEvent | None:
    return db.session.scalar(
        select(AuditEvent)
        .where(
            AuditEvent.actor_id == user.id,
            AuditEvent.action == CASE,
            AuditEvent.subject_id == client_id,
        )
        .order_by(AuditEvent.happened_at.desc())
        .limit(1)
    )


def _facts(
    ended: Sequence[Consent], *, user: User, client: Client, sessions: int
) -> dict[str, Any]:
    """Return what administrators need to look into it; nothing of any token."""
    used = [c.last_used_at for c in ended if c.last_used_at is not None]
    facts = {
        "scope": " ".join(sorted({name for c in ended for name in c.scopes})),
        "first_allowed": _spelled(min(c.granted_at for c in ended)),
        "last_used": _spelled(max(used, default=None)),
        "allowed_from": _addresses(user, client),
        "other_sessions_ended": sessions,
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _spelled(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _addresses(user: User, client: Client) -> list[str]:
    """Return from where the app was allowed lately, the newest first."""
    events = db.session.scalars(
        select(AuditEvent.ip_address)
        .where(
            AuditEvent.actor_id == user.id,
            AuditEvent.action.in_(("consent.allowed", "consent.trial_allowed")),
            AuditEvent.subject_id == client.id,
        )
        .order_by(AuditEvent.happened_at.desc())
        .limit(KNOWN_ADDRESSES)
    )
    return list(dict.fromkeys(address for address in events if address))
