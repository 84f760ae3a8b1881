"""The live tokens of one client as a list: narrowed, by person, or one by its id.

One client may hold a million of them. What an index finds is looked up there; what no
index finds is looked for among LOOKED_THROUGH tokens and no further.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, select

from app.accounts.models import User
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.database import AnyRow, AnySelect
from app.extensions import db
from app.tokens.endings import is_active_token, is_own_token_active, is_user_behind
from app.tokens.models import AccessToken, RefreshToken, TokenFamily
from app.tokens.queries import live_tokens
from app.web.counting import Count

ITSELF, PEOPLE = "itself", "people"
ACTS_FOR = (ITSELF, PEOPLE)
LOOKED_THROUGH = 3_000
#: Of how many tokens the scopes are read where what is carried is counted.
READ_FOR_SCOPES = 2_000


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

    Its rows are those of `live_tokens` with `audience` and `is_renewed`. Each carries
    all that `scope` names; with it or `acts_for` alone only LOOKED_THROUGH tokens are
    looked at.
    """
    now = utcnow()
    found = live_tokens(client_id)
    conditions = _conditions(acts_for, scope)
    some: Subquery | None = None
    if token_id is not None:
        conditions.append(AccessToken.id == token_id)
    if user_id is not None:
        some = _of_user(client_id, user_id)
    elif conditions and token_id is None:
        some = _near(
            client_id, now, most=LOOKED_THROUGH, is_soonest_first=is_soonest_first
        )
    if some is not None:
        found = _among(some, columns=found.selected_columns, now=now)
    return (
        found.add_columns(AccessToken.audience, _is_renewed(now).label("is_renewed"))
        .where(*conditions)
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


def users_with_live_family(client_id: uuid.UUID) -> Select[uuid.UUID]:
    """Return a select of the users for whom a client can renew tokens, each once."""
    families = live_families(client_id)
    return families.with_only_columns(TokenFamily.user_id).distinct()


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
            AccessToken.expires_at > now,
            is_own_token_active(AccessToken),
            is_user_behind(AccessToken, now),
        )
    )
    return query if user_id is None else query.where(TokenFamily.user_id == user_id)


def list_people(client_id: uuid.UUID, *, among: Select[User]) -> AnySelect:
    """Return a select of the users in `among` for whom a client can renew tokens.

    Its rows have `id email name since last_used_at`, who joined first comes first. They
    are found by the families, however many tokens came of these, and in the order of
    the families' index: a page of them is read without the others.
    """
    return (
        among.with_only_columns(
            TokenFamily.user_id.label("id"),
            # Each group is of one user: any of the same.
            func.max(User.email).label("email"),
            func.max(User.name).label("name"),
            func.min(TokenFamily.started_at).label("since"),
            func.max(Consent.last_used_at).label("last_used_at"),
        )
        .join(TokenFamily, TokenFamily.user_id == User.id)
        .join(Client, Client.id == TokenFamily.client_id)
        .join(Consent, Consent.id == TokenFamily.consent_id)
        .where(TokenFamily.client_id == client_id, _is_live_family(utcnow()))
        .group_by(TokenFamily.user_id)
        .order_by(None)
        .order_by(TokenFamily.user_id)
    )


def scopes_of_own_tokens(client_id: uuid.UUID) -> tuple[Counter[str], bool]:
    """Return how many of a client's own live tokens carry each scope, as it is written.

    Besides, whether there are more tokens than were looked at.
    """
    near = _near(client_id, utcnow(), most=READ_FOR_SCOPES).c
    rows = db.session.execute(
        select(near.scope, func.count())
        .join(Client, Client.id == near.client_id)
        .where(
            near.user_id.is_(None),
            is_own_token_active(near),
        )
        .group_by(near.scope)
    ).all()
    counts = Counter({scope: int(count) for scope, count in rows})
    return counts, counts.total() >= READ_FOR_SCOPES


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
    # A name may begin or end another one: between blanks it is whole.
    carried = literal(" ") + AccessToken.scope + " "
    conditions += [
        carried.contains(f" {name} ", autoescape=True) for name in scope.split()
    ]
    return conditions


def _near(
    client_id: uuid.UUID,
    now: datetime,
    *,
    most: int,
    is_soonest_first: bool = False,
) -> Subquery:
    """Return a client's tokens at one end of the index on client and expiry."""
    token = AccessToken.__table__
    return (
        select(token)
        .where(token.c.client_id == client_id, token.c.expires_at > now)
        .order_by(*_order(token.c, is_soonest_first=is_soonest_first)[:1])
        .limit(most)
        .subquery()
    )


def _of_user(client_id: uuid.UUID, user_id: uuid.UUID) -> Subquery:
    """Return a client's tokens for one user, found by their families."""
    token = AccessToken.__table__
    return (
        select(token)
        .join(TokenFamily, TokenFamily.id == token.c.family_id)
        .where(TokenFamily.client_id == client_id, TokenFamily.user_id == user_id)
        .limit(LOOKED_THROUGH)
        .subquery()
    )


def _among(some: Subquery, *, columns: Iterable[Any], now: datetime) -> AnySelect:
    """Return the select of those among some tokens that are live.

    The client is joined to these and not to the table: a planner that knows no numbers
    would go through all of the client's tokens instead.
    """
    return (
        select(*columns)
        .select_from(some)
        .join(AccessToken, AccessToken.id == some.c.id)
        .join(Client, Client.id == some.c.client_id)
        .outerjoin(User, User.id == AccessToken.user_id)
        .outerjoin(TokenFamily, TokenFamily.id == AccessToken.family_id)
        .outerjoin(Consent, Consent.id == TokenFamily.consent_id)
        .where(some.c.expires_at > now, is_active_token(now))
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


def _is_live_family(now: datetime) -> ColumnElement[bool]:
    """Return the condition for a family whose newest refresh token still works.

    It is kept of an app that is disabled: enabling brings it back.
    """
    return and_(
        TokenFamily.expires_at > now,
        TokenFamily.client_generation == Client.token_generation,
        is_user_behind(TokenFamily, now),
        select(RefreshToken.id)
        .where(
            RefreshToken.family_id == TokenFamily.id,
            RefreshToken.rotated_at.is_(None),
            RefreshToken.expires_at > now,
        )
        .exists(),
    )
