"""What happened to a person's account lately, as the audit log tells it to them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, done_to
from app.audit.words import CASE
from app.clients.models import Client
from app.clock import utcnow
from app.extensions import db

DAYS = timedelta(days=90)
SHOWN = 12
READ = 60

#: Of the account itself, whoever did it.
OF_ACCOUNT = {
    "user.signed_in": "You signed in",
    "user.sign_in_refused": "Failed sign-in",
    "user.password_refused": "Wrong password entered while signed in",
    "user.password_changed": "Your password was changed",
    "user.updated": "Your name or e-mail address was changed",
    "user.session_ended": "A browser was signed out",
    "user.other_sessions_ended": "Other browsers were signed out",
    "user.signed_out_everywhere": "You were signed out everywhere",
    "user.deactivated": "Your account was deactivated",
    "user.activated": "Your account was activated",
    "user.unlocked": "Your account was unlocked",
    "user.app_ended": "Access ended for",
}
#: Of the person with an app, whose name follows.
WITH_APP = {
    "consent.allowed": "You allowed",
    "consent.withdrawn": "You removed access for",
    "consent.trial_allowed": "You allowed a trial of",
    "consent.trial_ended": "You ended a trial of",
    CASE: "You reported",
}
#: Of the account, by somebody else; the app's name is among its details.
ENDED = "user.app_ended"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happened, or the same several times in a row."""

    sentence: str
    app: str | None
    #: Somebody else who did it.
    by: str | None
    happened_at: datetime
    ip_address: str | None
    case: str | None
    count: int


def recent_happenings(user: User) -> list[Happening]:
    """Return what happened lately, newest first; two queries by their indexes."""
    about = _newest(done_to("user", user.id), AuditEvent.action.in_(OF_ACCOUNT))
    own = _newest(AuditEvent.actor_id == user.id, AuditEvent.action.in_(WITH_APP))
    events = sorted({*about, *own}, key=_age, reverse=True)
    runs = [list(run) for _, run in groupby(events, _likeness)]
    return [_happening(run, user) for run in runs[:SHOWN]]


def last_sign_in(user: User, *, before: datetime) -> AuditEvent | None:
    """Return the person's last sign-in before another one, if it is known."""
    return db.session.scalar(
        select(AuditEvent)
        .where(
            AuditEvent.actor_id == user.id,
            AuditEvent.action == "user.signed_in",
            AuditEvent.happened_at < before,
            AuditEvent.happened_at > before - DAYS,
        )
        .order_by(AuditEvent.happened_at.desc())
        .limit(1)
    )


def last_changes_by_apps(
    user: User, *, client_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, AuditEvent]:
    """Return the last change that each of these apps made on the person's behalf.

    Each app's is read off the end of an index, all of them by one query. What was
    recorded before events named the app by its id is not among them.
    """
    own = aliased(AuditEvent)
    newest = (
        select(own.id)
        .where(
            own.via_client_id == Client.id,
            own.actor_id == user.id,
            own.happened_at > utcnow() - DAYS,
        )
        .order_by(own.happened_at.desc(), own.id.desc())
        .limit(1)
        .correlate(Client)
        .scalar_subquery()
    )
    found = select(newest).where(Client.id.in_(client_ids))
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.id.in_(found)))
    return {e.via_client_id: e for e in events if e.via_client_id is not None}


def _newest(*conditions: ColumnElement[bool]) -> Sequence[AuditEvent]:
    return db.session.scalars(
        select(AuditEvent)
        .where(*conditions, AuditEvent.happened_at > utcnow() - DAYS)
        .order_by(*NEWEST_FIRST)
        .limit(READ)
    ).all()


def _age(event: AuditEvent) -> tuple[datetime, uuid.UUID]:
    return event.happened_at, event.id


def _likeness(event: AuditEvent) -> tuple[object, ...]:
    return (
        event.action,
        event.actor_id,
        event.subject_id,
        event.ip_address,
        _app_of(event),
    )


def _happening(run: Sequence[AuditEvent], user: User) -> Happening:
    event = run[0]
    return Happening(
        sentence=WITH_APP.get(event.action) or OF_ACCOUNT[event.action],
        app=_app_of(event),
        by=_somebody_else(event, user),
        happened_at=event.happened_at,
        ip_address=event.ip_address,
        case=event.reference_id if event.action == CASE else None,
        count=len(run),
    )


def _app_of(event: AuditEvent) -> str | None:
    if event.action == ENDED:
        return str(event.details.get("app", ""))
    return event.subject_label if event.action in WITH_APP else None


def _somebody_else(event: AuditEvent, user: User) -> str | None:
    if event.actor_kind == "command":
        return "an operator"
    return event.actor_label if event.actor_id not in {None, user.id} else None
