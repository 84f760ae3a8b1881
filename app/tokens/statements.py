"""The bearer check: one SELECT answers whether a token is active and what it may do.

Validity is derived here from the token's row, its client, its family, its user and the
consent it was given under; nothing is ever cascaded to the token itself.
"""

import uuid
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from app.access.models import Permission
from app.access.statements import effective_names
from app.accounts.models import User
from app.clients.models import Client
from app.consents.models import Consent
from app.consents.statements import stands
from app.database import AnyRow, AnySelect
from app.tokens.models import AccessToken, TokenFamily


def is_active_token(now: Any) -> Any:
    """Return the condition for an access token joined as in `_select_active`.

    It is about everything but the token's own end, which `now` is not compared with.
    """
    return and_(
        AccessToken.revoked_at.is_(None),
        Client.disabled_at.is_(None),
        Client.deleted_at.is_(None),
        AccessToken.client_generation == Client.token_generation,
        or_(
            AccessToken.user_id.is_(None),
            and_(
                User.deactivated_at.is_(None),
                AccessToken.user_generation == User.token_generation,
                TokenFamily.revoked_at.is_(None),
                stands(now),
            ),
        ),
    )


@cache
def _select_active() -> AnySelect:
    token = AccessToken.__table__.c
    # A user's token carries only what apps may ask users for, as of now.
    may_be_delegated = or_(token.user_id.is_(None), Permission.is_delegable)
    return (
        select(
            AccessToken.id,
            AccessToken.client_id,
            AccessToken.user_id,
            AccessToken.family_id,
            AccessToken.scope,
            AccessToken.audience,
            AccessToken.kid,
            AccessToken.issued_at,
            AccessToken.expires_at,
            Client.name.label("client_name"),
            Client.scopes.label("client_scopes"),
            Client.last_used_at.label("client_last_used_at"),
            User.email.label("user_email"),
            User.name.label("user_name"),
            Consent.id.label("consent_id"),
            Consent.scopes.label("consent_scopes"),
            Consent.last_used_at.label("consent_last_used_at"),
            effective_names(
                func.coalesce(token.user_id, token.client_id), may_be_delegated
            ).label("permissions"),
        )
        .join(Client, Client.id == AccessToken.client_id)
        .outerjoin(User, User.id == AccessToken.user_id)
        .outerjoin(TokenFamily, TokenFamily.id == AccessToken.family_id)
        .outerjoin(Consent, Consent.id == TokenFamily.consent_id)
        .where(
            AccessToken.id == bindparam("token_id"),
            AccessToken.expires_at > bindparam("now"),
            is_active_token(bindparam("now")),
        )
    )


def select_active_token(
    connection: Connection, *, token_id: uuid.UUID, now: datetime
) -> AnyRow | None:
    """Return the active token with this `jti` and what its actor holds, or null."""
    return connection.execute(
        _select_active(), {"token_id": token_id, "now": now}
    ).first()
