"""Forms that another site's page sends: refused, also with a token that is right.

The token in each form is what keeps them out (Flask-WTF). This holds where one leaked.
"""

from urllib.parse import urlsplit

from flask import request

from app.extensions import settings

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_sent_by_foreign_page() -> bool:
    """Tell whether the browser says that another site's page sent this request.

    Sec-Fetch-Site decides where a browser sends it; else Origin does, and `null` (a
    sandboxed frame, for one) is nobody of ours. Programs that send neither pass: no
    browser sends a form to another site without one of them. Behind a proxy that ends
    TLS or renames the host, a page of ours comes from APP_URL.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return site == "cross-site" or (origin is not None and not _is_ours(origin))


def _is_ours(origin: str) -> bool:
    try:
        scheme, *place = _parts(origin)
        if [scheme, *place] == _parts(settings.issuer):
            return True
        # The scheme is not compared here: a proxy may have ended TLS without a word.
        return (
            scheme in DEFAULT_PORTS
            and place == _parts(f"{scheme}://{request.host}")[1:]
        )
    except ValueError:
        return False


def _parts(address: str) -> list[str | int | None]:
    parts = urlsplit(address)
    return [parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)]
