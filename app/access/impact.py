"""What ending something breaks, counted by the packages that know."""

import uuid
from collections.abc import Callable, Sequence
from typing import Literal

from app.web.counting import Count

Kind = Literal["user", "role", "permission"]
Counter = Callable[[uuid.UUID], Sequence[str]]

_counters: dict[Kind, list[Counter]] = {}


def register_impact(kind: Kind, counter: Counter) -> None:
    """Let `impact_on` say what `counter` finds, as whole sentences, once each."""
    counters = _counters.setdefault(kind, [])
    if counter not in counters:
        counters.append(counter)


def impact_on(kind: Kind, thing_id: uuid.UUID) -> list[str]:
    """Return in sentences what stops working when this thing is ended."""
    return [
        sentence
        for counter in _counters.get(kind, ())
        for sentence in counter(thing_id)
    ]


def in_number(number: int, one: str, many: str) -> str:
    """Return a count with its noun: `1 app`, `2 apps`."""
    counted = number if isinstance(number, Count) else Count(number)
    return f"{counted} {one if counted == 1 else many}"
