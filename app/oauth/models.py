"""Authorization requests that wait for a person's answer."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utcnow
from app.database import Base, new_id


class AuthorizationRequest(Base):
    """An authorization request kept while its user signs in or decides.

    It is found by a secret that only the browser that brought it holds.
    """

    __tablename__ = "authorization_requests"
    __table_args__ = (Index("ix_authorization_requests_expires_at", "expires_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: Of a secret in a cookie of the browser that brought the request.
    browser_digest: Mapped[bytes]
    #: The parameters as they came, name to value.
    parameters: Mapped[dict[str, str]] = mapped_column(JSON)
    #: Who was asked on the consent screen; only they may answer.
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    #: What they were asked to allow; an answer allows nothing that came up later.
    offered_scope: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    #: When it was answered; an answer counts once.
    decided_at: Mapped[datetime | None]
