"""Boxes to tick, in groups, of which a search shows some and drops none.

What a search leaves out stays in the form, hidden, with its tick: saving never takes
away what somebody could not see.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.access.grouping import by_group
from app.access.models import Permission, Role
from app.web.counting import Count

SEARCH_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One box; `tokens` are live ones that would notice if the tick were taken out.

    `via` are the roles that bring the same.
    """

    value: str
    label: str
    about: str
    is_ticked: bool
    is_shown: bool
    tokens: Count | None = None
    via: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """Choices under a heading; without a name they stand by themselves."""

    name: str
    choices: Sequence[Choice]

    @property
    def is_shown(self) -> bool:
        """Whether the search has left anything of it."""
        return any(choice.is_shown for choice in self.choices)


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
    by_name: bool = False,
    tokens: TokenCounter | None = None,
    via: Mapping[str, Sequence[str]] | None = None,
) -> list[Group]:
    """Return permissions to choose from, by group; values are their ids, or names.

    `via` names the roles that bring a permission already.
    """
    return [
        Group(
            name=name,
            choices=[
                _permission_choice(
                    permission,
                    value=permission.name if by_name else str(permission.id),
                    search=search,
                    ticked=ticked,
                    tokens=tokens,
                    via=(via or {}).get(permission.name, ()),
                )
                for permission in found
            ],
        )
        for name, found in by_group(permissions)
    ]


def role_groups(
    roles: Iterable[Role],
    *,
    search: str,
    ticked: Collection[str],
    tokens: TokenCounter,
) -> list[Group]:
    """Return roles to choose from, each with what it brings."""
    choices = []
    for role in roles:
        names = [permission.name for permission in role.permissions]
        is_ticked = str(role.id) in ticked
        choices.append(
            Choice(
                value=str(role.id),
                label=role.name,
                about=", ".join(names) or "It holds no permission.",
                is_ticked=is_ticked,
                is_shown=matches(search, role.name, role.description, *names),
                tokens=tokens(frozenset(names)) if is_ticked else None,
            )
        )
    return [Group(name="", choices=choices)] if choices else []


def _permission_choice(
    permission: Permission,
    *,
    value: str,
    search: str,
    ticked: Collection[str],
    tokens: TokenCounter | None,
    via: Sequence[str],
) -> Choice:
    is_ticked = value in ticked
    texts = (permission.name, permission.description, permission.group)
    return Choice(
        value=value,
        label=permission.name,
        about=permission.description,
        is_ticked=is_ticked,
        is_shown=matches(search, *texts),
        tokens=tokens(frozenset({permission.name})) if tokens and is_ticked else None,
        via=via,
    )
