"""Deleting rows that no token, replay or reuse check can ever need again.

A family is kept, with its code and every refresh token of its line, while any of them
could still be presented and anything of it could still be alive: that is what lets a
replayed code or a reused refresh token end the family. A consent that has ended is kept
as long as a code or family refers to it; that it was given the audit log tells.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.clock import utcnow
from app.consents.models import Consent
from app.purging import purge_rows
from app.tokens.models import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    TokenFamily,
)

_Rule = tuple[str, type[Any], ColumnElement[bool]]


def purge(
    *,
    is_expired: bool = True,
    is_revoked: bool = True,
    older_than: timedelta = timedelta(0),
    is_dry_run: bool = False,
) -> dict[str, int]:
    """Delete dead rows and return how many of each kind; commits after each batch.

    `is_expired` takes what expired, `is_revoked` what was revoked, each at least
    `older_than` ago. With `is_dry_run` nothing is deleted and the rows are counted;
    what only this run's deletions would free is then not among them.
    """
    before = utcnow() - older_than
    counts: dict[str, int] = {}
    for name, model, dead in _rules(
        before, is_expired=is_expired, is_revoked=is_revoked
    ):
        counts[name] = purge_rows(model, dead, is_dry_run=is_dry_run)
    return counts


def _rules(before: datetime, *, is_expired: bool, is_revoked: bool) -> Iterator[_Rule]:
    """Yield what may go, in the order in which rows refer to each other."""
    yield (
        "access_tokens",
        AccessToken,
        _any(
            (is_expired, AccessToken.expires_at <= before),
            (is_revoked, AccessToken.revoked_at <= before),
            (is_revoked, AccessToken.family_id.in_(_revoked_families(before))),
        ),
    )
    dead_families = _any(
        (is_expired, _expired_family(before)),
        (is_revoked, TokenFamily.revoked_at <= before),
    )
    yield (
        "refresh_tokens",
        RefreshToken,
        RefreshToken.family_id.in_(select(TokenFamily.id).where(dead_families)),
    )
    yield (
        "token_families",
        TokenFamily,
        and_(
            dead_families,
            ~exists().where(AccessToken.family_id == TokenFamily.id),
            ~exists().where(RefreshToken.family_id == TokenFamily.id),
        ),
    )
    yield (
        "authorization_codes",
        AuthorizationCode,
        and_(
            _any((is_expired or is_revoked, AuthorizationCode.expires_at <= before)),
            ~exists().where(TokenFamily.authorization_code_id == AuthorizationCode.id),
        ),
    )
    yield (
        "consents",
        Consent,
        and_(
            _any(
                (is_expired, Consent.expires_at <= before),
                (is_revoked, Consent.withdrawn_at <= before),
            ),
            ~exists().where(AuthorizationCode.consent_id == Consent.id),
            ~exists().where(TokenFamily.consent_id == Consent.id),
        ),
    )


def _revoked_families(before: datetime) -> Any:
    return select(TokenFamily.id).where(TokenFamily.revoked_at <= before)


def _expired_family(before: datetime) -> ColumnElement[bool]:
    """A family past its end, or whose newest refresh token went unused for too long.

    No access token of it may be left: while one lives, a replay must still find the
    family and end it.
    """
    can_be_refreshed = exists().where(
        RefreshToken.family_id == TokenFamily.id,
        RefreshToken.rotated_at.is_(None),
        RefreshToken.expires_at > before,
    )
    has_access_token = exists().where(AccessToken.family_id == TokenFamily.id)
    return and_(
        or_(TokenFamily.expires_at <= before, ~can_be_refreshed), ~has_access_token
    )


def _any(*rules: tuple[bool, ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(false(), *(rule for is_wanted, rule in rules if is_wanted))
