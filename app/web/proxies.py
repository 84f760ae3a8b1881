"""Trusted proxies: what they say of who asks, as one plain address."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESS = "REMOTE_ADDR"


def trust(app: Flask, count: int) -> None:
    """Believe what the `count` proxies before the server say of each request."""
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        PlainAddress(app.wsgi_app), x_for=count, x_proto=count, x_host=count
    )


class PlainAddress:
    """Takes ports and brackets off the address; what is none gives way to the proxy's.

    Throttles count by the address, and the audit log keeps it.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Hand the request on."""
        asking = plain_address(environ.get(ADDRESS, ""))
        if asking is None:
            asking = environ["werkzeug.proxy_fix.orig"][ADDRESS] or ""
        environ[ADDRESS] = asking
        return self.app(environ, start_response)


def plain_address(text: str) -> str | None:
    """Return the IP address in `text` alone, null if there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None
