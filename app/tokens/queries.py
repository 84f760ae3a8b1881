"""What people want to know of tokens: which are live, how many, for whom."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.consents.statements import stands
from app.database import AnyRow, AnySelect
from app.extensions import db
from app.tokens.models import AccessToken, TokenFamily
from app.tokens.statements import is_active_token


def _live(columns: Sequence[Any], now: datetime) -> AnySelect:
    return (
        select(*columns)
        .select_from(AccessToken)
        .join(Client, Client.id == AccessToken.client_id)
        .outerjoin(User, User.id == AccessToken.user_id)
        .outerjoin(TokenFamily, TokenFamily.id == AccessToken.family_id)
        .outerjoin(Consent, Consent.id == TokenFamily.consent_id)
        .where(AccessToken.expires_at > now, is_active_token(now))
    )


def live_token_counts(client_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many live access tokens each client has, in one query."""
    ids = list(client_ids)
    if not ids:
        return {}
    rows = db.session.execute(
        _live([AccessToken.client_id, func.count()], utcnow())
        .where(AccessToken.client_id.in_(ids))
        .group_by(AccessToken.client_id)
    ).all()
    counts = {client_id: int(count) for client_id, count in rows}
    return {client_id: counts.get(client_id, 0) for client_id in ids}


def live_tokens(client_id: uuid.UUID) -> AnySelect:
    """Return a select of a client's live access tokens, newest first.

    Its rows have `id scope issued_at expires_at family_id user_id user_email
    user_name`.
    """
    return (
        _live(
            [
                AccessToken.id,
                AccessToken.scope,
                AccessToken.issued_at,
                AccessToken.expires_at,
                AccessToken.family_id,
                AccessToken.user_id,
                User.email.label("user_email"),
                User.name.label("user_name"),
            ],
            utcnow(),
        )
        .where(AccessToken.client_id == client_id)
        .order_by(AccessToken.issued_at.desc(), AccessToken.id.desc())
    )


def live_users(client_id: uuid.UUID, *, limit: int = 100) -> Sequence[AnyRow]:
    """Return the users a client holds live token families for (`id email name`)."""
    now = utcnow()
    return db.session.execute(
        select(User.id, User.email, User.name)
        .join(TokenFamily, TokenFamily.user_id == User.id)
        .join(Client, Client.id == TokenFamily.client_id)
        .join(Consent, Consent.id == TokenFamily.consent_id)
        .where(
            TokenFamily.client_id == client_id,
            TokenFamily.revoked_at.is_(None),
            TokenFamily.expires_at > now,
            TokenFamily.client_generation == Client.token_generation,
            TokenFamily.user_generation == User.token_generation,
            stands(now),
            User.deactivated_at.is_(None),
        )
        .distinct()
        .order_by(User.email)
        .limit(limit)
    ).all()


def last_issued(user_id: uuid.UUID) -> dict[uuid.UUID, datetime]:
    """Return when each client last got an access token that acts for the user.

    Tokens that were purged are forgotten.
    """
    rows = db.session.execute(
        select(
            AccessToken.client_id, func.max(AccessToken.issued_at).label("issued_at")
        )
        .where(AccessToken.user_id == user_id)
        .group_by(AccessToken.client_id)
    )
    return {row.client_id: row.issued_at for row in rows}
