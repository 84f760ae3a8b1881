"""The list of people as its address describes it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from werkzeug.datastructures import MultiDict

from app.access.effective import holders_of
from app.access.models import Role, RoleAssignment
from app.accounts import services as accounts
from app.accounts.models import User
from app.builtin import MANAGE_SYSTEM
from app.extensions import db
from app.web.counting import count_of, counting
from app.web.parsing import one_of, uuid_in
from app.web.searching import searched

STATUSES = ("active", "deactivated", "administrators")
_SORTED_BY = ("email", "name", "last_signed_in_at", "created_at")
SORTS = (*_SORTED_BY, *(f"-{name}" for name in _SORTED_BY))


@dataclass(frozen=True, kw_only=True)
class UserFilters:
    """What the list is narrowed to; anything else in the address is ignored."""

    q: str = ""
    status: str = ""
    role: uuid.UUID | None = None
    sort: str = "email"

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "UserFilters":
        """Read the query of an address."""
        return cls(
            q=searched(arguments),
            status=one_of(arguments.get("status"), STATUSES),
            role=uuid_in(arguments.get("role")),
            sort=one_of(arguments.get("sort"), SORTS, "email"),
        )

    @property
    def are_any(self) -> bool:
        """Whether anybody is left out whom the bare list shows."""
        return bool(self.q or self.status or self.role)

    def select(self) -> Select[Any]:
        """Return the select of the people whom the filters let through."""
        is_active = {"active": True, "deactivated": False}.get(self.status)
        query: Select[Any] = accounts.list_users(search=self.q, is_active=is_active)
        if self.status == "administrators":
            query = query.where(User.deactivated_at.is_(None), _is_administrator())
        if self.role is not None:
            query = query.where(_holds(self.role))
        return query.order_by(None).order_by(*_order(self.sort, is_search=bool(self.q)))


def roles_of(user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the names of each of these people's roles, in one query."""
    names: dict[uuid.UUID, list[str]] = {user_id: [] for user_id in user_ids}
    rows = db.session.execute(
        select(RoleAssignment.holder_id, Role.name)
        .join(Role, Role.id == RoleAssignment.role_id)
        .where(RoleAssignment.holder_id.in_(user_ids))
        .order_by(Role.name)
    )
    for user_id, name in rows:
        names[user_id].append(name)
    return names


def administrators_among(user_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return which of these people hold `manage_system`, in one query."""
    return frozenset(
        db.session.scalars(
            select(User.id).where(User.id.in_(user_ids), _is_administrator())
        )
    )


def _holds(role_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition that a person has a role.

    Those of a rare role are found by the role; where nearly everybody has it, each
    person is asked in the order of the list, and a page is full at once.
    """
    holders = select(RoleAssignment.user_id).where(RoleAssignment.role_id == role_id)
    if not count_of(db.session.scalar(select(counting(holders)))).is_more:
        return User.id.in_(holders)
    return exists().where(
        RoleAssignment.holder_id == User.id, RoleAssignment.role_id == role_id
    )


def _is_administrator() -> ColumnElement[bool]:
    return User.id.in_(holders_of(MANAGE_SYSTEM))


def _order(sort: str, *, is_search: bool) -> list[Any]:
    name = sort.removeprefix("-")
    column = getattr(User, "email_key" if name == "email" else name)
    if is_search and name in {"email", "name"}:
        # No index knows what contains a word: sorting the few that do is quicker than
        # opening every row in the index's order.
        column += ""
    ordered = column.desc() if sort.startswith("-") else column.asc()
    if name == "last_signed_in_at":
        # Who never signed in comes last either way.
        ordered = ordered.nulls_last()
    return [ordered, User.id.asc()]
