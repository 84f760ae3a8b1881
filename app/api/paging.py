"""Pages of a list, as the API returns them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db


def page_of(
    query: Select[Any],
    *,
    page: int,
    per_page: int,
    name: str,
    as_scalars: bool = True,
    show: Callable[[Sequence[Any]], Sequence[Any]] = list,
) -> dict[str, Any]:
    """Return the rows of one page under `name`, and where in the list it stands.

    A page after the last is empty, not an error: the list may have shrunk meanwhile.
    """
    total = (
        db.session.scalar(
            select(func.count()).select_from(query.order_by(None).subquery())
        )
        or 0
    )
    part = query.limit(per_page).offset((page - 1) * per_page)
    result = db.session.execute(part)
    rows = result.scalars().all() if as_scalars else result.all()
    return {
        name: show(rows),
        "page": page,
        "per_page": per_page,
        "pages": -(-total // per_page),
        "total": total,
    }
