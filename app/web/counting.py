"""Counting that ends: nobody reads the difference between a thousand and a million."""

from typing import Any, Self

from sqlalchemy import ScalarSelect, Select, func, select

#: As far as rows are counted where people only want to know whether there are many.
ENOUGH = 1_000


class Count(int):
    """A number of rows; `is_more` says that there are others, not counted any more.

    It is written as people read it: `1,000+` for more than a thousand.
    """

    is_more: bool

    def __new__(cls, number: int, *, is_more: bool = False) -> Self:
        """Return `number` with what is known of the rest."""
        count = super().__new__(cls, number)
        count.is_more = is_more
        return count

    def __str__(self) -> str:
        """Return the number with its thousands set apart."""
        return f"{int(self):,}{'+' if self.is_more else ''}"

    @property
    def words(self) -> str:
        """The number for a sentence: `more than 1,000`, or just `25`."""
        return f"{'more than ' if self.is_more else ''}{int(self):,}"


def in_number(number: int, one: str, many: str) -> str:
    """Return a count with its noun: `1 app`, `2 apps`."""
    counted = number if isinstance(number, Count) else Count(number)
    return f"{counted} {one if counted == 1 else many}"


def in_sentence(count: Count, one: str, many: str) -> str:
    """Return a count with what follows it: `more than 1,000 tokens end`."""
    return f"{count.words} {one if count == 1 else many}"


def count_of(found: int | None, *, most: int = ENOUGH) -> Count:
    """Return the Count that `counting` has found."""
    number = found or 0
    return Count(min(number, most), is_more=number > most)


def counting(statement: Select[Any], *, most: int = ENOUGH) -> ScalarSelect[Any]:
    """Return a scalar select of how many rows there are, one more than `most` at most.

    So its cost has a bound, however long the table is.
    """
    counted = statement.order_by(None).limit(most + 1).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()
