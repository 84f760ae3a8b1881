"""Reading what an address or a form says, where anything at all may stand."""

import uuid
from collections.abc import Container

#: Longer numbers are nobody's page, version or generation.
MAXIMUM_DIGITS = 9


def one_of(value: str | None, known: Container[str], otherwise: str = "") -> str:
    """Return `value` if it is a known one."""
    return value if value is not None and value in known else otherwise


def number_in(text: str | None, otherwise: int) -> int:
    """Return the number that `text` spells in at most nine digits."""
    text = str(text or "")
    is_number = text.isascii() and text.isdigit() and len(text) <= MAXIMUM_DIGITS
    return int(text) if is_number else otherwise


def uuid_in(text: str | None) -> uuid.UUID | None:
    """Return the id that `text` spells, or null."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
