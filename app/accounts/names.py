"""Names that people read: one line, and nothing in it that could pose as another."""

import unicodedata

from app.errors import DomainError

#: Characters that turn the text around them, so that a name could pose as another.
_TURNING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def is_readable(character: str) -> bool:
    """Tell whether a character neither controls nor turns the text around it."""
    return (
        unicodedata.category(character) not in _INVISIBLE and character not in _TURNING
    )


def is_visible(text: str) -> bool:
    """Tell whether there is anything to read in `text`."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def checked_line(text: str, *, field: str, limit: int) -> str:
    """Return `text` without surrounding blanks; DomainError if it is no short line.

    What shows nothing at all is kept as the empty text.
    """
    text = text.strip()
    if len(text) > limit:
        raise DomainError(f"Use at most {limit} characters.", field=field)
    if not all(map(is_readable, text)):
        raise DomainError(
            "Leave out line breaks, control characters and characters that change the "
            "direction of text.",
            field=field,
        )
    return text if is_visible(text) else ""
