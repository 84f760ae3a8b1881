"""The permissions of a holder as a part of other statements, for hot look-ups."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    func,
    literal_column,
    select,
    union_all,
)

from app.access.holdings import TABLES, WAYS
from app.access.models import Permission

# Written into the statement: a bound value here would be rendered anew at each run.
# (The function's annotation knows plain strings only.)
_BLANK: Any = literal_column("' '")


def effective_names(
    holder_id: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> ScalarSelect[str | None]:
    """Return the names that `holder_id` holds, separated by blanks, or null for none.

    `holder_id` is a column (or expression) of the enclosing statement; a name held
    both directly and by a role appears once. `conditions` narrow the permissions.
    """
    own = (Permission, *TABLES)
    held = union_all(
        *(
            way.select("permission_id")
            .where(way.holder_id == holder_id)
            .correlate_except(*own)
            for way in WAYS
        )
    ).scalar_subquery()
    return (
        select(func.aggregate_strings(Permission.name, _BLANK))
        .where(Permission.id.in_(held), *conditions)
        .correlate_except(Permission)
        .scalar_subquery()
    )


def delegable_names() -> ScalarSelect[str | None]:
    """Return the names that apps may ask users for, separated by blanks."""
    return (
        select(func.aggregate_strings(Permission.name, _BLANK))
        .where(Permission.is_delegable)
        .scalar_subquery()
    )
