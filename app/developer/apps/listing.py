"""The list of apps as its address describes it."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false
from werkzeug.datastructures import MultiDict

from app.accounts.services import find_user_by_email
from app.clients.models import GRANT_TYPES, Client
from app.clients.queries import SORTS, STATUSES, search_clients
from app.web.parsing import one_of
from app.web.searching import searched

OWNERS = ("me", "nobody", "person")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the list is narrowed to; anything else in the address is ignored."""

    q: str = ""
    grant: str = ""
    status: str = ""
    owner: str = ""
    #: Whose apps, by e-mail address, where `owner` is "person".
    person: str = ""
    sort: str = "name"

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "Filters":
        """Read the query of an address."""
        person = searched(arguments, "person")
        owner = one_of(arguments.get("owner"), OWNERS)
        if owner in {"", "person"}:
            # The address says whose; without one the choice says nothing.
            owner = "person" if person else ""
        return cls(
            q=searched(arguments),
            grant=one_of(arguments.get("grant"), GRANT_TYPES),
            status=one_of(arguments.get("status"), STATUSES),
            owner=owner,
            person=person if owner == "person" else "",
            sort=one_of(arguments.get("sort"), SORTS, "name"),
        )

    @property
    def is_trash(self) -> bool:
        """Whether what was deleted is listed."""
        return self.status == "deleted"

    @property
    def are_any(self) -> bool:
        """Whether anything is left out that the bare list shows."""
        return bool(self.q or self.grant or self.status or self.owner)

    @property
    def is_person_unknown(self) -> bool:
        """Whether apps are asked for of somebody whom nobody knows."""
        return self.owner == "person" and find_user_by_email(self.person) is None

    def select(self, *, person_id: uuid.UUID) -> Select[Any]:
        """Return the select of the clients that the filters let through."""
        query: Select[Client] = search_clients(
            search=self.q,
            grant_type=self.grant or None,
            status=self.status or None,
            sort=self.sort,
        )
        return query.where(self._is_owned(person_id)) if self.owner else query

    def _is_owned(self, person_id: uuid.UUID) -> ColumnElement[bool]:
        if self.owner == "me":
            return Client.owner_id == person_id
        if self.owner == "nobody":
            return Client.owner_id.is_(None)
        owner = find_user_by_email(self.person)
        return false() if owner is None else Client.owner_id == owner.id
