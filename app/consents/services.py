"""Allowing a client, and taking that back."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.audit.actor import Actor
from app.audit.services import record
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.extensions import db


def standing_consent(*, user_id: uuid.UUID, client_id: uuid.UUID) -> Consent | None:
    """Return what the user allows the client at present, if anything."""
    return db.session.scalar(_select_standing(user_id, client_id))


def _select_standing(user_id: uuid.UUID, client_id: uuid.UUID) -> Select[Consent]:
    return select(Consent).where(
        Consent.user_id == user_id,
        Consent.client_id == client_id,
        Consent.withdrawn_at.is_(None),
    )


def allow(
    *,
    actor: Actor,
    user_id: uuid.UUID,
    client_id: uuid.UUID,
    client_name: str,
    scopes: Iterable[str],
) -> Consent:
    """Let the client act for the user within `scopes`, besides what it may already.

    One consent stands afterwards, however many answers arrive at once. Flushes.
    """
    consent = _lock_standing(user_id=user_id, client_id=client_id)
    if consent is None:
        consent = _add(user_id=user_id, client_id=client_id)
    before = list(consent.scopes)
    after = sorted(set(before) | set(scopes))
    if after != before:
        consent.scopes = after
        consent.widened_at = utcnow() if before else None
    record(
        actor=actor,
        action="consent.allowed",
        subject_kind="client",
        subject_id=client_id,
        subject_label=client_name,
        details={"scope": [" ".join(before), " ".join(after)]},
    )
    db.session.flush()
    return consent


def _add(*, user_id: uuid.UUID, client_id: uuid.UUID) -> Consent:
    consent = Consent(user_id=user_id, client_id=client_id, scopes=[])
    try:
        with db.session.begin_nested():
            db.session.add(consent)
    except IntegrityError:
        # Another tab was quicker: its row is the one that stands.
        standing = _lock_standing(user_id=user_id, client_id=client_id)
        if standing is None:
            raise
        return standing
    return consent


def _lock_standing(*, user_id: uuid.UUID, client_id: uuid.UUID) -> Consent | None:
    """Read the row anew and lock it: what another tab allowed meanwhile must stay."""
    return db.session.scalar(
        _select_standing(user_id, client_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def withdraw(*, actor: Actor, consent: Consent) -> None:
    """Take a consent back: every token given under it is dead at once. Flushes."""
    if consent.withdrawn_at is not None:
        return
    consent.withdrawn_at = utcnow()
    record(
        actor=actor,
        action="consent.withdrawn",
        subject_kind="client",
        subject_id=consent.client_id,
        subject_label=consent.client.name,
        details={"scope": [" ".join(consent.scopes), ""]},
    )
    db.session.flush()


def withdraw_ending_at(
    *, actor: Actor, user_id: uuid.UUID, client_id: uuid.UUID, moment: datetime
) -> None:
    """Take back what a user allowed a client until exactly this moment. Flushes."""
    ending = select(Consent).where(
        Consent.user_id == user_id,
        Consent.client_id == client_id,
        Consent.withdrawn_at.is_(None),
        Consent.expires_at == moment,
    )
    for consent in db.session.scalars(ending).all():
        withdraw(actor=actor, consent=consent)


def list_for_user(user_id: uuid.UUID) -> Sequence[Consent]:
    """Return the user's standing consents for apps that exist, newest first."""
    return db.session.scalars(
        select(Consent)
        .join(Client, Client.id == Consent.client_id)
        .options(joinedload(Consent.client).joinedload(Client.owner))
        .where(
            Consent.user_id == user_id,
            Consent.withdrawn_at.is_(None),
            Client.deleted_at.is_(None),
        )
        .order_by(Consent.granted_at.desc())
    ).all()


def find_for_user(*, user_id: uuid.UUID, consent_id: uuid.UUID) -> Consent | None:
    """Return a standing consent, but only to the user who gave it."""
    return db.session.scalar(
        select(Consent).where(
            Consent.id == consent_id,
            Consent.user_id == user_id,
            Consent.withdrawn_at.is_(None),
        )
    )


def count_users(client_id: uuid.UUID) -> int:
    """Return how many users have a standing consent for the client."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Consent)
            .where(Consent.client_id == client_id, Consent.withdrawn_at.is_(None))
        )
        or 0
    )
