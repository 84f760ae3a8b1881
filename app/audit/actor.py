"""Who acts, as the audit log will remember them."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Whoever does something: a person, an app, a command or the server itself.

    `id` is null for the last two. `kind` is `user`, `client`, `command` or `server`.
    """

    kind: str
    label: str
    id: uuid.UUID | None = None
    ip_address: str | None = None
    reference_id: str | None = None

    @classmethod
    def command(cls, name: str) -> "Actor":
        """Return the operator who ran the command `name`."""
        return cls(kind="command", label=f"flask {name}")


SERVER = Actor(kind="server", label="Gatepass")
