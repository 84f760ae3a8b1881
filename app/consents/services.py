"""Allowing a client, and taking that back."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.audit.actor import Actor
from app.audit.services import record
from app.clients.details import changes_between
from app.clients.events import record_on_client
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.consents.statements import stands
from app.extensions import db


def standing_consent(*, user_id: uuid.UUID, client_id: uuid.UUID) -> Consent | None:
    """Return what the user lets the client do without being asked, if anything."""
    consent = db.session.scalar(_select_standing(user_id, client_id))
    return consent if consent is not None and consent.stands(utcnow()) else None


def _select_standing(user_id: uuid.UUID, client_id: uuid.UUID) -> Select[Consent]:
    return select(Consent).where(
        Consent.user_id == user_id,
        Consent.client_id == client_id,
        Consent.withdrawn_at.is_(None),
        Consent.is_remembered,
    )


def allow(
    *,
    actor: Actor,
    user_id: uuid.UUID,
    client_id: uuid.UUID,
    client_name: str,
    scopes: Iterable[str],
    left_out: Iterable[str] = (),
    expires_at: datetime | None = None,
    is_remembered: bool = True,
    is_for_trial: bool = False,
) -> Consent:
    """Let the client act for the user within `scopes`, until `expires_at`.

    A remembered answer joins what the client may already, without what is `left_out`
    now, and settles anew until when; one remembered consent stands afterwards, however
    many answers arrive at once. One that is not remembered stands by itself and changes
    nothing that stood before. Flushes.
    """
    wanted, declined = frozenset(scopes), frozenset(left_out)
    consent = _lock_standing(user_id, client_id) if is_remembered else None
    is_new = consent is None
    if consent is None:
        consent = _add(user_id, client_id, is_remembered=is_remembered)
    before = _as_facts(consent)
    kept = frozenset(consent.scopes) - declined
    if not is_new and not wanted <= kept:
        consent.widened_at = utcnow()
    consent.scopes = sorted(kept | wanted)
    consent.declined_scopes = sorted({*consent.declined_scopes, *declined} - wanted)
    consent.expires_at = expires_at
    changes = changes_between(before, _as_facts(consent))
    if is_new or changes:
        record(
            actor=actor,
            action="consent.trial_allowed" if is_for_trial else "consent.allowed",
            subject_kind="client",
            subject_id=client_id,
            subject_label=client_name,
            details={"scope": ["", ""]} | changes if is_new else changes,
        )
    db.session.flush()
    return consent


def _as_facts(consent: Consent) -> dict[str, Any]:
    """Return what a consent says in a form that the audit log can keep."""
    return {
        "scope": " ".join(consent.scopes),
        "left_out": " ".join(consent.declined_scopes),
        "expires_at": consent.expires_at and consent.expires_at.isoformat(),
    }


def _add(
    user_id: uuid.UUID, client_id: uuid.UUID, *, is_remembered: bool = True
) -> Consent:
    consent = Consent(
        user_id=user_id,
        client_id=client_id,
        scopes=[],
        declined_scopes=[],
        is_remembered=is_remembered,
    )
    try:
        with db.session.begin_nested():
            db.session.add(consent)
    except IntegrityError:
        # Another tab was quicker: its row is the one that stands.
        standing = _lock_standing(user_id, client_id)
        if standing is None:
            raise
        return standing
    return consent


def _lock_standing(user_id: uuid.UUID, client_id: uuid.UUID) -> Consent | None:
    """Read the row anew and lock it: what another tab allowed meanwhile must stay.

    One that is over is marked so for ever, and makes room for a new one.
    """
    consent = db.session.scalar(
        _select_standing(user_id, client_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if consent is None or consent.stands(utcnow()):
        return consent
    consent.withdrawn_at = consent.expires_at
    db.session.flush()
    return None


def withdraw(*, actor: Actor, consent: Consent) -> None:
    """Take a consent back: every token given under it is dead at once. Flushes."""
    is_own = actor.id == consent.user_id
    action = "consent.withdrawn" if is_own else "consent.ended"
    _end(actor, consent, action)


def _end(actor: Actor, consent: Consent, action: str) -> None:
    if consent.withdrawn_at is not None:
        return
    consent.withdrawn_at = utcnow()
    _record_end(actor, consent, action)
    db.session.flush()


def withdraw_app(
    *, actor: Actor, user_id: uuid.UUID, client_id: uuid.UUID
) -> Sequence[Consent]:
    """Take back all that a user lets one client do; return what stood. Flushes.

    Of two who do it at once, one finds nothing left.
    """
    return _withdraw_where(actor, user_id, Consent.client_id == client_id)


def withdraw_all(*, actor: Actor, user_id: uuid.UUID) -> None:
    """Take back all that a user lets any client do. Flushes.

    Clients in the trash are among them: one may be restored.
    """
    _withdraw_where(actor, user_id)


def _withdraw_where(
    actor: Actor, user_id: uuid.UUID, *conditions: ColumnElement[bool]
) -> Sequence[Consent]:
    standing = db.session.scalars(
        select(Consent)
        .where(Consent.user_id == user_id, *conditions, stands(utcnow()))
        .order_by(Consent.granted_at)
        .with_for_update(of=Consent)
        .execution_options(populate_existing=True)
        .options(joinedload(Consent.client, innerjoin=True))
    ).all()
    for consent in standing:
        withdraw(actor=actor, consent=consent)
    return standing


def _record_end(actor: Actor, consent: Consent, action: str) -> None:
    details: dict[str, Any] = {"scope": [" ".join(consent.scopes), ""]}
    if actor.id != consent.user_id:
        details["user"] = db.session.get_one(User, consent.user_id).label
    record_on_client(actor, action, consent.client, details)


def end_for_trial(
    *, actor: Actor, user_id: uuid.UUID, client_id: uuid.UUID, ends_at: datetime
) -> None:
    """End what a user allowed a client for the trial that ends then. Flushes."""
    ending = select(Consent).where(
        Consent.user_id == user_id,
        Consent.client_id == client_id,
        Consent.withdrawn_at.is_(None),
        Consent.expires_at == ends_at,
    )
    action = "consent.trial_ended"
    for consent in db.session.scalars(ending).all():
        _end(actor, consent, action)


def list_for_user(user_id: uuid.UUID) -> Sequence[Consent]:
    """Return the user's standing consents for apps that exist, newest first."""
    return db.session.scalars(
        _allowed_by(user_id)
        .options(joinedload(Consent.client).joinedload(Client.owner))
        .order_by(Consent.granted_at.desc())
    ).all()


def clients_allowed_by(user_id: uuid.UUID) -> Select[uuid.UUID]:
    """Return the select of the ids of apps that a user allows something now."""
    return _allowed_by(user_id).with_only_columns(Consent.client_id).distinct()


def _allowed_by(user_id: uuid.UUID) -> Select[Consent]:
    return (
        select(Consent)
        .join(Client, Client.id == Consent.client_id)
        .where(
            Consent.user_id == user_id, stands(utcnow()), Client.deleted_at.is_(None)
        )
    )


def find_for_user(*, user_id: uuid.UUID, consent_id: uuid.UUID) -> Consent | None:
    """Return a standing consent, but only to the user who gave it."""
    return db.session.scalar(
        select(Consent).where(
            Consent.id == consent_id, Consent.user_id == user_id, stands(utcnow())
        )
    )


def users_who_allow(client_id: uuid.UUID) -> Select[uuid.UUID]:
    """Return the select of the ids of users who allow a client something now."""
    return (
        select(Consent.user_id)
        .where(Consent.client_id == client_id, stands(utcnow()))
        .distinct()
    )
