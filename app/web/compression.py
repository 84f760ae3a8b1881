"""Pages of the console are sent compressed, those with long lists above all.

What a compressed page weighs can tell of its contents (BREACH), to whoever makes a
browser fetch it again and again with guesses in the address. Here that needs more than
there is: other sites' requests bring no session (SameSite), a window that they opened
is cut off (Cross-Origin-Opener-Policy), the token in forms is another each second, and
the weight varies by chance. Secrets shown once are answers to a POST and stay as they
are, as do all pages that others may lead to: sign-in, consent, errors.
"""

import secrets
from gzip import GzipFile
from io import BytesIO

from flask import Flask, Response, g, request

from app.web.headers import page_class_of

#: Smaller answers fit into the first packets anyway.
LEAST_BYTES = 4096
LEVEL = 5
#: Up to so many bytes are added by chance, as a file name (RFC 1952 §2.3.1).
MOST_PADDING = 100


def init_app(app: Flask) -> None:
    """Compress what pages of `app` may be, for browsers that take it."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Return the answer, compressed where it is a page of the console."""
    if not _is_page(response):
        return response
    response.vary.add("Accept-Encoding")
    is_taken = request.accept_encodings["gzip"] > 0
    if is_taken and len(response.data) >= LEAST_BYTES:
        response.data = _zipped(response.data)
        response.headers["Content-Encoding"] = "gzip"
    return response


def _is_page(response: Response) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.mimetype == "text/html"
        and not response.is_streamed
        and "page_class" not in g
        and page_class_of(request.endpoint) == "console"
    )


def _zipped(page: bytes) -> bytes:
    padding = "x" * secrets.randbelow(MOST_PADDING)
    out = BytesIO()
    with GzipFile(padding, "wb", LEVEL, out, mtime=0) as archive:
        archive.write(page)
    return out.getvalue()
