"""Deleting an app, by whoever types its name."""

import unicodedata

from app.audit.actor import Actor
from app.clients import lifecycle
from app.clients.models import Client
from app.errors import DomainError


def delete_app(*, actor: Actor, client: Client, typed_name: str) -> None:
    """Move a client to the trash, if the person typed its name."""
    if _as_read(typed_name) != _as_read(client.name):
        raise DomainError(
            "That is not the name of the app. Nothing was deleted.", field="name"
        )
    lifecycle.delete_client(actor=actor, client=client)


def _as_read(name: str) -> str:
    """Return a name as a page shows it: one blank where there were several."""
    return unicodedata.normalize("NFC", " ".join(name.split()))
