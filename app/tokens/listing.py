"""The live tokens of one client as a list: narrowed, by person, or one by its id.

One client may hold a million of them. What an index finds is looked up there; what no
index finds is looked for among LOOKED_THROUGH tokens and no further.
"""

import uuid
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.database import AnyRow, AnySelect
from app.extensions import db
from app.tokens.models import AccessToken, RefreshToken, TokenFamily
from app.tokens.queries import live_tokens
from app.web.counting import Count

ITSELF, PEOPLE = "itself", "people"
ACTS_FOR = (ITSELF, PEOPLE)
LOOKED_THROUGH = 10_000


def list_tokens(
    client_id: uuid.UUID,
    *,
    acts_for: str = "",
    user_id: uuid.UUID | None = None,
    scope: str = "",
    token_id: uuid.UUID | None = None,
    is_soonest_first: bool = False,
) -> AnySelect:
    """Return a select of live tokens, the last to expire first unless told otherwise.

    Its rows are those of `live_tokens` with `audience` and `is_renewed`. `scope` is a
    part of it; with it or `acts_for` alone only LOOKED_THROUGH tokens are looked at.
    """
    now = utcnow()
    found = live_tokens(client_id).add_columns(
        AccessToken.audience, _is_renewed(now).label("is_renewed")
    )
    if token_id is not None:
        found = found.where(AccessToken.id == token_id)
    if user_id is not None:
        found = found.where(AccessToken.user_id == user_id)
    conditions = list(_conditions(acts_for, scope))
    if conditions and token_id is None and user_id is None:
        near = _near(client_id, now, is_soonest_first=is_soonest_first)
        conditions.append(AccessToken.id.in_(near))
    return (
        found.where(*conditions)
        .order_by(None)
        .order_by(*_order(AccessToken, is_soonest_first=is_soonest_first))
    )


def find_live_token(client_id: uuid.UUID, token_id: uuid.UUID) -> AnyRow | None:
    """Return one live token of a client, as `list_tokens` does."""
    return db.session.execute(list_tokens(client_id, token_id=token_id)).first()


def live_families(
    client_id: uuid.UUID, *, user_id: uuid.UUID | None = None
) -> AnySelect:
    """Return a select of what a client can renew by itself, for all users or one."""
    query = (
        select(TokenFamily.id)
        .join(Client, Client.id == TokenFamily.client_id)
        .join(User, User.id == TokenFamily.user_id)
        .join(Consent, Consent.id == TokenFamily.consent_id)
        .where(TokenFamily.client_id == client_id, _is_live_family(utcnow()))
    )
    return query if user_id is None else query.where(TokenFamily.user_id == user_id)


def live_tokens_for_people(
    client_id: uuid.UUID, *, user_id: uuid.UUID | None = None
) -> AnySelect:
    """Return a select of the live tokens that act for users, or for one.

    It goes by the families, of which there are few where a client's own are many.
    """
    now = utcnow()
    query = (
        select(AccessToken.id)
        .join(TokenFamily, TokenFamily.id == AccessToken.family_id)
        .join(Client, Client.id == TokenFamily.client_id)
        .join(User, User.id == TokenFamily.user_id)
        .join(Consent, Consent.id == TokenFamily.consent_id)
        .where(
            TokenFamily.client_id == client_id,
            TokenFamily.revoked_at.is_(None),
            Client.disabled_at.is_(None),
            Client.deleted_at.is_(None),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now,
            AccessToken.client_generation == Client.token_generation,
            AccessToken.user_generation == User.token_generation,
            User.deactivated_at.is_(None),
            _is_standing(now),
        )
    )
    return query if user_id is None else query.where(TokenFamily.user_id == user_id)


