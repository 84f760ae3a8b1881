"""Public keys that running servers sign with, told to each other by the database."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utcnow
from app.database import Base


class PublishedKey(Base):
    """The public half of a key that a server has begun to sign with.

    During a rolling restart servers of both keys run side by side: each finds here what
    the other signs with.
    """

    __tablename__ = "published_keys"

    #: The thumbprint (RFC 7638).
    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    public_key: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(default=utcnow)
