"""What the authorization server gave: codes, families, refresh and access tokens.

Validity is derived when a row is read, never cascaded: see `app.tokens.endings`.
"""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utcnow
from app.database import Base, new_id


class AuthorizationCode(Base):
    """An authorization code (RFC 6749 §4.1.2): short-lived and used at most once."""

    __tablename__ = "authorization_codes"
    __table_args__ = (
        Index("ix_authorization_codes_expires_at", "expires_at"),
        Index("ix_authorization_codes_consent_id", "consent_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    consent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consents.id"))
    scope: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    #: Whether the request named it; then the exchange must name it too.
    is_redirect_uri_named: Mapped[bool]
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    #: Ties the ID token to the app's request (OpenID Connect Core §3.1.2.1).
    nonce: Mapped[str | None] = mapped_column(Text)
    #: The identifiers of APIs that were asked for, by blanks; null means all of ours.
    audience: Mapped[str | None] = mapped_column(Text)
    client_generation: Mapped[int]
    user_generation: Mapped[int]
    #: When the user had last given a password, for `auth_time`.
    authenticated_at: Mapped[datetime]
    issued_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    #: Set by whoever tries it first, rightly or wrongly; never cleared.
    redeemed_at: Mapped[datetime | None]


class TokenFamily(Base):
    """Everything that came of one authorization code; it is revoked as one."""

    __tablename__ = "token_families"
    __table_args__ = (
        Index("ix_token_families_consent_id", "consent_id"),
        Index("ix_token_families_client_id_user_id", "client_id", "user_id"),
        Index("ix_token_families_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    consent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consents.id"))
    #: Where it came from: a replay of that code takes everything back, so the code's
    #: row stays as long as the family's.
    authorization_code_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("authorization_codes.id"), unique=True
    )
    #: All that the resource owner granted; refreshing may narrow but never widen it.
    scope: Mapped[str] = mapped_column(Text)
    #: As in the authorization code.
    audience: Mapped[str | None] = mapped_column(Text)
    authenticated_at: Mapped[datetime | None]
    client_generation: Mapped[int]
    user_generation: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: The end of the family however often it is refreshed.
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(String(32))


class RefreshToken(Base):
    """A refresh token. A family is a line: one token for each position in it."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        UniqueConstraint("family_id", "position"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("token_families.id"))
    position: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    #: When it was used and its successor made.
    rotated_at: Mapped[datetime | None]


def _index_where_set(column: str) -> Index:
    is_set = text(f"{column} IS NOT NULL")
    return Index(
        f"ix_access_tokens_{column}",
        column,
        sqlite_where=is_set,
        postgresql_where=is_set,
    )


class AccessToken(Base):
    """The row behind an access token; nothing of the token itself but its `jti`."""

    __tablename__ = "access_tokens"
    __table_args__ = (
        Index("ix_access_tokens_client_id_expires_at", "client_id", "expires_at"),
        # A client's own tokens, the many, have neither: they cost no entry here.
        _index_where_set("user_id"),
        _index_where_set("family_id"),
        Index("ix_access_tokens_expires_at", "expires_at"),
    )

    #: `jti` (RFC 7519 §4.1.7).
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"))
    #: Whom the token acts for; null where the client acts as itself.
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    family_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("token_families.id"))
    scope: Mapped[str] = mapped_column(Text)
    #: The identifiers of the APIs it is for, separated by blanks.
    audience: Mapped[str] = mapped_column(Text)
    #: The thumbprint of the key that signed it (RFC 7638).
    kid: Mapped[str] = mapped_column(String(43))
    client_generation: Mapped[int]
    user_generation: Mapped[int | None]
    issued_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
