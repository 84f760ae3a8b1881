"""What people want to know of tokens: which are live, how many, for whom."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.database import AnySelect
from app.extensions import db
from app.tokens.endings import is_active_token
from app.tokens.models import AccessToken, TokenFamily
from app.web.counting import Count, count_of, counting


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


def live_token_counts(client_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Count]:
    """Return how many live access tokens each client has, in one query.

    No client's are counted further than a thousand.
    """
    ids = list(client_ids)
    if not ids:
        return {}
    # Another name for the clients counted for: inside, `Client` is each token's own.
    owner = aliased(Client)
    one = _live([literal(1)], utcnow()).where(AccessToken.client_id == owner.id)
    rows = db.session.execute(
        select(owner.id, counting(one.correlate(owner))).where(owner.id.in_(ids))
    ).all()
    counts = {client_id: count_of(found) for client_id, found in rows}
    return {client_id: counts.get(client_id, Count(0)) for client_id in ids}


def live_tokens(client_id: uuid.UUID) -> AnySelect:
    """Return a select of a client's live access tokens, the last to expire first.

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
        # As the index has them: a page of a million is read without sorting them.
        .order_by(AccessToken.expires_at.desc(), AccessToken.id.desc())
    )


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


def live_token_count_for(
    user_id: uuid.UUID, client_id: uuid.UUID | None = None
) -> Count:
    """Return how many live access tokens act for a user, counted to a thousand.

    With `client_id`, only those that this client has.
    """
    columns = [AccessToken.id, AccessToken.client_id]
    # The offset keeps planners from beginning with the client's tokens, the many.
    theirs = (
        _live(columns, utcnow())
        .where(AccessToken.user_id == user_id)
        .offset(0)
        .subquery()
    )
    query = select(theirs.c.id)
    if client_id is not None:
        query = query.where(theirs.c.client_id == client_id)
    return count_of(db.session.scalar(select(counting(query))))
