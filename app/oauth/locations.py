"""Addresses that lead back to a client with our answer in their query."""

from collections.abc import Iterable
from urllib.parse import urlencode


def with_answer(redirect_uri: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return a client's redirect URI with our parameters at the end of its query.

    What was registered stays letter by letter (RFC 6749 §3.1.2: a query component is
    retained); redirect URIs have no fragment.
    """
    if redirect_uri.endswith(("?", "&")):
        separator = ""
    else:
        separator = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{urlencode(list(parameters))}"
