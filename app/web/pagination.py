"""Long lists in pages whose number stands in the address."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for
from sqlalchemy import Select, select

from app.extensions import db
from app.web.counting import ENOUGH, Count, count_of, counting
from app.web.parsing import number_in

T = TypeVar("T")
MOST_PAGES = 1_000_000


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, and where in the list it stands. Pages count from 1."""

    items: Sequence[T]
    page: int
    per_page: int
    total: Count

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, math.ceil(self.total / self.per_page))

    @property
    def total_words(self) -> str:
        """How many there are, for a sentence: `more than 1,000`, or just `25`."""
        return self.total.words

    @property
    def is_cut(self) -> bool:
        """Whether this is the last page although there are more rows."""
        return self.next_page is None and self.total.is_more

    @property
    def first_number(self) -> int:
        """The number of the first item shown, 0 if there is none."""
        return (self.page - 1) * self.per_page + 1 if self.items else 0

    @property
    def last_number(self) -> int:
        """The number of the last item shown."""
        return (self.page - 1) * self.per_page + len(self.items)

    @property
    def previous_page(self) -> int | None:
        """The number of the page before, if there is one."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next_page(self) -> int | None:
        """The number of the page after, if there is one."""
        return self.page + 1 if self.page < self.pages else None

    @property
    def numbers(self) -> list[int | None]:
        """The page numbers worth a link: the ends and the neighbours; None is a gap."""
        near = {1, self.page - 1, self.page, self.page + 1, self.pages}
        shown = sorted(number for number in near if 1 <= number <= self.pages)
        numbers: list[int | None] = []
        for number in shown:
            last = numbers[-1] if numbers else 0
            if last is not None and number - last > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def paginate(
    statement: Select[T], *, page: int, per_page: int = 25, most: int = ENOUGH
) -> Page[T]:
    """Return page number `page` of what `statement` finds; the last if it is beyond.

    A statement of one entity or column gives these, one of several gives rows. The list
    goes on to `most` rows and is counted so far, by the thousand: what a page costs
    does not grow with the table. Whoever looks for others searches, filters or sorts.
    """
    page = min(max(page, 1), max(1, most // per_page))
    if page == 1:
        items = part_of(statement, limit=per_page)
        if len(items) < per_page:
            # All there are: a search for something rare goes through the table once.
            total = Count(len(items))
            return Page(items=items, page=1, per_page=per_page, total=total)
    counted = min(page * per_page // ENOUGH * ENOUGH + ENOUGH, most)
    found = db.session.scalar(select(counting(statement, most=counted)))
    total = count_of(found, most=counted)
    last = max(1, math.ceil(total / per_page))
    if page > 1:
        page = min(page, last)
        items = part_of(statement, limit=per_page, offset=(page - 1) * per_page)
    return Page(items=items, page=page, per_page=per_page, total=total)


def part_of(statement: Select[T], *, limit: int, offset: int = 0) -> Sequence[Any]:
    """Return some of what `statement` finds, as `paginate` does."""
    result = db.session.execute(statement.limit(limit).offset(offset)).unique()
    is_single = len(statement.column_descriptions) == 1
    return result.scalars().all() if is_single else result.all()


def requested_page() -> int:
    """Return the page number that the address asks for, 1 if it makes no sense."""
    return min(max(number_in(request.args.get("page"), 1), 1), MOST_PAGES)


def this_page_with(**changes: Any) -> str:
    """Return this page's address with some of its query parameters changed.

    None takes a parameter out; those without a value are left out.
    """
    query: dict[str, Any] = request.args.to_dict(flat=False)
    query |= changes
    known = request.view_args or {}
    values = {
        # `endpoint`, `_anchor` and the like steer url_for: an address must not.
        name: value
        for name, value in query.items()
        if name not in {"endpoint", *known} and not name.startswith("_")
        # A form sends its empty fields, too.
        if value not in ("", [""])
    }
    return url_for(request.endpoint or "web.home", **known, **values)
