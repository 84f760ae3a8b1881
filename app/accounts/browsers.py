"""Browsers in words, so that people recognise where they are signed in."""

import re

# Order matters: browsers name their forebears too, and most name them later on.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
#: A product as RFC 9110 §10.1.5 has it, kept to what can be read at a glance.
_PRODUCT = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9._-]{0,39})(/[A-Za-z0-9._+-]{1,20})?(?![^\s;(,])"
)


def in_words(user_agent: str) -> str:
    """Return such as `Firefox on Windows`, as far as the browser tells.

    A program that is no browser we know has the name that it gives itself.
    """
    browser = _first(_BROWSERS, user_agent) or _own_name(user_agent) or "A browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _own_name(user_agent: str) -> str | None:
    found = _PRODUCT.match(user_agent)
    return found[0] if found and found["name"] != "Mozilla" else None


def _first(names: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for mark, name in names if mark in text), None)
