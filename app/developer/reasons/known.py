"""What the server knows that mends a refusal, looked up once for a whole list."""

import difflib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.access.effective import held_among
from app.access.reach import Givers, givers_of, some_permission_names
from app.access.scopes import OPENID_SCOPES
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import secrets_in_use
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason

#: Permissions that a name is compared with, and how like one it must be, at most 1.
MAXIMUM_COMPARED, LIKENESS = 500, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Permissions by name, who holds which of them now, and apps' working secrets.

    `meant` has the name that is most like one that no permission has.
    """

    permissions: Mapping[str, Givers]
    meant: Mapping[str, str]
    held: AbstractSet[tuple[uuid.UUID, str]]
    secrets: Mapping[uuid.UUID, Sequence[ClientSecret]]


def look_up(pairs: Iterable[tuple[RefusedRequest, Client | None]]) -> Known:
    """Return what is known about some rows, in four statements at most."""
    rows = [(row, client.id) for row, client in pairs if client is not None]
    names = {name for row, _ in rows for name in row.facts.get("missing", ())}
    lacking = {client_id for row, client_id in rows if row.facts.get("missing")}
    is_wrong = RefusalReason.SECRET_WRONG
    permissions = givers_of(names)
    return Known(
        permissions=permissions,
        meant=_likest(names - permissions.keys() - OPENID_SCOPES),
        held=held_among(lacking, names),
        secrets=secrets_in_use({id_ for row, id_ in rows if row.reason == is_wrong}),
    )


def _likest(names: AbstractSet[str]) -> dict[str, str]:
    """Return the name of a permission or scope that is most like each of `names`."""
    if not names:
        return {}
    existing = [*some_permission_names(MAXIMUM_COMPARED), *OPENID_SCOPES]
    likest = {
        name: difflib.get_close_matches(name, existing, n=1, cutoff=LIKENESS)
        for name in names
    }
    return {name: found[0] for name, found in likest.items() if found}
