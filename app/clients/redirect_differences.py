"""Where a redirect URI that came differs from a registered one, for people to see.

It explains and decides nothing: `app.clients.redirect_uris` compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.clients.uris import DEFAULT_PORTS, LOOPBACK_HOSTS, ParsedUri, parse_uri

#: The parts in which two addresses are compared.
_COMPARED = ("scheme", "host", "port", "path", "query", "fragment")


@dataclass(frozen=True, slots=True)
class Difference:
    """An address that came beside the registered one that is nearest to it.

    Both begin with `same`; `came` and `registered` are the first character in which
    they differ, empty where one of them has ended; then the rest of each.
    """

    same: str
    came: str
    came_rest: str
    registered: str
    registered_rest: str
    words: str
    is_other_origin: bool


def explain_difference(came: str, registered: Sequence[str]) -> Difference | None:
    """Return how `came` differs from the nearest of the `registered`; null if none."""
    if not registered:
        return None
    nearest = max(registered, key=lambda uri: _likeness(came, uri))
    length = _common_length(came, nearest)
    return Difference(
        same=came[:length],
        came=came[length : length + 1],
        came_rest=came[length + 1 :],
        registered=nearest[length : length + 1],
        registered_rest=nearest[length + 1 :],
        words=_in_words(came, nearest),
        is_other_origin=is_other_origin(came, registered),
    )


def is_other_origin(came: str, registered: Sequence[str]) -> bool:
    """Tell whether `came` leads to another place than all of the `registered`."""
    place = parse_uri(came).origin
    return not any(place == parse_uri(uri).origin for uri in registered)


def is_other_host(came: str, registered: Sequence[str]) -> bool:
    """Tell whether `came` names a host that none of the `registered` is on.

    Where an address has no host its scheme stands for it.
    """
    host = _host_of(came)
    return bool(registered) and all(_host_of(uri) != host for uri in registered)


def _host_of(uri: str) -> str:
    parts = parse_uri(uri)
    return parts.host.rpartition("@")[2].lower() or f"{parts.scheme.lower()}:"


def place_of(uri: str) -> str:
    """Return where an address leads, short enough to be read and typed.

    The host, with its port unless it is the usual one; of other schemes than the web's
    the scheme with its colon, since that is what finds the app.
    """
    scheme, host, port = parse_uri(uri).origin
    if scheme not in DEFAULT_PORTS or not host:
        return f"{scheme}:"
    return host if port == DEFAULT_PORTS[scheme] else f"{host}:{port}"


def _likeness(came: str, uri: str) -> tuple[int, int]:
    """Count equal parts first, then the characters that both begin with."""
    theirs, ours = parse_uri(came), parse_uri(uri)
    equal = sum(getattr(theirs, name) == getattr(ours, name) for name in _COMPARED)
    return equal, _common_length(came.lower(), uri.lower())


def _common_length(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other))
    )


def _in_words(came: str, registered: str) -> str:
    """Say the first difference that a person would name."""
    if came == registered:
        return "It is now registered."
    if came == f"{registered}/":
        return "An extra slash at the end."
    if registered == f"{came}/":
        return "The slash at the end is missing."
    if came.lower() == registered.lower():
        return "Upper and lower case differ."
    theirs, ours = parse_uri(came), parse_uri(registered)
    scheme = _scheme_in_words(theirs.scheme, ours.scheme)
    if scheme and ours.host and not theirs.host:
        # There is no host to compare, and so no path of one.
        return scheme
    credentials, _, host = theirs.host.rpartition("@")
    named = (
        scheme,
        "A user name or password before the host." if credentials else "",
        _host_in_words(host, ours.host),
        _port_in_words(theirs, ours),
        _path_in_words(theirs.path, ours.path),
        _query_in_words(theirs.query, ours.query),
    )
    words = [sentence for sentence in named if sentence]
    return " ".join(words) or "The part after # differs."


def _scheme_in_words(came: str, registered: str) -> str:
    if came == registered:
        return ""
    if not came:
        return f"It does not begin with {registered}:."
    return f"{came}: instead of {registered}:."


def _host_in_words(came: str, registered: str) -> str:
    if came == registered:
        return ""
    if not came:
        return "The host is missing."
    if came.lower() == registered.lower():
        return "Upper and lower case of the host differ."
    if came == f"www.{registered}":
        return "The host begins with www."
    if registered == f"www.{came}":
        return "The host lacks the www. in front."
    if {came, registered} <= LOOPBACK_HOSTS:
        return f"{came} instead of {registered}."
    return _near_miss(came, registered) or "A different host."


def _near_miss(came: str, registered: str) -> str:
    """Name the one character that is missing, too many or another; else nothing."""
    at = _common_length(came, registered)
    theirs, ours = came[at:], registered[at:]
    if theirs == ours[1:]:
        return f"A {_kind(ours)} is missing: {_with_place(ours)}."
    if theirs[1:] == ours:
        return f"An extra {_kind(theirs)}: {_with_place(theirs)}."
    if theirs[1:] == ours[1:]:
        return f"A {_kind(ours)} differs: {theirs[0]} instead of {ours[0]}."
    if theirs[:2] == ours[1::-1] and theirs[2:] == ours[2:]:
        return f"Two characters are swapped: {theirs[:2]} instead of {ours[:2]}."
    return ""


def _kind(rest: str) -> str:
    return "letter" if rest[0].isalpha() else "character"


def _with_place(rest: str) -> str:
    return f"{rest[0]} before {rest[1]}" if len(rest) > 1 else f"{rest[0]} at the end"


def _port_in_words(came: ParsedUri, registered: ParsedUri) -> str:
    if came.port == registered.port:
        return ""
    if not came.port:
        return f"Port {registered.port} is missing."
    ours = registered.port or DEFAULT_PORTS.get(registered.scheme.lower(), "")
    if not ours:
        return f"An extra port: {came.port}."
    if came.port == ours:
        return f"The usual port is written out: leave out :{ours}."
    return f"Port {came.port} instead of {ours}."


def _path_in_words(came: str, registered: str) -> str:
    if came == registered:
        return ""
    if came == f"{registered}/":
        return "An extra slash at the end of the path."
    if registered == f"{came}/":
        return "The slash at the end of the path is missing."
    if came.lower() == registered.lower():
        return "Upper and lower case of the path differ."
    if came.startswith(registered.rstrip("/") + "/"):
        return "The path continues where the registered one ends."
    return _near_miss(came, registered) or "A different path."


def _query_in_words(came: str, registered: str) -> str:
    if came == registered:
        return ""
    if not registered:
        return "An extra query."
    return "A different query." if came else "The query is missing."
