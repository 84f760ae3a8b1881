"""What an event changed, as lines to read: of a list, what came and what went."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit.models import AuditEvent
from app.audit.words import CHANGED, FIELDS, MAKES_NEW
from app.web.times import moment

#: How services write moments into details.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00", re.ASCII)
#: What null stands for where it is more than nothing.
_NULL = {"scopes": "every delegable permission"}
#: Lists that are kept as one text, as OAuth sends them.
_SPACED = frozenset({"scope", "left_out"})
SHOWN_LENGTH = 300
#: How long a change may be to stand in a summary.
SHORT = 50


@dataclass(frozen=True, kw_only=True)
class Items:
    """What a list has gained and lost, and how many stayed."""

    added: Sequence[str]
    removed: Sequence[str]
    unchanged: int

    @property
    def moves(self) -> list[tuple[str, Sequence[str]]]:
        """What happened to items, in a word, and to which; never to none."""
        moves = [("added", self.added), ("removed", self.removed)]
        return [(word, items) for word, items in moves if items]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One detail of an event; `before` is null where nothing was replaced.

    Where one list replaced another, `items` tells them apart.
    """

    field: str
    before: str | None
    after: str
    items: Items | None = None

    @property
    def is_short(self) -> bool:
        """Whether all of it can stand in a summary."""
        told = [self.before or "", self.after]
        if self.items is not None:
            told = [*self.items.added, *self.items.removed]
        return sum(map(len, told)) <= SHORT

    @property
    def is_told(self) -> bool:
        """Whether a summary tells all of it, with nothing left to unfold."""
        return self.is_short and not (self.items and self.items.unchanged)


def changes_in(event: AuditEvent) -> list[Difference]:
    """Return what an event changed, and what else is known of it, as lines to read."""
    return differences(event.details, is_new=event.action in MAKES_NEW)


def change_of(field: str, value: Any) -> tuple[Any, Any] | None:
    """Return what a detail says was before and is after; null if it is a fact.

    One that tells of a change is a fact where nothing was there to be replaced.
    """
    if field not in CHANGED or not isinstance(value, list) or len(value) != 2:
        return None
    before, after = value
    return before, after


def differences(
    details: Mapping[str, Any], *, is_new: bool = False
) -> list[Difference]:
    """Return details as the log keeps them as lines to read.

    With `is_new` there was nothing before, whatever they say.
    """
    return [_difference(field, value, is_new) for field, value in details.items()]


def _difference(field: str, value: Any, is_new: bool) -> Difference:
    label = FIELDS.get(field, field.replace("_", " "))
    change = change_of(field, value)
    if change is None:
        return Difference(field=label, before=None, after=_shown(value))
    is_known = change[0] not in (None, "") or field in _NULL
    before, after = (_in_full(field, side) for side in change)
    if is_new or not is_known:
        return Difference(field=label, before=None, after=_shown(after))
    items = None
    if isinstance(before, list) and isinstance(after, list):
        items = _compared(before, after)
    return Difference(
        field=label, before=_shown(before), after=_shown(after), items=items
    )


def _in_full(field: str, side: Any) -> Any:
    """Return one side of a change as what it stands for."""
    if side is None:
        return _NULL.get(field)
    return side.split() if field in _SPACED and isinstance(side, str) else side


def _compared(before: list[Any], after: list[Any]) -> Items:
    return Items(
        added=[_shown(item) for item in after if item not in before],
        removed=[_shown(item) for item in before if item not in after],
        unchanged=sum(item in before for item in after),
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        value = moment(datetime.fromisoformat(value))
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"
