"""Who can hold roles and permissions: users, and clients that a package above knows."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.accounts.models import User
from app.accounts.services import find_user_by_email

HolderKind = Literal["user", "client"]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A user or a client, as far as access is concerned."""

    kind: HolderKind
    id: uuid.UUID
    label: str


Finder = Callable[[str], Holder | None]

_finders: dict[HolderKind, Finder] = {}


def user_holder(user: User) -> Holder:
    """Return `user` as a holder of roles and permissions."""
    return Holder(kind="user", id=user.id, label=user.label)


def register_holder_finder(kind: HolderKind, finder: Finder) -> None:
    """Let `find_holder` find holders of `kind` by what people type."""
    _finders[kind] = finder


def find_holder(name: str) -> Holder | None:
    """Return the holder that `name`, an e-mail address or a client id, stands for."""
    found = (finder(name) for finder in _finders.values())
    return next((holder for holder in found if holder), None)


def _find_user_holder(email: str) -> Holder | None:
    user = find_user_by_email(email)
    return user_holder(user) if user else None


register_holder_finder("user", _find_user_holder)
