"""What the server knows that mends a refusal, looked up once for a whole list."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.access.effective import held_among
from app.access.reach import Givers, givers_of
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import secrets_in_use
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Permissions by name, who holds which of them now, and apps' working secrets."""

    permissions: Mapping[str, Givers]
    held: AbstractSet[tuple[uuid.UUID, str]]
    secrets: Mapping[uuid.UUID, Sequence[ClientSecret]]


def look_up(pairs: Iterable[tuple[RefusedRequest, Client | None]]) -> Known:
    """Return what is known about some rows, in three statements at most."""
    rows = [(row, client.id) for row, client in pairs if client is not None]
    names = {name for row, _ in rows for name in row.facts.get("missing", ())}
    lacking = {client_id for row, client_id in rows if row.facts.get("missing")}
    is_wrong = RefusalReason.SECRET_WRONG
    return Known(
        permissions=givers_of(names),
        held=held_among(lacking, names),
        secrets=secrets_in_use({id_ for row, id_ in rows if row.reason == is_wrong}),
    )
