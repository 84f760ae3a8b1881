"""Boxes to tick, in groups, of which a search shows some and drops none.

What a search leaves out stays in the form, hidden, with its tick: saving never takes
away what somebody could not see.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.access.boxes import BoxGroup, grouped, permission_box, role_box
from app.access.models import Permission, Role
from app.web.counting import Count

#: Returns how many live tokens carry one of some permissions.
TokenCounter = Callable[[frozenset[str]], Count]


def matches(search: str, *texts: str) -> bool:
    """Tell whether every word of a search is in one of the texts."""
    text = " ".join(texts).casefold()
    return all(word in text for word in search.casefold().split())


def permission_groups(
    permissions: Iterable[Permission],
    *,
    search: str,
    ticked: Collection[str],
    tokens: TokenCounter,
    via: Mapping[str, Sequence[str]],
) -> list[BoxGroup]:
    """Return permissions to choose from, by group.

    `via` names the roles that bring a permission already.
    """
    return grouped(
        permission_box(
            permission,
            is_shown=_is_shown(permission, search),
            tokens=(
                tokens(frozenset({permission.name}))
                if str(permission.id) in ticked
                else None
            ),
            via=via.get(permission.name, ()),
        )
        for permission in permissions
    )


def scope_groups(permissions: Iterable[Permission], *, search: str) -> list[BoxGroup]:
    """Return permissions to choose from as scopes, by group."""
    return grouped(
        permission_box(p, by_name=True, is_shown=_is_shown(p, search))
        for p in permissions
    )


def role_groups(
    roles: Iterable[Role],
    *,
    search: str,
    ticked: Collection[str],
    tokens: TokenCounter,
) -> list[BoxGroup]:
    """Return roles to choose from, each with what it brings."""
    boxes = []
    for role in roles:
        names = [permission.name for permission in role.permissions]
        is_shown = matches(search, role.name, role.description, *names)
        carried = tokens(frozenset(names)) if str(role.id) in ticked else None
        boxes.append(role_box(role, is_shown=is_shown, tokens=carried))
    return grouped(boxes)


def _is_shown(permission: Permission, search: str) -> bool:
    return matches(search, permission.name, permission.description, permission.group)
