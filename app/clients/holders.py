"""Clients as holders of roles and permissions."""

import uuid
from collections.abc import Collection

from sqlalchemy import select

from app.access.holders import (
    Holder,
    NamedHolder,
    register_holder_finder,
    register_holder_namer,
)
from app.clients.models import Client
from app.clients.queries import find_client
from app.extensions import db


def client_holder(client: Client) -> Holder:
    """Return `client` as a holder of roles and permissions."""
    return Holder(kind="client", id=client.id, label=client.name)


def _find_client_holder(client_id: str) -> Holder | None:
    client = find_client(client_id)
    return client_holder(client) if client else None


def _name_clients(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, NamedHolder]:
    clients = db.session.scalars(select(Client).where(Client.id.in_(ids)))
    return {
        client.id: NamedHolder(
            label=client.name,
            note="in the trash" if client.deleted_at else "",
            is_usable=client.is_enabled,
        )
        for client in clients
    }


register_holder_finder("client", _find_client_holder)
register_holder_namer("client", _name_clients)
