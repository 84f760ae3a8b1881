"""Revoking: a token with its family, all of a client's, all of a client for a user.

Nothing is cascaded: a family or generation is marked, and every token that hangs on it
is judged by that mark when it is read.
"""

import uuid
from datetime import datetime

from sqlalchemy import exists, update

from app import digests
from app.accounts.models import User
from app.audit.actor import Actor
from app.clients.events import record_on_client
from app.clients.models import Client
from app.clients.statements import ClientRecord
from app.clock import utcnow
from app.extensions import db, settings
from app.keys.published import find_newer_key
from app.keys.ring import current_key_ring
from app.tokens.errors import InvalidTokenError
from app.tokens.jwts import read_access_token
from app.tokens.models import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    TokenFamily,
)

REPLAYED_CODE = "replayed_code"
REUSED_REFRESH_TOKEN = "reused_refresh_token"
REVOKED_BY_CLIENT = "revoked_by_client"
REVOKED_BY_ADMINISTRATOR = "revoked_by_administrator"
END_OF_TRIAL = "end_of_trial"


def revoke_family(*, family_id: uuid.UUID, because: str, now: datetime) -> None:
    """End every token of a family; one that has ended keeps its first reason."""
    _revoke_families(TokenFamily.id == family_id, because=because, now=now)


def end_after_replay(
    *, actor: Actor, code_id: uuid.UUID, client: ClientRecord, user_id: uuid.UUID
) -> None:
    """End every token that came of a code which was sent twice (RFC 6749 §4.1.2).

    It is an event only where something ended: the first replay, not a flood of them.
    """
    is_code = TokenFamily.authorization_code_id == code_id
    if _revoke_families(is_code, because=REPLAYED_CODE, now=utcnow()):
        _record_theft(actor, "authorization_code.replayed", client, user_id)


def end_after_reuse(
    *, actor: Actor, family_id: uuid.UUID, client: ClientRecord, user_id: uuid.UUID
) -> None:
    """End a family whose refresh token was used twice (RFC 9700 §4.14.2)."""
    is_family = TokenFamily.id == family_id
    if _revoke_families(is_family, because=REUSED_REFRESH_TOKEN, now=utcnow()):
        _record_theft(actor, "refresh_token.reused", client, user_id)


def _record_theft(
    actor: Actor, action: str, client: ClientRecord, user_id: uuid.UUID
) -> None:
    record_on_client(
        actor, action, client, {"user": db.session.get_one(User, user_id).label}
    )


def _revoke_families(*conditions: object, because: str, now: datetime) -> int:
    result = db.session.execute(
        update(TokenFamily)
        .where(*conditions, TokenFamily.revoked_at.is_(None))  # type: ignore[arg-type]
        .values(revoked_at=now, revoked_because=because)
        .execution_options(synchronize_session=False)
        .returning(TokenFamily.id)
    )
    return len(result.all())


def revoke_token(*, token: str, client_id: uuid.UUID) -> None:
    """End `token` and its family, if it is the client's own (RFC 7009 §2.1).

    Whatever else `token` is — unknown, garbage, another client's — changes nothing and
    is no error (RFC 7009 §2.2). Flushes; the caller commits.
    """
    now = utcnow()
    if digests.is_well_formed(token, digests.REFRESH_TOKEN):
        family_id = db.session.scalar(
            db.select(RefreshToken.family_id)
            .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
            .where(
                RefreshToken.digest == digests.digest(token),
                TokenFamily.client_id == client_id,
            )
        )
        if family_id is not None:
            revoke_family(family_id=family_id, because=REVOKED_BY_CLIENT, now=now)
        return
    try:
        signed = read_access_token(
            current_key_ring(),
            token,
            issuer=settings.issuer,
            find_key=find_newer_key,
        )
    except InvalidTokenError:
        return
    revoke_access_token(
        token_id=signed.id, client_id=client_id, because=REVOKED_BY_CLIENT
    )


def revoke_access_token(
    *, token_id: uuid.UUID, client_id: uuid.UUID, because: str
) -> bool:
    """End one access token of a client, and its family; tell whether there was one."""
    now = utcnow()
    row = db.session.execute(
        update(AccessToken)
        .where(
            AccessToken.id == token_id,
            AccessToken.client_id == client_id,
            AccessToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
        .returning(AccessToken.family_id)
    ).first()
    if row is not None and row.family_id is not None:
        revoke_family(family_id=row.family_id, because=because, now=now)
    return row is not None


def revoke_one_token(*, actor: Actor, client: Client, token_id: uuid.UUID) -> bool:
    """End one of a client's tokens with its family; tell whether there was one."""
    was_there = revoke_access_token(
        token_id=token_id, client_id=client.id, because=REVOKED_BY_ADMINISTRATOR
    )
    if was_there:
        record_on_client(
            actor, "client.token_revoked", client, {"token": str(token_id)}
        )
        db.session.flush()
    return was_there


def revoke_by_redirect_uri(
    *, client_id: uuid.UUID, user_id: uuid.UUID, redirect_uri: str, because: str
) -> None:
    """End every token of a client for a user whose code went to a redirect URI."""
    _revoke_families(
        TokenFamily.client_id == client_id,
        TokenFamily.user_id == user_id,
        exists().where(
            AuthorizationCode.id == TokenFamily.authorization_code_id,
            AuthorizationCode.redirect_uri == redirect_uri,
        ),
        because=because,
        now=utcnow(),
    )


def revoke_client_tokens(*, actor: Actor, client: Client) -> None:
    """End every code and token of `client` at once; its settings stay as they are."""
    # Raised in the database, not from what was read: two at once raise it twice.
    client.token_generation = Client.token_generation + 1
    record_on_client(actor, "client.tokens_revoked", client)
    db.session.flush()


def revoke_user_client_tokens(
    *, actor: Actor, client: Client, user_id: uuid.UUID, user_label: str
) -> int:
    """End every code and token with which `client` acts for a user.

    Returns how many families that ended.
    """
    now = utcnow()
    db.session.execute(
        update(AuthorizationCode)
        .where(
            AuthorizationCode.client_id == client.id,
            AuthorizationCode.user_id == user_id,
            AuthorizationCode.redeemed_at.is_(None),
        )
        .values(redeemed_at=now)
        .execution_options(synchronize_session=False)
    )
    count = _revoke_families(
        TokenFamily.client_id == client.id,
        TokenFamily.user_id == user_id,
        because=REVOKED_BY_ADMINISTRATOR,
        now=now,
    )
    record_on_client(
        actor,
        "client.user_tokens_revoked",
        client,
        {"user": user_label, "families": count},
    )
    db.session.flush()
    return count
