"""What is found out about a refusal afterwards, off the request's path."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.traffic.models import RefusedRequest


class Found(StrEnum):
    """What a client ID or a secret turned out to be; of tokens, what ended them."""

    # A client ID that no enabled app has.
    MISSPELT = "misspelt"
    NAME = "name"
    DISABLED = "disabled"
    DELETED = "deleted"
    # Whom a request named that asked for what nobody may.
    NAMED = "named"
    # A secret.
    OF_ANOTHER = "of_another"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found out.

    `client_id` may say whose request it was. Of a secret `hint` is its end, `app` whose
    it is if it is another one's, and `ended_at` when it ended.
    """

    what: str
    client_id: uuid.UUID | None = None
    hint: str = ""
    app: str = ""
    ended_at: datetime | None = None

    def kept(self, *, at: datetime) -> dict[str, Any]:
        """Return it as the database keeps it, with when it was worth asking."""
        values = {
            "is": str(self.what),
            "client_id": self.client_id and str(self.client_id),
            "hint": self.hint,
            "app": self.app,
            "ended_at": self.ended_at and self.ended_at.isoformat(),
            "at": at.isoformat(),
        }
        return {name: value for name, value in values.items() if value}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Finding":
        """Return what `kept` keeps."""
        client_id, ended_at = kept.get("client_id"), kept.get("ended_at")
        return cls(
            what=kept["is"],
            client_id=uuid.UUID(client_id) if client_id else None,
            hint=kept.get("hint", ""),
            app=kept.get("app", ""),
            ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        )


def found_about(row: RefusedRequest) -> list[Finding]:
    """Return what was found out about refused requests, the latest first."""
    return [Finding.of(kept) for kept in row.findings]
