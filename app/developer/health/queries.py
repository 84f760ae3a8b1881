"""Which apps have hints: the rules of `health` once more, as conditions for a query.

Each finds few apps and then ends. What exactly is odd about these is said by the rules
themselves; `app.developer.start.attention` asks them.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    union_all,
)

from app.access.holdings import holds_any
from app.access.models import Permission
from app.accounts.models import User
from app.clients.models import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    Client,
    ClientSecret,
)
from app.clients.secret_advice import BUSY, ENDS_SOON
from app.clients.secret_lists import is_working
from app.clock import DAY, utcnow
from app.consents.cases import recent_cases
from app.database import json_list_holds
from app.developer.health.rules import MANY_REFUSALS
from app.traffic.models import RefusedRequest

_IS_KEPT = Client.deleted_at.is_(None)
Ids = Select[Any]


def apps_with_hints(most: int) -> CompoundSelect[Any]:
    """Return the select of ids of apps with more than a piece of information.

    Of each kind there are at most `most`; an app with several comes several times.
    """
    kinds = (kind.limit(most).subquery() for kind in _kinds())
    return union_all(*(select(kind.c.id) for kind in kinds))


def _kinds() -> Iterator[Ids]:
    yield _with_cases()
    yield _apps(~Client.is_pkce_required)
    yield _apps(Client.is_confidential.is_(True), ~_has_lasting_secret())
    yield _with_secret_to_look_at()
    yield _apps(Client.disabled_at.is_not(None)).order_by(Client.disabled_at.desc())
    yield _apps(_leads_only_to_devices())
    yield _of_deactivated_owners()
    yield _apps(_uses(CLIENT_CREDENTIALS), ~holds_any(Client.id))
    yield _apps(_uses(AUTHORIZATION_CODE), ~_may_ask_for_any())
    yield _refused_a_lot()


def _apps(*conditions: ColumnElement[bool]) -> Ids:
    return select(Client.id.label("id")).where(_IS_KEPT, *conditions)


def _with_cases() -> Ids:
    cases = recent_cases().subquery()
    return select(cases.c.subject_id.label("id")).distinct()


def _has_lasting_secret() -> ColumnElement[bool]:
    """Return whether a secret works and does so for a while yet."""
    end = ClientSecret.expires_at
    return (
        select(ClientSecret.id)
        .where(
            ClientSecret.client_id == Client.id,
            is_working(),
            or_(end.is_(None), end > utcnow() + ENDS_SOON),
        )
        .exists()
    )


def _with_secret_to_look_at() -> Ids:
    """Return apps with a secret that is perhaps lost, or ends soon though in use."""
    now, secret = utcnow(), ClientSecret
    is_lost = and_(
        secret.shown_at.is_not(None),
        secret.stored_at.is_(None),
        secret.last_used_at.is_(None),
    )
    is_ending = and_(
        secret.expires_at <= now + ENDS_SOON, secret.last_used_at > now - BUSY
    )
    # Those of apps in the trash are revoked.
    return select(secret.client_id.label("id")).where(
        is_working(), or_(is_lost, is_ending)
    )


def _leads_only_to_devices() -> ColumnElement[bool]:
    """Return whether a confidential app has loopback addresses and no other.

    A confidential app's others are https, all of them.
    """
    # A JSON list is text in both databases, with each address in double quotes.
    uris = cast(Client.redirect_uris, String)
    return and_(
        Client.is_confidential,
        _uses(AUTHORIZATION_CODE),
        ~uris.contains('"https:'),
    )


def _of_deactivated_owners() -> Ids:
    gone = select(User.id).where(User.deactivated_at.is_not(None))
    return _apps(Client.owner_id.in_(gone))


def _may_ask_for_any() -> ColumnElement[bool]:
    delegable = select(Permission.id).where(Permission.is_delegable)
    named = delegable.where(json_list_holds(Client.scopes, Permission.name))
    return or_(
        and_(Client.scopes.is_(None), delegable.exists()),
        and_(Client.scopes.is_not(None), named.exists()),
    )


def _refused_a_lot() -> Ids:
    """Return the apps that were refused most, of those refused in the last day.

    How often they were in this very day is left to the rule.
    """
    row = RefusedRequest
    often = func.sum(row.count)
    return (
        select(row.client_id.label("id"))
        .where(row.last_seen_at > utcnow() - DAY, row.client_id.is_not(None))
        .group_by(row.client_id)
        .having(often >= MANY_REFUSALS)
        .order_by(often.desc())
    )


def _uses(grant_type: str) -> ColumnElement[bool]:
    return json_list_holds(Client.grant_types, grant_type)
