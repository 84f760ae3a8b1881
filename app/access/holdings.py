"""Who holds which permission, and by which role: the one place that joins it.

A permission is held directly, or because a role brings it. Each way is a select with
the same columns. Conditions are written into both, so that each uses its own index.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    SQLColumnExpression,
    Uuid,
    cast,
    null,
    or_,
    select,
    union_all,
)

from app.access.models import PermissionGrant, RoleAssignment, RolePermission

_GRANTS = PermissionGrant.__table__
_ASSIGNMENTS = RoleAssignment.__table__
_CONTENTS = RolePermission.__table__
#: What the selects read; a statement that correlates with them leaves these alone.
TABLES = (_GRANTS, _ASSIGNMENTS, _CONTENTS)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to hold permissions: the rows that say so, and their columns.

    `holder_id` is `user_id` or `client_id`, whichever is set.
    """

    rows: FromClause
    holder_id: ColumnElement[uuid.UUID]
    user_id: ColumnElement[Any]
    client_id: ColumnElement[Any]
    permission_id: ColumnElement[uuid.UUID]
    #: The role in between; null where there is none.
    role_id: ColumnElement[Any]
    since: ColumnElement[Any]

    def select(self, *columns: str) -> Select[*tuple[Any, ...]]:
        """Return the select of these columns of all that is held in this way."""
        labelled = (getattr(self, name).label(name) for name in columns)
        return select(*labelled).select_from(self.rows)


DIRECTLY = Way(
    rows=_GRANTS,
    holder_id=_GRANTS.c.holder_id,
    user_id=_GRANTS.c.user_id,
    client_id=_GRANTS.c.client_id,
    permission_id=_GRANTS.c.permission_id,
    role_id=cast(null(), Uuid),
    since=_GRANTS.c.granted_at,
)
BY_ROLE = Way(
    rows=_ASSIGNMENTS.join(_CONTENTS, _CONTENTS.c.role_id == _ASSIGNMENTS.c.role_id),
    holder_id=_ASSIGNMENTS.c.holder_id,
    user_id=_ASSIGNMENTS.c.user_id,
    client_id=_ASSIGNMENTS.c.client_id,
    permission_id=_CONTENTS.c.permission_id,
    role_id=_ASSIGNMENTS.c.role_id,
    since=_ASSIGNMENTS.c.assigned_at,
)
WAYS = (DIRECTLY, BY_ROLE)

#: Returns what must be true of something that is held in this way.
Condition = Callable[[Way], ColumnElement[bool]]


def holdings(*columns: str, where: Condition) -> CompoundSelect[Any]:
    """Return the select of these columns of all that is held, as far as `where` says.

    What somebody holds in several ways comes once for each.
    """
    return union_all(*(way.select(*columns).where(where(way)) for way in WAYS))


def holds(
    holder_id: SQLColumnExpression[uuid.UUID], permission_id: uuid.UUID
) -> ColumnElement[bool]:
    """Return the condition that a holder of the enclosing select has a permission."""
    return is_held(
        lambda way: (way.holder_id == holder_id) & (way.permission_id == permission_id)
    )


def holds_any(holder_id: SQLColumnExpression[uuid.UUID]) -> ColumnElement[bool]:
    """Return the condition that a holder of the enclosing select has any permission."""
    return is_held(lambda way: way.holder_id == holder_id)


def is_held(where: Condition) -> ColumnElement[bool]:
    """Return the condition that anything is held for which `where` is true."""
    return or_(*(way.select("holder_id").where(where(way)).exists() for way in WAYS))
