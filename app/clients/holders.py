"""Clients as holders of roles and permissions."""

from app.access.holders import Holder, register_holder_finder
from app.clients.models import Client
from app.clients.queries import find_client


def client_holder(client: Client) -> Holder:
    """Return `client` as a holder of roles and permissions."""
    return Holder(kind="client", id=client.id, label=client.name)


def _find_client_holder(client_id: str) -> Holder | None:
    client = find_client(client_id)
    return client_holder(client) if client else None


register_holder_finder("client", _find_client_holder)
