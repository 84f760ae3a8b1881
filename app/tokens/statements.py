"""The bearer check: one SELECT answers whether a token is active and what it may do."""

import uuid
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, bindparam, func, or_, select

from app.access.models import Permission
from app.access.statements import effective_names
from app.accounts.models import User
from app.clients.models import Client
from app.consents.models import Consent
from app.database import AnyRow, AnySelect
from app.tokens.endings import is_active_token
from app.tokens.models import AccessToken, TokenFamily


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
