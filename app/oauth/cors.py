"""Calls by pages of other origins (CORS): by those of registered public clients only.

Only what such an app needs is open: getting, refreshing and ending tokens, asking who
signed in, and the metadata. People come to the authorization endpoint by themselves,
and no page asks it; introspection is for servers. Credentials in the sense of CORS, our
cookies, play no part.
"""

from flask import Flask, Response, request

from app.clients.origins import is_registered_origin
from app.extensions import db
from app.kept_connections import kept_connection

#: Addresses that pages may call, and by which methods.
OPEN_TO_PAGES = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/oauth/userinfo": "GET, POST",
    "/.well-known/oauth-authorization-server": "GET",
    "/.well-known/openid-configuration": "GET",
    "/.well-known/oauth-protected-resource": "GET",
    "/.well-known/jwks.json": "GET",
}
ALLOWED_HEADERS = "Authorization, Content-Type"
#: What a page may read of an answer besides the headers that every page may.
EXPOSED_HEADERS = "WWW-Authenticate, Retry-After, X-Reference-Id"
#: For how many seconds a browser may remember what it may send.
MAX_AGE = 600


def init_app(app: Flask) -> None:
    """Tell browsers with each answer whether the page that asked may read it."""
    app.after_request(_answer_page)


def _answer_page(response: Response) -> Response:
    methods = OPEN_TO_PAGES.get(request.path)
    if methods is None:
        return response
    # Also without an origin, so that no cache gives this answer to a page.
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin is None or not is_registered_origin(kept_connection(db.engine), origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = str(MAX_AGE)
    else:
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    return response
