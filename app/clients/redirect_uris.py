"""Redirect URIs: which may be registered, and which request matches a registered one.

Registered addresses are compared as characters (RFC 6749 §3.1.2.3, RFC 3986 §6.2.1).
Nothing is decoded, folded or resolved first, so what looks alike is not the same. The
one exception is the port of a loopback address (RFC 8252 §7.3).
"""

import ipaddress
import re
from collections.abc import Sequence

from app.clients.uris import LOOPBACK_HOSTS

MAXIMUM_LENGTH = 2000

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
# RFC 3986 §3.2: the authority ends at the first slash, question mark or number sign.
_AUTHORITY = re.compile(r"//([^/?#]*)(.*)", re.DOTALL)
_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(.*))?", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: Not allowed in any URI (RFC 3986 §2), and read differently by different software.
_UNSAFE = frozenset('"<>^`{|}')
#: Schemes that run, read or show something instead of reaching an app.
_DANGEROUS = frozenset(
    {
        "about",
        "blob",
        "cid",
        "data",
        "feed",
        "file",
        "filesystem",
        "ftp",
        "intent",
        "jar",
        "javascript",
        "livescript",
        "mailto",
        "mhtml",
        "mocha",
        "ms-its",
        "resource",
        "tel",
        "vbscript",
        "view-source",
        "ws",
        "wss",
    }
)
# RFC 8252 §7.3 and §8.3: only literal loopback addresses have a free port, since the
# name localhost may be resolved to something else.
_LOOPBACK = re.compile(
    r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.DOTALL
)


def parse_lines(text: str) -> list[str]:
    """Return the addresses that people typed one per line, each once, in order."""
    lines = (line.strip(" \t") for line in re.split(r"\r\n|\r|\n", text))
    return list(dict.fromkeys(line for line in lines if line))


def matches_any(registered: Sequence[str], requested: str) -> bool:
    """Tell whether `requested` matches any of the `registered` addresses."""
    return any(matches(address, requested) for address in registered)


def matches(registered: str, requested: str) -> bool:
    """Tell whether `requested` is the `registered` address, character by character.

    The port of `http://127.0.0.1` and `http://[::1]` is free (RFC 8252 §7.3).
    """
    if registered == requested:
        return True
    ours, theirs = _without_port(registered), _without_port(requested)
    return ours is not None and ours == theirs


def _without_port(uri: str) -> tuple[str, str] | None:
    loopback = _LOOPBACK.fullmatch(uri)
    if loopback is None or not _is_port(loopback[2] or "80"):
        return None
    return loopback[1], loopback[3]


def explain_problem(uri: str, *, is_confidential: bool) -> str | None:
    """Return the sentence why `uri` cannot be registered and what to do, or null."""
    problem = _problem_with_characters(uri)
    if problem:
        return problem
    spelled = _SCHEME.fullmatch(uri)
    if spelled is None:
        return "Write the whole address, starting with https://."
    scheme, rest = spelled[1].lower(), spelled[2]
    if scheme in _DANGEROUS:
        return f"No app can be reached by {scheme}: addresses. Use an https:// address."
    if scheme in {"http", "https"}:
        return _problem_with_web_address(scheme, rest)
    return _problem_with_private_scheme(scheme, rest, is_confidential=is_confidential)


def _problem_with_characters(uri: str) -> str | None:
    if not uri:
        return "Write an address, such as https://app.example.com/signed-in."
    if len(uri) > MAXIMUM_LENGTH:
        return f"Use an address of at most {MAXIMUM_LENGTH} characters."
    if not uri.isascii():
        return _ask_for_ascii(uri)
    if any(character <= " " or character == "\x7f" for character in uri):
        return (
            "Remove blanks and control characters; a blank inside a path "
            "is written %20."
        )
    if "\\" in uri:
        return "Write / instead of a backslash."
    if "#" in uri:
        # RFC 6749 §3.1.2: the endpoint URI must not include a fragment.
        return "Remove the # and what follows it: a fragment never reaches the app."
    if "*" in uri:
        return "Write each address out in full: wildcards (*) are not supported."
    return _problem_with_spelling(uri)


