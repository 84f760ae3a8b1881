"""Finding clients: one by its id, or many for a list."""

import uuid

from sqlalchemy import (
    ColumnElement,
    Select,
    UnaryExpression,
    false,
    or_,
    select,
)
from sqlalchemy.orm import joinedload

from app.clients.models import GRANT_TYPES, Client
from app.clients.statements import parse_client_id
from app.database import json_list_holds
from app.extensions import db
from app.text import is_storable
from app.web.searching import holds

STATUSES = ("enabled", "disabled", "deleted")
#: What a list can be sorted by; a minus sign puts the last first.
SORTS = (
    "name",
    "-name",
    "created_at",
    "-created_at",
    "last_used_at",
    "-last_used_at",
)


def find_client(
    client_id: str | uuid.UUID, *, with_deleted: bool = False
) -> Client | None:
    """Return the client with this id, or null, also for what is no id at all.

    One in the trash is found only `with_deleted`.
    """
    if isinstance(client_id, str):
        parsed = parse_client_id(client_id)
        if parsed is None:
            return None
        client_id = parsed
    client = db.session.get(Client, client_id)
    if client is None or (client.deleted_at is not None and not with_deleted):
        return None
    return client


def search_clients(
    *,
    search: str = "",
    grant_type: str | None = None,
    status: str | None = None,
    owner_id: uuid.UUID | None = None,
    sort: str = "name",
) -> Select[Client]:
    """Return the select of clients for a list, each with its owner.

    `search` is part of a name or a whole id. `status` is one of STATUSES; without it
    all are listed that are not in the trash.
    """
    query = select(Client).options(joinedload(Client.owner))
    search = search.strip()
    if search:
        query = query.where(_is_named(search))
    if grant_type in GRANT_TYPES:
        query = query.where(json_list_holds(Client.grant_types, grant_type))
    if owner_id is not None:
        query = query.where(Client.owner_id == owner_id)
    deleted, disabled = Client.deleted_at, Client.disabled_at
    query = query.where(
        deleted.is_not(None) if status == "deleted" else deleted.is_(None)
    )
    if status in {"enabled", "disabled"}:
        query = query.where(
            disabled.is_(None) if status == "enabled" else disabled.is_not(None)
        )
    return query.order_by(*_order(sort))


def _is_named(search: str) -> ColumnElement[bool]:
    if not is_storable(search):
        return false()
    named = holds(Client.name, search)
    client_id = parse_client_id(search)
    return named if client_id is None else or_(named, Client.id == client_id)


def _order(sort: str) -> list[UnaryExpression[object]]:
    if sort not in SORTS:
        sort = "name"
    column = getattr(Client, sort.removeprefix("-"))
    first = column.desc() if sort.startswith("-") else column.asc()
    # What was never used comes last either way.
    return [first.nulls_last(), Client.id.asc()]
