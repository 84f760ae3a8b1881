"""Roles and permissions as boxes to tick, in groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.access.grouping import by_group
from app.access.models import Permission, Role
from app.web.counting import Count


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box to tick; where it is `unavailable` a sentence says why.

    `includes` are the permissions of a role, `via` the roles that bring the same, and
    `tokens` live ones that would notice if the tick were taken out. A search hides a
    box and leaves it in the form.
    """

    value: str
    label: str
    about: str
    group: str = ""
    unavailable: str = ""
    includes: Sequence[str] = ()
    via: Sequence[str] = ()
    tokens: Count | None = None
    is_shown: bool = True


@dataclass(frozen=True, kw_only=True)
class BoxGroup:
    """Boxes under a heading; without a name they stand by themselves."""

    name: str
    boxes: Sequence[Box]

    @property
    def is_shown(self) -> bool:
        """Whether a search has left anything of it."""
        return any(box.is_shown for box in self.boxes)


def grouped(boxes: Iterable[Box]) -> list[BoxGroup]:
    """Return boxes by the names of their groups."""
    return [BoxGroup(name=name, boxes=found) for name, found in by_group(boxes)]


def role_box(role: Role, **more: Any) -> Box:
    """Return a role as a box that says what it brings; `more` are fields of it."""
    names = [permission.name for permission in role.permissions]
    return Box(
        value=str(role.id),
        label=role.name,
        about=", ".join(names) or "No permissions yet.",
        includes=names,
        **more,
    )


def permission_box(
    permission: Permission, *, by_name: bool = False, **more: Any
) -> Box:
    """Return a permission as a box, sent by its id or `by_name`; `more` as above."""
    return Box(
        value=permission.name if by_name else str(permission.id),
        label=permission.name,
        about=permission.description,
        group=permission.group,
        **more,
    )
