"""A cookie that binds an authorization request to the browser that brought it."""

from flask import Response, request

from app.extensions import settings
from app.oauth.pending import is_browser_secret


def _name() -> str:
    return "__Host-gatepass-browser" if settings.is_https else "gatepass-browser"


def browser_secret() -> str | None:
    """Return the secret of this browser, if it has one of our making."""
    value = request.cookies.get(_name(), "")
    return value if is_browser_secret(value) else None


def remember_browser(response: Response, secret: str) -> Response:
    """Let this browser prove later that it brought the request; until it is closed.

    SameSite=Lax, so that it comes along when an app's page leads the browser here.
    """
    response.set_cookie(
        _name(), secret, httponly=True, secure=settings.is_https, samesite="Lax"
    )
    return response
