"""What may be kept of a request: short, printable, and nothing that could be secret.

Whoever sends a request decides what stands in it, and mixes fields up. What is long and
looks drawn at random is therefore never kept, wherever it stands.
"""

import re
import uuid
from collections.abc import Collection, Iterable
from urllib.parse import unquote

MAXIMUM_URI = 400
MAXIMUM_NAME = 64
MAXIMUM_NAMES = 8
#: Stands where something was left out.
LEFT_OUT = "…"

_RUN = re.compile(r"[A-Za-z0-9_~+=%-]{12,}")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_OURS = re.compile(r"gp[a-z]_|eyJ")
_UUID = re.compile(
    r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?", re.ASCII
)
_URI = re.compile(r"([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
#: A name and its value in a path: after `;`, or where a `?` was forgotten.
_PARAMETER = re.compile(r"([;&/][^=;&/]*=)[^;&]+")
_AUTHORITY = re.compile(r"([^/?#:]*://)([^/]*)(.*)", re.DOTALL)


def printable(text: str, limit: int) -> str:
    """Return `text` without anything that cannot be seen, cut to `limit` characters."""
    shown = "".join(c if c.isprintable() else "�" for c in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + LEFT_OUT


def without_secrets(text: str) -> str:
    """Return `text` with `…` in place of each run that could be a secret or a token."""
    return _RUN.sub(lambda run: LEFT_OUT if _is_random(run[0]) else run[0], text)


def kept_text(text: str, limit: int) -> str:
    """Return `text` so that it may be kept: without secrets, printable and cut.

    Cut first, what is left of a secret would look like nothing.
    """
    return printable(without_secrets(text), limit)


def kept_name(text: str) -> str:
    """Return a name that came, such as a scope, so that it may be kept."""
    # Dots part what is a secret as a whole; a name has letters.
    if text.isdigit() or (len(text) >= 20 and " " not in text and _is_mixed(text)):
        return LEFT_OUT
    return kept_text(text, MAXIMUM_NAME)


def kept_names(names: Iterable[str]) -> list[str]:
    """Return some names in order, each so that it may be kept."""
    return sorted({kept_name(name) for name in sorted(names)[:MAXIMUM_NAMES]})


def kept_client_id(text: str) -> str | None:
    """Return a client id that came if it has the shape of one, else null.

    Anything else could be a secret or a password in the wrong field.
    """
    return text if _UUID.fullmatch(text) else None


def read_client_id(text: str) -> uuid.UUID | None:
    """Return the id that `text` spells in any way that has its hyphens, or null."""
    return uuid.UUID(text) if _UUID.fullmatch(text) else None


def kept_uri(uri: str, *, known: Collection[str] = ()) -> str:
    """Return a redirect URI that came: host, path and the names of its parameters.

    Credentials and values are left out, and what has no name. One in `known` (what is
    registered) may stay as it is; a value may stay where it stands in one of them too.
    """
    if uri in known:
        return uri
    path, query, fragment = _parts(uri)
    registered = [_parts(other) for other in known]
    pairs = {pair[0] for other, *_ in registered for pair in _PARAMETER.finditer(other)}
    path = _PARAMETER.sub(
        lambda pair: pair[0] if pair[0] in pairs else pair[1] + LEFT_OUT,
        _without_credentials(path),
    )
    pairs = {pair for _, other, _ in registered for pair in _pairs(other)}
    shown = [pair if pair in pairs else _name_of(pair) for pair in _pairs(query)]
    kept = path + (f"?{'&'.join(shown)}" if query else "")
    if len(fragment) > 1:
        fragment = f"#{LEFT_OUT}"
    return kept_text(kept + fragment, MAXIMUM_URI)


def _parts(uri: str) -> tuple[str, str, str]:
    """Return what stands before the query, the query and the fragment."""
    path, query, fragment = _URI.fullmatch(uri).groups("")  # type: ignore[union-attr]
    return path, query, fragment


def _without_credentials(path: str) -> str:
    named = _AUTHORITY.fullmatch(path)
    if named and named[2]:
        credentials, at, host = named[2].rpartition("@")
        return f"{named[1]}{LEFT_OUT if credentials else ''}{at}{host}{named[3]}"
    if "@" in path:
        # Mistyped before the host, it may be credentials all the same.
        return f"{LEFT_OUT}@{path.rpartition('@')[2]}"
    return path


def _pairs(query: str) -> list[str]:
    return query[1:].split("&") if query else []


def _name_of(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return LEFT_OUT if pair else pair
    return f"{name}={LEFT_OUT}" if value else pair


def _is_random(run: str) -> bool:
    """Tell whether a run of characters looks drawn at random, or like one of ours.

    Words joined by hyphens are not; a UUID names things and is not either.
    """
    text = unquote(run, errors="replace")
    if _OURS.search(text):
        return True
    if _UUID.fullmatch(text) or len(text) < 16:
        return False
    if any(_is_random_piece(piece) for piece in _PIECE.findall(text)):
        return True
    return len(text) >= 20 and _is_mixed(text)


def _is_mixed(text: str) -> bool:
    """Tell whether small and capital letters stand with digits, or are as many."""
    small, capital = sum(map(str.islower, text)), sum(map(str.isupper, text))
    has_digit = any(map(str.isdigit, text))
    # InWordsLikeThese capitals are few.
    return min(small, capital) > (0 if has_digit else (small + capital) / 3)


def _is_random_piece(piece: str) -> bool:
    if len(piece) < 16:
        return False
    return any(c.isdigit() for c in piece) or len(piece) >= 32