def _ask_for_ascii(uri: str) -> str:
    spelled = _SCHEME.fullmatch(uri)
    authority = _AUTHORITY.fullmatch(spelled[2]) if spelled else None
    if authority and not authority[1].isascii():
        return (
            "Write the host in its ASCII spelling (punycode, xn--…), "
            "so that no look-alike letter can hide in it."
        )
    return (
        "Use ASCII characters only, without accents or invisible ones; write others "
        "percent-encoded, such as %C3%A9."
    )


def _problem_with_spelling(uri: str) -> str | None:
    unsafe = next((character for character in uri if character in _UNSAFE), None)
    if unsafe:
        return f"Write {unsafe} percent-encoded, as %{ord(unsafe):02X}."
    if _PERCENT.search(uri):
        return "Write a percent sign as %25; after % come two hexadecimal digits."
    return None


def _problem_with_web_address(scheme: str, rest: str) -> str | None:
    spelled = _AUTHORITY.fullmatch(rest)
    if spelled is None or not spelled[1]:
        return f"Write the host after {scheme}://, such as {scheme}://app.example.com/."
    if "@" in spelled[1]:
        return (
            "Remove the user name and password before the @: "
            "credentials have no place in an address."
        )
    parts = _HOST_AND_PORT.fullmatch(spelled[1])
    if parts is None:
        return "Write the host as a name or an IP address, with at most one port."
    host, port = parts[1].lower(), parts[2]
    return (
        _problem_with_port(port)
        or _problem_with_host(host)
        or _problem_with_transport(scheme, host)
    )


def _problem_with_port(port: str | None) -> str | None:
    if port is None or _is_port(port):
        return None
    return "Write the port as a number from 1 to 65535, or leave it out with its colon."


def _is_port(port: str) -> bool:
    return _PORT.fullmatch(port) is not None and int(port) <= 65_535


def _problem_with_host(host: str) -> str | None:
    if host.startswith("["):
        return _problem_with_ipv6(host)
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return (
            "Write the host with letters, digits, hyphens and single dots, "
            "such as app.example.com."
        )
    if _NUMBER.fullmatch(labels[-1]) and not _is_ipv4(host):
        # Browsers read 127.1, 0x7f000001 and 2130706433 as IPv4 addresses too.
        return "Write an IPv4 address as four numbers, such as 192.0.2.10."
    return None


def _is_ipv4(host: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def _problem_with_ipv6(host: str) -> str | None:
    try:
        address = ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return "Write the IPv6 address between the brackets in full, such as [::1]."
    if address.scope_id or f"[{address}]" != host:
        return f"Write the IPv6 address in its short form: [{_plain(address)}]."
    return None


def _plain(address: ipaddress.IPv6Address) -> str:
    return str(ipaddress.IPv6Address(int(address)))


def _problem_with_transport(scheme: str, host: str) -> str | None:
    if scheme == "https" or host in LOOPBACK_HOSTS:
        return None
    return (
        "Use https://. Plain http:// is for 127.0.0.1, [::1] and localhost only, "
        "because anybody on the way could read the code."
    )


def _problem_with_private_scheme(
    scheme: str, rest: str, *, is_confidential: bool
) -> str | None:
    if "." not in scheme or not all(scheme.split(".")):
        # RFC 8252 §7.1: a domain name under the app's control, in reverse order.
        return (
            "Use https://, or for an app on a device a scheme made of your domain "
            "backwards, such as com.example.app:/signed-in."
        )
    if is_confidential:
        return (
            "Use https:// here. Schemes of their own are for public apps, "
            "which run on people's devices."
        )
    if not rest.startswith("/"):
        return f"Write a path after the scheme, such as {scheme}:/signed-in."
    spelled = _AUTHORITY.fullmatch(rest)
    if spelled and "@" in spelled[1]:
        return "Remove the user name and password before the @."
    return None
