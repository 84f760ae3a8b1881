"""Refresh tokens: rotated on each use; reuse ends the family (RFC 9700 §4.14.2).

A family is a line: the successor of a token follows from it by HMAC, so that whoever
lost the answer, or raced, can be given the same successor again for a short grace.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import case, select, update

from app import digests
from app.access.scopes import join_scope, parse_scope
from app.accounts.models import User
from app.audit.actor import SERVER, Actor
from app.clients.models import Client
from app.clients.statements import ClientRecord
from app.clock import utcnow
from app.consents.models import Consent, end_within
from app.database import AnyRow, AnySelect
from app.extensions import db, settings
from app.tokens.audiences import narrow_audience
from app.tokens.endings import columns_of_ends, end_of
from app.tokens.errors import (
    AudienceExceededError,
    InvalidGrantError,
    ScopeExceededError,
)
from app.tokens.families import insert_refresh_token
from app.tokens.id_tokens import id_token_for
from app.tokens.issuing import IssuedTokens, issue_user_token
from app.tokens.models import RefreshToken, TokenFamily
from app.tokens.revocation import end_after_reuse
from app.traffic.reasons import RefusalReason, refused

_UNKNOWN = "The refresh token is unknown, expired or revoked."
_PURPOSE = "refresh token successor"


def refresh(
    *,
    refresh_token: str,
    client: ClientRecord,
    scopes: frozenset[str],
    resources: Sequence[str] = (),
    actor: Actor = SERVER,
) -> IssuedTokens:
    """Exchange `refresh_token` for its successor and a new access token, and commit.

    `scopes` and `resources` (RFC 8707 §2.2) narrow the access token; empty means all
    that was granted. The successor keeps the whole grant (RFC 6749 §6). Within
    REFRESH_REUSE_GRACE_SECONDS of its use, and until the successor was used, the same
    token gives the same successor again; any other reuse ends the family. `actor` is
    who notices that, with the origin of the request.

    Raises InvalidGrantError, or ScopeExceededError or AudienceExceededError: these
    leave the token usable.
    """
    found = _find_usable(refresh_token, client)
    successor = digests.derive(
        digests.REFRESH_TOKEN,
        secret_key=settings.secret_key,
        purpose=_PURPOSE,
        source=refresh_token,
    )
    now = utcnow()
    # Reuse is judged before the scope: asking for too much must not hide it.
    if found.rotated_at and not _is_forgiven(found, successor=successor, now=now):
        raise _end_after_reuse(found, client=client, actor=actor)
    try:
        scope = _narrow_scope(found, scopes)
        audience = narrow_audience(found.audience, resources)
    except (ScopeExceededError, AudienceExceededError):
        db.session.rollback()
        raise
    if found.rotated_at is None:
        _rotate(found, successor=successor, client=client, now=now)
    issued = issue_user_token(
        db.session.connection(),
        found,
        client=client,
        family_id=found.family_id,
        scope=scope,
        audience=audience,
        no_later_than=_family_end(found),
    )
    db.session.commit()
    id_token = id_token_for(
        issued,
        client=client,
        user_id=found.user_id,
        granted_scope=issued.scope,
        authenticated_at=found.authenticated_at,
    )
    return replace(issued, refresh_token=successor, id_token=id_token)


def find_active_refresh_token(
    refresh_token: str, *, client: ClientRecord
) -> AnyRow | None:
    """Return the row behind a refresh token of `client` that could be used now.

    It has `user_id issued_at expires_at` among others, and the scope for
    `granted_scope`. Nothing is locked.
    """
    if not digests.is_well_formed(refresh_token, digests.REFRESH_TOKEN):
        return None
    found = db.session.execute(
        _select_token().where(RefreshToken.digest == digests.digest(refresh_token))
    ).first()
    if found is None or found.client_id != client.id:
        return None
    return None if found.rotated_at or end_of(found, utcnow()) else found


def granted_scope(token: AnyRow) -> frozenset[str]:
    """Return what the token's family was granted and its consent still allows."""
    return parse_scope(token.scope).intersection(token.consent_scopes)


def _family_end(token: AnyRow) -> datetime:
    return end_within(token.family_expires_at, token.consent_expires_at)


