"""Redirect URIs judged line by line: why not, what is meant, what to think of.

The rules are in `redirect_uris`; nothing here lets an address in or keeps it out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote

from app.clients.redirect_uris import MAXIMUM_LENGTH, explain_problem
from app.clients.uris import DEFAULT_PORTS, LOOPBACK_ADDRESSES, parse_uri

_WEB = re.compile(r"(https?):[/\\]*([^/\\?#]*)(.*)", re.DOTALL | re.IGNORECASE)
_PRIVATE = re.compile(
    r"([A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+):(?![0-9])(.*)", re.DOTALL
)
#: What people type when they leave the scheme out. Labels hold no dot, so that there is
#: one way only to take a line apart.
_BARE = re.compile(
    r"(?://)?((?:localhost|\[[0-9A-Fa-f:]+\]|(?:[^\s:/?@\[\].]+\.)+[^\s:/?@\[\].]+)"
    r"(?::[0-9]+)?)([/?].*)?",
    re.DOTALL | re.IGNORECASE,
)
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")
_USUAL_PORTS = {"http": re.compile(r":(80|443)$"), "https": re.compile(r":443$")}
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT_IN_PATHS = "!$%&'()*+,-./:;=?@_~[]"
_DOTS = re.compile(r"/\.{1,2}(?:[/?]|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What is to be said of one line.

    `problem` is why it cannot be registered, with what to do; null if it can. `instead`
    is the spelling that is meant, where only the spelling is in question.
    """

    uri: str
    problem: str | None
    instead: str | None
    advice: tuple[str, ...] = ()


def judge(
    uris: Sequence[str], *, is_confidential: bool, issuer: str
) -> list[Judgement]:
    """Judge each of `uris` by the rules, and beside the others."""
    every = frozenset(uris)
    return [
        _judged(uri, every, is_confidential=is_confidential, issuer=issuer)
        for uri in uris
    ]


def respell(uri: str, *, is_confidential: bool) -> str | None:
    """Return the address that is meant by `uri`, if it can be registered, else null.

    Null also where `uri` is fine as it stands. What it leads to is never changed but in
    scheme, so that nobody is sent to a place that was not typed.
    """
    if len(uri) > MAXIMUM_LENGTH:
        return None
    spelled = _spelled(uri)
    if spelled == uri or explain_problem(spelled, is_confidential=is_confidential):
        return None
    return spelled


def _judged(
    uri: str, every: frozenset[str], *, is_confidential: bool, issuer: str
) -> Judgement:
    problem = explain_problem(uri, is_confidential=is_confidential)
    instead = respell(uri, is_confidential=is_confidential)
    advice: tuple[str, ...] = ()
    if problem is None:
        sentences = [say(uri) for say in _ADVISERS]
        sentences += [_on_twins(uri, every), _on_this_server(uri, issuer)]
        advice = tuple(sentence for sentence in sentences if sentence)
    return Judgement(uri=uri, problem=problem, instead=instead, advice=advice)


def _spelled(uri: str) -> str:
    uri = uri.partition("#")[0]
    web = _WEB.fullmatch(uri)
    if web is not None:
        return _spelled_web(web[1], web[2], web[3])
    private = _PRIVATE.fullmatch(uri)
    if private is not None:
        rest = _spelled_path(private[2])
        return f"{private[1].lower()}:{rest if rest.startswith('/') else f'/{rest}'}"
    bare = _BARE.fullmatch(uri)
    return uri if bare is None else _spelled_web("http", bare[1], bare[2] or "")


def _spelled_web(scheme: str, authority: str, path: str) -> str:
    host = _spelled_host(authority)
    is_loopback = parse_uri(f"//{host}").is_loopback
    if not is_loopback:
        # Browsers and most libraries leave it out, and it leads to the same place.
        host = _USUAL_PORTS[scheme.lower()].sub("", host)
    is_plain = scheme.lower() == "http" and is_loopback
    return f"{'http' if is_plain else 'https'}://{host}{_spelled_path(path)}"


def _spelled_host(authority: str) -> str:
    authority = authority.rpartition("@")[2]
    parts = _HOST.fullmatch(authority)
    if parts is None:
        return authority
    host, port = parts[1].lower(), parts[2] or ""
    return f"{_ascii_host(host)}{'' if port == ':' else port}"


def _ascii_host(host: str) -> str:
    try:
        if host.startswith("["):
            return f"[{IPv6Address(host[1:-1])}]"
        spelled = host.encode("idna").decode("ascii")
        # Some letters become others on the way: that would be another host.
        return spelled if spelled.encode().decode("idna") == host else host
    except (ValueError, UnicodeError):
        return host


def _spelled_path(path: str) -> str:
    path = _LONE_PERCENT.sub("%25", path.replace("\\", "/"))
    try:
        return quote(path, safe=_KEPT_IN_PATHS)
    except UnicodeError:
        return path


def _on_case(uri: str) -> str | None:
    parsed = parse_uri(uri)
    place = f"{parsed.scheme}{parsed.authority}"
    if not parsed.authority or place == place.lower():
        return None
    return (
        "Browsers write hosts in small letters, and addresses are compared character "
        "by character."
    )


def _on_loopback(uri: str) -> str | None:
    parsed = parse_uri(uri)
    if parsed.scheme == "http" and parsed.host in LOOPBACK_ADDRESSES:
        return "Reaches apps on the same device only; there every port fits."
    if parsed.scheme in DEFAULT_PORTS and parsed.host == "localhost":
        # RFC 8252 §8.3: listening on the name may reach more than the device.
        return (
            "Reaches apps on the same device only. Better 127.0.0.1: every port fits "
            "there, and nothing can lead the name localhost elsewhere."
        )
    return None


def _on_private_scheme(uri: str) -> str | None:
    if uri.startswith(("http:", "https:")) or ":" not in uri:
        return None
    # RFC 8252 §7.1 and §8.6: the system does not say whose a scheme is.
    return (
        "Any app on a device can claim this scheme, so people are asked each time. An "
        "https:// link that the app has claimed is safer."
    )


def _on_default_port(uri: str) -> str | None:
    parsed = parse_uri(uri)
    if parsed.port != DEFAULT_PORTS.get(parsed.scheme) or _on_loopback(uri):
        return None
    return "Most libraries leave the usual port out: type what the app really sends."


def _on_dots(uri: str) -> str | None:
    if _DOTS.search(uri.partition("?")[0]) is None:
        return None
    return "Browsers resolve /./ and /../ on their way: write the path that is left."


def _on_missing_path(uri: str) -> str | None:
    parsed = parse_uri(uri)
    if parsed.scheme in DEFAULT_PORTS and not parsed.path and not parsed.query:
        return "Many libraries put a / at the end: type what the app really sends."
    return None


_ADVISERS: tuple[Callable[[str], str | None], ...] = (
    _on_case,
    _on_loopback,
    _on_private_scheme,
    _on_default_port,
    _on_dots,
    _on_missing_path,
)


def _on_twins(uri: str, every: frozenset[str]) -> str | None:
    twin = uri.removesuffix("/") if uri.endswith("/") else f"{uri}/"
    if twin not in every:
        return None
    return (
        "Listed with and without the / at its end. These are two addresses: keep the "
        "one that the app sends."
    )


def _on_this_server(uri: str, issuer: str) -> str | None:
    theirs, ours = parse_uri(uri), parse_uri(issuer)
    if theirs.scheme not in DEFAULT_PORTS:
        return None
    if theirs.authority.lower() != ours.authority.lower():
        return None
    return "This is the server that you are looking at: people would not reach the app."
