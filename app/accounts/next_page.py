"""Where a browser goes after signing in: back to a page of ours, nowhere else."""

import re
from urllib.parse import urlsplit

MAX_LENGTH = 16_384
CONSENT_PATHS = ("/oauth/authorize", "/oauth/consent")
_SIGN_IN_PATHS = ("/login", "/logout")
# A browser drops tabs and line breaks, and reads a backslash as a slash: with any of
# them in it an address is not what it looks like.
_TREACHEROUS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def local_page(address: str | None) -> str | None:
    """Return `address` if it is a path on this server (with its query), else null.

    The pages for signing in and out are no places to come back to.
    """
    if not address or len(address) > MAX_LENGTH or _TREACHEROUS.search(address):
        return None
    if not address.startswith("/") or address.startswith("//"):
        return None
    if not address.isascii():
        return None
    return None if urlsplit(address).path in _SIGN_IN_PATHS else address


def leads_to_consent(page: str | None) -> bool:
    """Tell whether `page` may go on to an app's redirect URI.

    A `form-action` policy would stop that redirect in Chromium, so the sign-in page on
    the way there has none.
    """
    return page is not None and urlsplit(page).path in CONSENT_PATHS
