"""Addresses of our own that a browser may be sent back to."""

from urllib.parse import urlsplit

from flask import request


def page_before() -> str:
    """Return the local address of the page that this request came from, or nothing."""
    page = request.headers.get("HX-Current-URL") or request.referrer or ""
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    if parts.netloc != request.host:
        return ""
    return local(parts.path + (f"?{parts.query}" if parts.query else ""))


def local(address: str) -> str:
    """Return `address` if it leads to a page of ours, or nothing."""
    # Two slashes at the start would name another host.
    return address if address.startswith("/") and address[1:2] not in "/\\" else ""
