"""Looking for a part of a text, whatever its case."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

#: As long as an e-mail address may be (RFC 5321 §4.5.3.1.3).
SEARCH_LENGTH = 254
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


def searched(arguments: Mapping[str, str], name: str = "q") -> str:
    """Return what an address searches for; empty if for nothing."""
    return arguments.get(name, "").strip()[:SEARCH_LENGTH]


def holds(column: ColumnElement[Any] | Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a column holds `text` somewhere, in any case."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    like = _PlainLike if text.isascii() else _Like
    return like(column, literal(f"%{text}%"))