def _find_usable(refresh_token: str, client: ClientRecord) -> AnyRow:
    """Return the token's row, locked, if anything of its family is still valid.

    It may have been used before. Nothing of a family is touched before it is known to
    be this client's.
    """
    found = _find(refresh_token)
    if found is None:
        refusal = refused(RefusalReason.REFRESH_UNKNOWN)
    elif found.client_id != client.id:
        refusal = refused(RefusalReason.REFRESH_OF_ANOTHER)
    elif end := end_of(found, utcnow()):
        refusal = refused(RefusalReason.REFRESH_ENDED, ended=end)
    else:
        return found
    db.session.rollback()
    raise InvalidGrantError(_UNKNOWN, refusal)


def _find(refresh_token: str) -> AnyRow | None:
    """Find the token and lock it with its family: one family, one use at a time.

    On SQLite the transaction holds the write lock already.
    """
    if not digests.is_well_formed(refresh_token, digests.REFRESH_TOKEN):
        return None
    return db.session.execute(
        _select_token()
        .where(RefreshToken.digest == digests.digest(refresh_token))
        .with_for_update(of=[TokenFamily, RefreshToken])
    ).first()


def _select_token() -> AnySelect:
    return (
        select(
            RefreshToken.id,
            RefreshToken.family_id,
            RefreshToken.position,
            RefreshToken.issued_at,
            RefreshToken.expires_at,
            RefreshToken.rotated_at,
            TokenFamily.client_id,
            TokenFamily.user_id,
            TokenFamily.scope,
            TokenFamily.audience,
            TokenFamily.authenticated_at,
            TokenFamily.client_generation,
            TokenFamily.user_generation,
            TokenFamily.expires_at.label("family_expires_at"),
            Consent.scopes.label("consent_scopes"),
            *columns_of_ends(
                revoked_at=TokenFamily.revoked_at,
                # One that was used may come again until its family ends.
                ends_at=case(
                    (RefreshToken.rotated_at.is_(None), RefreshToken.expires_at),
                    else_=TokenFamily.expires_at,
                ),
            ),
        )
        .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
        .join(Client, Client.id == TokenFamily.client_id)
        .join(User, User.id == TokenFamily.user_id)
        .join(Consent, Consent.id == TokenFamily.consent_id)
    )


def _narrow_scope(token: AnyRow, scopes: frozenset[str]) -> str:
    """Return the scope of the access token: what was asked for, or all granted."""
    granted = granted_scope(token)
    if not scopes <= granted:
        raise ScopeExceededError(
            "Ask for no more than what was granted.", field="scope"
        )
    return join_scope(scopes or granted)


def _end_after_reuse(
    token: AnyRow, *, client: ClientRecord, actor: Actor
) -> InvalidGrantError:
    """End the family although the request fails; return why it does."""
    end_after_reuse(
        actor=actor, family_id=token.family_id, client=client, user_id=token.user_id
    )
    db.session.commit()
    return InvalidGrantError(_UNKNOWN, refused(RefusalReason.REFRESH_REUSED))


def _rotate(
    token: AnyRow, *, successor: str, client: ClientRecord, now: datetime
) -> None:
    """Mark the token used and put its successor behind it."""
    claimed = db.session.execute(
        update(RefreshToken)
        .where(RefreshToken.id == token.id, RefreshToken.rotated_at.is_(None))
        .values(rotated_at=now)
        .execution_options(synchronize_session=False)
        .returning(RefreshToken.id)
    ).first()
    if claimed is None:
        # Only a lock that did not hold can bring us here; the line stays a line.
        db.session.rollback()
        raise InvalidGrantError(_UNKNOWN, refused(RefusalReason.REFRESH_REUSED))
    insert_refresh_token(
        db.session.connection(),
        successor,
        client=client,
        family_id=token.family_id,
        family_end=_family_end(token),
        position=token.position + 1,
        now=now,
    )


def _is_forgiven(token: AnyRow, *, successor: str, now: datetime) -> bool:
    """Tell whether using the token again is a retry that may have its answer again."""
    grace = timedelta(seconds=settings.refresh_reuse_grace_seconds)
    if not grace or now - token.rotated_at > grace:
        return False
    return _is_unused(token.family_id, successor)


def _is_unused(family_id: uuid.UUID, refresh_token: str) -> bool:
    found = db.session.scalar(
        select(RefreshToken.id).where(
            RefreshToken.digest == digests.digest(refresh_token),
            RefreshToken.family_id == family_id,
            RefreshToken.rotated_at.is_(None),
        )
    )
    return found is not None
