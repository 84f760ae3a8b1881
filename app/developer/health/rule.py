"""What a rule about the health of apps is: how to tell, and where to look."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.audit.models import AuditEvent
from app.clients.models import Client, ClientSecret
from app.developer.health.facts import Facts

#: A select of ids of apps.
Ids = Select[Any]


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Something odd. `kind` is danger, warning or info; `tab` is where it is mended."""

    kind: str
    sentence: str
    fix: str
    tab: str
    anchor: str = ""
    #: The secret of which somebody can say that it is stored.
    secret: ClientSecret | None = None
    #: The open cases that it is about, the latest first.
    cases: Sequence[AuditEvent] = ()


class Rule(ABC):
    """Something that can be odd about an app, and the apps that it can be odd about."""

    @abstractmethod
    def find(self, client: Client, facts: Facts, now: datetime) -> Iterator[Hint]:
        """Yield what is odd about `client` by this rule, if anything."""

    def candidates(self) -> Ids | None:
        """Return the select of apps about which `find` may say more than a remark.

        None of them is missing; there may be others, of which `find` says nothing. Null
        where only the page of an app says it.
        """
        return None


def apps_where(*conditions: ColumnElement[bool]) -> Ids:
    """Return the select of apps that are not in the trash and meet `conditions`."""
    return select(Client.id.label("id")).where(Client.deleted_at.is_(None), *conditions)
