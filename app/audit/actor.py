"""Who acts, as the audit log will remember them."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Whoever does something: a person, an app, a command or the server itself.

    `id` is null for the last two. `kind` is `user`, `client`, `command` or `server`.
    `via_client_id` is the app that a person did something by: it acted on their behalf.
    """

    kind: str
    label: str
    id: uuid.UUID | None = None
    ip_address: str | None = None
    reference_id: str | None = None
    via_client_id: uuid.UUID | None = None

    @classmethod
    def command(cls, name: str) -> "Actor":
        """Return the operator who ran the command `name`."""
        return cls(kind="command", label=f"flask {name}")

    @classmethod
    def server(
        cls, *, ip_address: str | None = None, reference_id: str | None = None
    ) -> "Actor":
        """Return the server itself, which acts on a request from `ip_address`."""
        return cls(
            kind="server",
            label="Gatepass",
            ip_address=ip_address,
            reference_id=reference_id,
        )


SERVER = Actor.server()
