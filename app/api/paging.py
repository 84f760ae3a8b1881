"""Pages of a list, as the API returns them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.web.counting import counting
from app.web.pagination import part_of


def page_of(
    query: Select[Any],
    *,
    page: int,
    per_page: int,
    name: str,
    most: int | None = None,
    show: Callable[[Sequence[Any]], Sequence[Any]] = list,
) -> dict[str, Any]:
    """Return the rows of one page under `name`, and where in the list it stands.

    A page after the last is empty, not an error: the list may have shrunk meanwhile.
    With `most` the list ends after so many rows, and no others are counted.
    """
    total, offset = _total(query, most), (page - 1) * per_page
    on_page = min(per_page, total - offset)
    rows = part_of(query, limit=on_page, offset=offset) if on_page > 0 else ()
    return {
        name: show(rows),
        "page": page,
        "per_page": per_page,
        "pages": -(-total // per_page),
        "total": total,
    }


def _total(query: Select[Any], most: int | None) -> int:
    if most is not None:
        found = db.session.scalar(select(counting(query, most=most)))
        return min(found or 0, most)
    counted = query.order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0
