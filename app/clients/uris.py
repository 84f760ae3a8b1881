"""Redirect URIs taken apart, for whatever explains or shows them.

What may be registered, and what matches, `redirect_uris` decides by the characters.
"""

import re
from dataclasses import dataclass

DEFAULT_PORTS = {"http": "80", "https": "443"}
#: Where every port fits; not so a name, which may lead elsewhere.
LOOPBACK_ADDRESSES = frozenset({"127.0.0.1", "[::1]"})
LOOPBACK_HOSTS = LOOPBACK_ADDRESSES | {"localhost"}

# RFC 3986 appendix B; nothing is decoded or folded.
_PARTS = re.compile(
    r"(?:(?P<scheme>[^:/?#]*):)?(?P<authority>//[^/?#]*)?"
    r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.DOTALL,
)
_HOST_AND_PORT = re.compile(r"(.*?)(?::([0-9]*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedUri:
    """The parts of a URI as they are written; what it lacks is empty.

    The authority keeps its slashes, the query its question mark and the fragment its
    number sign. Credentials stay a part of the host: no place is taken for another.
    """

    scheme: str
    authority: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    @property
    def is_web(self) -> bool:
        """Whether browsers open it themselves."""
        return self.scheme.lower() in DEFAULT_PORTS

    @property
    def is_loopback(self) -> bool:
        """Whether its host is the device on which the browser runs."""
        return self.host.lower() in LOOPBACK_HOSTS

    @property
    def origin(self) -> tuple[str, str, str]:
        """Scheme, host and port, in small letters and with the usual port."""
        scheme = self.scheme.lower()
        port = self.port or DEFAULT_PORTS.get(scheme, "")
        return scheme, self.host.lower(), port


def parse_uri(uri: str) -> ParsedUri:
    """Return the parts of `uri`, which may be any text."""
    found = _PARTS.fullmatch(uri)
    parts = {name: part or "" for name, part in found.groupdict().items()}  # type: ignore[union-attr]
    authority = parts["authority"].removeprefix("//")
    host, port = _HOST_AND_PORT.fullmatch(authority).groups("")  # type: ignore[union-attr]
    return ParsedUri(**parts, host=host, port=port)
