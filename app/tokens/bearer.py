"""Who a bearer token is and what it may do at this moment (RFC 6750)."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.access.scopes import OPENID_SCOPES, parse_scope
from app.clients.last_use import touch
from app.clients.models import Client
from app.clock import utcnow
from app.consents.models import Consent
from app.database import AnyRow
from app.extensions import db, settings
from app.kept_connections import kept_connection
from app.keys.published import find_newer_key
from app.keys.ring import current_key_ring
from app.tokens.errors import InvalidTokenError
from app.tokens.jwts import SignedToken, read_access_token
from app.tokens.refusals import why_inactive
from app.tokens.statements import select_active_token
from app.traffic.reasons import RefusalReason, refused

_INACTIVE = "The access token has expired or was revoked."


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveToken:
    """An access token that is active now; `user_id` is null if the client acts itself.

    `permissions` is what the request may do: the token's scope within what the actor
    holds at this moment.
    """

    id: uuid.UUID
    client_id: uuid.UUID
    client_name: str
    user_id: uuid.UUID | None
    user_email: str | None
    user_name: str | None
    family_id: uuid.UUID | None
    scope: frozenset[str]
    permissions: frozenset[str]
    audience: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime

    @property
    def current_scope(self) -> frozenset[str]:
        """The scope without what its actor does not hold now.

        Whoever reads nothing but the scope then notices what was taken away.
        """
        return self.permissions | (self.scope & OPENID_SCOPES)

    @property
    def actor_id(self) -> uuid.UUID:
        """Whose permissions count: the user's, or the client's own."""
        return self.user_id or self.client_id


def find_active(token: str, *, audiences: Collection[str] = ()) -> ActiveToken:
    """Return what `token` stands for, by one SELECT.

    It must be meant for all APIs in `audiences` (RFC 9068 §4). Raises
    InvalidTokenError for a token that is malformed, not ours, expired or ended in any
    way; the message does not tell which of its ends it was.
    """
    signed = read_access_token(
        current_key_ring(), token, issuer=settings.issuer, find_key=find_newer_key
    )
    active = _find(signed)
    if active is None:
        raise InvalidTokenError(_INACTIVE, why_inactive(signed))
    if not set(audiences).issubset(active.audience):
        raise InvalidTokenError(
            "The access token is meant for another API.",
            refused(RefusalReason.TOKEN_AUDIENCE, client_id=active.client_id),
        )
    return active


def _find(signed: SignedToken) -> ActiveToken | None:
    """Return the active token with this `jti`, or null; remembers its use."""
    connection = kept_connection(db.engine)
    now = utcnow()
    row = select_active_token(connection, token_id=signed.id, now=now)
    # Whoever comes to hold a previous key can sign nothing that it did not sign then.
    if row is None or row.kid != signed.kid:
        return None
    _touch(connection, row, now)
    return _active(row)


def _active(row: AnyRow) -> ActiveToken:
    scope = parse_scope(row.scope)
    if row.consent_id is not None:
        scope &= frozenset(row.consent_scopes)
    held = frozenset((row.permissions or "").split())
    if row.user_id is not None and row.client_scopes is not None:
        held &= frozenset(row.client_scopes)
    return ActiveToken(
        id=row.id,
        client_id=row.client_id,
        client_name=row.client_name,
        user_id=row.user_id,
        user_email=row.user_email,
        user_name=row.user_name,
        family_id=row.family_id,
        scope=scope,
        permissions=scope & held,
        audience=tuple(row.audience.split()),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )


def _touch(connection: Connection, row: AnyRow, now: datetime) -> None:
    """Remember the use of the client and of the consent."""
    touch(connection, Client, row.client_id, row.client_last_used_at, now)
    if row.consent_id is not None:
        touch(connection, Consent, row.consent_id, row.consent_last_used_at, now)
