"""The list of apps as its address describes it."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from app.clients.models import GRANT_TYPES, Client
from app.clients.queries import SORTS, STATUSES, search_clients

SEARCH_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the list is narrowed to; anything else in the address is ignored."""

    q: str = ""
    grant: str = ""
    status: str = ""
    owner: str = ""
    sort: str = "name"

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "Filters":
        """Read the query of an address."""
        return cls(
            q=arguments.get("q", "").strip()[:SEARCH_LENGTH],
            grant=_known(arguments.get("grant", ""), GRANT_TYPES),
            status=_known(arguments.get("status", ""), STATUSES),
            owner=_known(arguments.get("owner", ""), ("me",)),
            sort=_known(arguments.get("sort", ""), SORTS) or "name",
        )

    @property
    def is_trash(self) -> bool:
        """Whether what was deleted is listed."""
        return self.status == "deleted"

    @property
    def are_any(self) -> bool:
        """Whether anything is left out that the bare list shows."""
        return bool(self.q or self.grant or self.status or self.owner)

    def select(self, *, person_id: uuid.UUID) -> Select[Any]:
        """Return the select of the clients that the filters let through."""
        query: Select[Client] = search_clients(
            search=self.q,
            grant_type=self.grant or None,
            status=self.status or None,
            owner_id=person_id if self.owner == "me" else None,
            sort=self.sort,
        )
        return query


def _known(value: str, values: tuple[str, ...]) -> str:
    return value if value in values else ""
