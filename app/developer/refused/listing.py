"""The list of refused requests as its address describes it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select
from werkzeug.datastructures import MultiDict

from app.clients.models import Client
from app.clients.statements import parse_client_id
from app.developer.reasons.explanations import ENDPOINTS
from app.developer.reasons.texts import GROUPS
from app.extensions import settings
from app.text import is_storable
from app.traffic.folds import key_behind
from app.traffic.models import RefusedRequest
from app.traffic.reasons import Endpoint
from app.web.parsing import one_of
from app.web.searching import holds, searched

REFERENCE_LENGTH = 36
#: Rows with a refusal that has not been dismissed, those dismissed, and both.
STATES = ("open", "aside", "all")


@dataclass(frozen=True, kw_only=True)
class RefusedFilters:
    """What the list is narrowed to; anything else in the address is ignored."""

    reference: str = ""
    app: str = ""
    at: str = ""
    kind: str = ""
    state: str = "open"

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "RefusedFilters":
        """Read the query of an address."""
        return cls(
            reference=arguments.get("reference", "").strip()[:REFERENCE_LENGTH],
            app=searched(arguments, "app"),
            at=one_of(arguments.get("at"), set(Endpoint)),
            kind=one_of(arguments.get("kind"), GROUPS),
            state=one_of(arguments.get("state"), STATES, "open"),
        )

    @property
    def are_any(self) -> bool:
        """Whether anything is left out that the bare list shows."""
        return self != RefusedFilters()

    @property
    def query(self) -> dict[str, Any]:
        """The filters as the query of an address, without what is as usual."""
        usual = RefusedFilters()
        named = {
            name: getattr(self, name)
            for name in ("reference", "app", "at", "kind", "state")
        }
        return {n: value for n, value in named.items() if value != getattr(usual, n)}

    def select(self, *, client: Client | None = None) -> Select[Any]:
        """Return the select of rows, each with its app, the latest seen first."""
        query: Any = select(RefusedRequest, Client)
        query = query.outerjoin(Client, Client.id == RefusedRequest.client_id)
        if client is not None:
            query = query.where(RefusedRequest.client_id == client.id)
        query = query.where(*self._conditions())
        latest_first = RefusedRequest.last_seen_at.desc(), RefusedRequest.id.desc()
        ordered: Select[Any] = query.order_by(*latest_first)
        return ordered

    def _conditions(self) -> list[ColumnElement[bool]]:
        if self.reference:
            key = key_behind(self.reference, secret_key=settings.secret_key)
            return [RefusedRequest.fold_key == key if key else false()]
        conditions = []
        if self.app:
            conditions.append(_is_app(self.app))
        if self.at:
            conditions.append(RefusedRequest.endpoint == self.at)
        if self.kind:
            conditions.append(RefusedRequest.reason.in_(GROUPS[self.kind].texts))
        if self.state != "all":
            aside = RefusedRequest.dismissed_at
            conditions.append(
                aside.is_(None) if self.state == "open" else aside.is_not(None)
            )
        return conditions


def endpoint_choices() -> list[tuple[str, str]]:
    """Return the choices of where a request came in."""
    return [
        ("", "All"),
        *ENDPOINTS.items(),
    ]


def kind_choices() -> list[tuple[str, str]]:
    """Return the choices of what was wrong."""
    return [("", "All"), *((key, group.label) for key, group in GROUPS.items())]


def _is_app(search: str) -> ColumnElement[bool]:
    if not is_storable(search):
        return false()
    named = holds(Client.name, search)
    client_id = parse_client_id(search)
    if client_id is None:
        return named
    return or_(named, RefusedRequest.client_id == client_id)
