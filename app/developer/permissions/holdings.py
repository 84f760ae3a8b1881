"""The roles and direct permissions of an app: what saving them would change."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.access import catalogue
from app.access import services as access
from app.access.effective import direct_permissions, held_roles, permission_names
from app.access.escalation import Powers
from app.access.models import Permission, Role
from app.access.states import check_state, holdings_state
from app.audit.actor import Actor
from app.clients.holders import client_holder
from app.clients.models import Client
from app.locking import lock
from app.tokens.listing import carrying, scopes_of_own_tokens
from app.web.counting import Count

_Thing = TypeVar("_Thing", Role, Permission)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a client would be given and lose, by name.

    `gained` and `lost` are effective permissions: what is held twice is not lost with
    one of its sources. `tokens` are live ones that carry something lost.
    """

    given: tuple[str, ...]
    taken: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    tokens: Count

    def __bool__(self) -> bool:
        return bool(self.given or self.taken)

    @property
    def in_words(self) -> str:
        """The change as a sentence for whoever has just saved it."""
        if not self:
            return "Nothing has changed."
        parts = [
            f"{words} {', '.join(names)}"
            for words, names in (("added", self.given), ("removed", self.taken))
            if names
        ]
        follows = [f"Saved: {'; '.join(parts)}."]
        if self.gained:
            follows.append("New tokens can carry it. Existing tokens do not change.")
        if self.lost:
            follows.append("What it may no longer do is refused immediately.")
        return " ".join(follows)


def planned_change(
    client: Client, *, role_ids: Collection[str], permission_ids: Collection[str]
) -> Change:
    """Return what changes if a client's roles and direct permissions become these."""
    roles = _chosen(catalogue.list_roles(), role_ids)
    direct = _chosen(catalogue.list_permissions(), permission_ids)
    had = _labels(held_roles(client.id), direct_permissions(client.id))
    wanted = _labels(roles, direct)
    before = permission_names(client.id)
    after = {name for role in roles for name in _names(role.permissions)}
    after.update(_names(direct))
    lost = frozenset(before - after)
    return Change(
        given=_only(wanted, had),
        taken=_only(had, wanted),
        gained=tuple(sorted(after - before)),
        lost=tuple(sorted(lost)),
        tokens=carrying(scopes_of_own_tokens(client.id), lost) if lost else Count(0),
    )


def change_holdings(
    *,
    actor: Actor,
    powers: Powers,
    client: Client,
    role_ids: Sequence[uuid.UUID],
    permission_ids: Sequence[uuid.UUID],
    expected_state: str,
) -> Change:
    """Make a client hold exactly these, unless somebody else changed it meanwhile."""
    check_state(expected_state, holdings_state(lock(client).id))
    change = planned_change(
        client,
        role_ids=[str(role_id) for role_id in role_ids],
        permission_ids=[str(permission_id) for permission_id in permission_ids],
    )
    access.set_roles_and_permissions(
        actor=actor,
        powers=powers,
        holder=client_holder(client),
        role_ids=role_ids,
        permission_ids=permission_ids,
    )
    return change


def _chosen(existing: Iterable[_Thing], ids: Collection[str]) -> list[_Thing]:
    return [thing for thing in existing if str(thing.id) in ids]


def _names(things: Iterable[Role | Permission]) -> list[str]:
    return [thing.name for thing in things]


def _labels(roles: Iterable[Role], direct: Iterable[Permission]) -> list[str]:
    return [f"role {name}" for name in _names(roles)] + _names(direct)


def _only(these: Iterable[str], others: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in these if name not in others)