def list_people(client_id: uuid.UUID, *, among: Select[User]) -> AnySelect:
    """Return a select of the users in `among` for whom a client can renew tokens.

    Its rows have `id email name since last_used_at`, by address; they are found by the
    families, however many tokens came of these.
    """
    found = (
        select(
            TokenFamily.user_id,
            func.min(TokenFamily.started_at).label("since"),
            func.max(Consent.last_used_at).label("last_used_at"),
        )
        .join(Client, Client.id == TokenFamily.client_id)
        .join(User, User.id == TokenFamily.user_id)
        .join(Consent, Consent.id == TokenFamily.consent_id)
        .where(TokenFamily.client_id == client_id, _is_live_family(utcnow()))
        .group_by(TokenFamily.user_id)
        .subquery()
    )
    return (
        among.with_only_columns(
            User.id, User.email, User.name, found.c.since, found.c.last_used_at
        )
        .join(found, found.c.user_id == User.id)
        .order_by(None)
        .order_by(User.email_key)
    )


def scopes_of_own_tokens(client_id: uuid.UUID) -> tuple[Counter[str], bool]:
    """Return how many of a client's own live tokens carry each scope, as it is written.

    Besides, whether there are more tokens than were looked at.
    """
    now = utcnow()
    near = _near(client_id, now)
    rows = db.session.execute(
        select(AccessToken.scope, func.count())
        .join(Client, Client.id == AccessToken.client_id)
        .where(
            AccessToken.id.in_(near),
            AccessToken.user_id.is_(None),
            AccessToken.revoked_at.is_(None),
            AccessToken.client_generation == Client.token_generation,
            Client.disabled_at.is_(None),
            Client.deleted_at.is_(None),
        )
        .group_by(AccessToken.scope)
    ).all()
    counts = Counter({scope: int(count) for scope, count in rows})
    return counts, counts.total() >= LOOKED_THROUGH


def carrying(scopes: tuple[Counter[str], bool], names: frozenset[str]) -> Count:
    """Return how many of the tokens carry one of these names at least."""
    counts, is_more = scopes
    number = sum(n for scope, n in counts.items() if names.intersection(scope.split()))
    return Count(number, is_more=is_more and number > 0)


def _conditions(acts_for: str, scope: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if acts_for == ITSELF:
        conditions.append(AccessToken.user_id.is_(None))
    elif acts_for == PEOPLE:
        conditions.append(AccessToken.user_id.is_not(None))
    if scope:
        conditions.append(AccessToken.scope.contains(scope, autoescape=True))
    return conditions


def _near(
    client_id: uuid.UUID, now: datetime, *, is_soonest_first: bool = False
) -> Any:
    token = aliased(AccessToken)
    return (
        select(token.id)
        .where(token.client_id == client_id, token.expires_at > now)
        .order_by(*_order(token, is_soonest_first=is_soonest_first)[:1])
        .limit(LOOKED_THROUGH)
    )


def _order(token: Any, *, is_soonest_first: bool) -> list[Any]:
    # As the index on client and expiry has them: nothing is sorted.
    if is_soonest_first:
        return [token.expires_at.asc(), token.id.asc()]
    return [token.expires_at.desc(), token.id.desc()]


def _is_renewed(now: datetime) -> ColumnElement[bool]:
    return and_(
        AccessToken.family_id.is_not(None),
        TokenFamily.revoked_at.is_(None),
        TokenFamily.expires_at > now,
    )


def _is_standing(now: datetime) -> ColumnElement[bool]:
    return and_(
        Consent.withdrawn_at.is_(None),
        or_(Consent.expires_at.is_(None), Consent.expires_at > now),
    )


def _is_live_family(now: datetime) -> ColumnElement[bool]:
    """Return the condition for a family whose newest refresh token still works."""
    return and_(
        TokenFamily.revoked_at.is_(None),
        TokenFamily.expires_at > now,
        TokenFamily.client_generation == Client.token_generation,
        TokenFamily.user_generation == User.token_generation,
        User.deactivated_at.is_(None),
        _is_standing(now),
        select(RefreshToken.id)
        .where(
            RefreshToken.family_id == TokenFamily.id,
            RefreshToken.rotated_at.is_(None),
            RefreshToken.expires_at > now,
        )
        .exists(),
    )
