"""What text may be: what a database takes, and what people read as it is meant.

A name is one line, with nothing in it that could pose as another.
"""

import unicodedata

from app.errors import DomainError

#: Categories that show nothing: control and format characters, halves of others, and
#: ends of lines. Characters that turn the text around them are among the second.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: Letters and signs of other categories that show nothing either.
_EMPTY = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
#: What joins letters of many scripts and parts of emoji, or chooses how they look.
_JOINING = frozenset("\u200c\u200d") | {chr(code) for code in range(0xFE00, 0xFE10)}
#: Scripts that join nothing: a joiner among their letters only hides there.
_UNJOINED = ("LATIN ", "GREEK ", "CYRILLIC ")


def is_storable(text: str) -> bool:
    """Tell whether a database takes `text`: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def is_readable(character: str) -> bool:
    """Tell whether a character is seen, and leaves the text around it as it is."""
    if character in _JOINING:
        return True
    return unicodedata.category(character) not in _INVISIBLE and character not in _EMPTY


def is_visible(text: str) -> bool:
    """Tell whether there is anything to read in `text`."""
    return any(
        unicodedata.category(character)[0] in "LNPS" and character not in _EMPTY
        for character in text
    )


def check_readable(text: str, *, field: str) -> None:
    """Raise DomainError if something in `text` cannot be seen, or turns the rest."""
    if all(map(is_readable, text)) and _join_in_place(text):
        return
    raise DomainError(
        "Leave out line breaks, control characters, characters that nobody sees and "
        "those that change the direction of text.",
        field=field,
    )


def checked_line(text: str, *, field: str, limit: int) -> str:
    """Return `text` without surrounding blanks; DomainError if it is no short line.

    What shows nothing at all is kept as the empty text.
    """
    text = text.strip()
    if len(text) > limit:
        raise DomainError(f"Use at most {limit} characters.", field=field)
    check_readable(text, field=field)
    return text if is_visible(text) else ""


def _join_in_place(text: str) -> bool:
    """Tell whether each joiner stands behind something that is joined."""
    return all(
        _is_joined(before)
        for before, character in zip(" " + text, text, strict=False)
        if character in _JOINING
    )


def _is_joined(character: str) -> bool:
    return not character.isspace() and not unicodedata.name(character, "").startswith(
        _UNJOINED
    )
