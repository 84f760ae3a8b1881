"""What ending something breaks, counted by the packages that know."""

import uuid
from collections.abc import Callable, Sequence
from typing import Literal

Kind = Literal["user", "permission"]
Counter = Callable[[uuid.UUID], Sequence[str]]

_counters: dict[Kind, Counter] = {}


def register_impact(kind: Kind, counter: Counter) -> None:
    """Let `impact_on` say what `counter` finds, as whole sentences."""
    _counters[kind] = counter


def impact_on(kind: Kind, thing_id: uuid.UUID) -> Sequence[str]:
    """Return in sentences what stops working when this thing is ended."""
    return _counters[kind](thing_id)
