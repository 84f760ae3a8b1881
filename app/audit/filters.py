"""The audit log as its address narrows it."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, not_, select
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from app.audit.models import AuditEvent
from app.audit.queries import NEWEST_FIRST, closed_cases, of_reference
from app.audit.subjects import KINDS
from app.audit.words import CASE, is_known
from app.web.parsing import one_of, uuid_in
from app.web.searching import holds

TEXT_LENGTH = 200
CASE_STATES = {"open": "Open", "closed": "Closed"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the log is narrowed to; anything else in the address is ignored.

    Days are UTC's, `until` included. `actor` and `subject` are a part of a name or a
    whole id.
    """

    actor: str = ""
    action: str = ""
    kind: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    ip: str = ""
    reference: str = ""
    #: Of cases: open or closed ones.
    case: str = ""

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "Filters":
        """Read the query of an address."""
        given = {
            field.name: arguments.get(field.name, "").strip()[:TEXT_LENGTH]
            for field in fields(cls)
        }
        known = given | {
            "action": given["action"] if is_known(given["action"]) else "",
            "case": one_of(given["case"], CASE_STATES)
            if given["action"] == CASE
            else "",
            "kind": one_of(given["kind"], KINDS),
            "since": given["since"] if _midnight(given["since"]) else "",
            "until": given["until"] if _midnight(given["until"], after=1) else "",
        }
        return cls(**known)

    @property
    def given(self) -> dict[str, Any]:
        """The filters that are set, by their names in the address."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in named.items() if value}

    @property
    def are_more(self) -> bool:
        """Whether one of those is set that are folded away."""
        return bool(self.since or self.until or self.ip or self.reference)

    def select(self) -> Select[AuditEvent]:
        """Return the select of all that the filters let through, newest first."""
        return (
            select(AuditEvent)
            .where(*self.looked_up(), *self.looked_for())
            .order_by(*NEWEST_FIRST)
        )

    def looked_up(self) -> list[ColumnElement[bool]]:
        """Return the conditions that one index answers, in the order of time."""
        since, until = _midnight(self.since), _midnight(self.until, after=1)
        found = [*self._by_index()][:1]
        if since:
            found.append(AuditEvent.happened_at >= since)
        if until:
            found.append(AuditEvent.happened_at < until)
        return found

    def looked_for(self) -> list[ColumnElement[bool]]:
        """Return the other conditions: each row has to be read for them."""
        names = (
            (AuditEvent.actor_label, self.actor),
            (AuditEvent.subject_label, self.subject),
        )
        parts = [
            holds(label, text) for label, text in names if text and not uuid_in(text)
        ]
        return [*self._by_index()][1:] + parts + self._of_case()

    def _of_case(self) -> list[ColumnElement[bool]]:
        if not self.case:
            return []
        is_closed = AuditEvent.reference_id.in_(closed_cases())
        return [is_closed if self.case == "closed" else not_(is_closed)]

    def _by_index(self) -> Iterator[ColumnElement[bool]]:
        """Yield what has an index of its own, first what leaves the fewest."""
        if self.reference:
            yield of_reference(self.reference)
        if subject_id := uuid_in(self.subject):
            kind = self.kind or _kind_of(subject_id)
            yield and_(
                AuditEvent.subject_kind == kind, AuditEvent.subject_id == subject_id
            )
        if actor_id := uuid_in(self.actor):
            yield AuditEvent.actor_id == actor_id
        for column, value in (
            (AuditEvent.ip_address, self.ip),
            (AuditEvent.action, self.action),
            (AuditEvent.subject_kind, self.kind),
        ):
            if value:
                yield column == value


def _kind_of(subject_id: uuid.UUID) -> ScalarSelect[str]:
    """Return the kind of a subject, which its index begins with: ids are unique."""
    one = aliased(AuditEvent)
    return (
        select(one.subject_kind)
        .where(one.subject_kind.in_(KINDS), one.subject_id == subject_id)
        .limit(1)
        .scalar_subquery()
    )


def _midnight(day: str, *, after: int = 0) -> datetime | None:
    """Return when a day begins, or one so many days later; null if it is none."""
    if not _DAY.fullmatch(day):
        return None
    try:
        moment = date.fromisoformat(day) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(moment, time(), UTC)
