"""Who can hold roles and permissions: users, and clients that a package above knows."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from app.access.models import RoleAssignment
from app.accounts.models import User
from app.accounts.services import find_user_by_email
from app.errors import NotFoundError
from app.extensions import db

HolderKind = Literal["user", "client"]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A user or a client, as far as access is concerned."""

    kind: HolderKind
    id: uuid.UUID
    label: str


@dataclass(frozen=True, kw_only=True)
class NamedHolder:
    """What people read of a holder in a list: a name, and what tells it from others."""

    label: str
    note: str = ""
    is_usable: bool = True


Finder = Callable[[str], Holder | None]
Namer = Callable[[Collection[uuid.UUID]], dict[uuid.UUID, NamedHolder]]

_finders: dict[HolderKind, Finder] = {}
_namers: dict[HolderKind, Namer] = {}


def user_holder(user: User) -> Holder:
    """Return `user` as a holder of roles and permissions."""
    return Holder(kind="user", id=user.id, label=user.label)


def lock_holder(holder: Holder) -> None:
    """Keep others from changing what `holder` holds before this transaction is done.

    Raises NotFoundError if somebody has deleted it.
    """
    # Clients are a package above; the table of each kind is known by its key here.
    (key,) = RoleAssignment.__table__.c[f"{holder.kind}_id"].foreign_keys
    query = select(key.column).where(key.column == holder.id)
    if db.session.scalar(query.with_for_update(key_share=True)) is None:
        raise NotFoundError("This account has been deleted.")


def register_holder_finder(kind: HolderKind, finder: Finder) -> None:
    """Let `find_holder` find holders of `kind` by what people type."""
    _finders[kind] = finder


def register_holder_namer(kind: HolderKind, namer: Namer) -> None:
    """Let `name_holders` name holders of `kind`, many in one query."""
    _namers[kind] = namer


def name_holders(
    kind: HolderKind, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, NamedHolder]:
    """Return what people call the holders of `kind` with these ids."""
    return _namers[kind](ids) if ids else {}


def find_holder(name: str) -> Holder | None:
    """Return the holder that `name`, an e-mail address or a client id, stands for."""
    found = (finder(name) for finder in _finders.values())
    return next((holder for holder in found if holder), None)


def _find_user_holder(email: str) -> Holder | None:
    user = find_user_by_email(email)
    return user_holder(user) if user else None


def _name_users(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, NamedHolder]:
    users = db.session.scalars(select(User).where(User.id.in_(ids)))
    return {
        user.id: NamedHolder(
            label=user.label,
            note=user.email if user.name else "",
            is_usable=user.is_active,
        )
        for user in users
    }


register_holder_finder("user", _find_user_holder)
register_holder_namer("user", _name_users)
