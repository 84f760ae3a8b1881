"""Which app somebody signs in for, as far as the page that they go on to tells.

Apps are a matter of packages above this one: they say how a page names one.
"""

from collections.abc import Callable

from flask import Flask, current_app

#: Returns the name of the app that a local page leads to, or null.
Namer = Callable[[str], str | None]
_KEY = "gatepass_app_namer"


def register_app_namer(app: Flask, name: Namer) -> None:
    """Tell `app` how the sign-in page learns which app a page leads to."""
    app.extensions[_KEY] = name


def app_name_behind(page: str | None) -> str | None:
    """Return the name of the app that `page` leads to, if there is one."""
    name: Namer | None = current_app.extensions.get(_KEY)
    return name(page) if name is not None and page is not None else None
