"""Permissions under the names of their groups."""

from collections.abc import Iterable
from itertools import groupby
from typing import Protocol, TypeVar

WITHOUT_GROUP = "Other"


class _Grouped(Protocol):
    @property
    def group(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Grouped)


def by_group(things: Iterable[_Thing]) -> list[tuple[str, list[_Thing]]]:
    """Return things by their group's name, those without one last.

    Where nothing has a group, the one name is empty.
    """
    ordered = sorted(things, key=lambda thing: (not thing.group, thing.group))
    groups = [
        (name, list(found)) for name, found in groupby(ordered, lambda t: t.group)
    ]
    if len(groups) > 1 and not groups[-1][0]:
        groups[-1] = (WITHOUT_GROUP, groups[-1][1])
    return groups
