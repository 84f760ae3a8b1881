"""Flask's session, opened only for browsers that bring one."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class BroughtSessionInterface(SecureCookieSessionInterface):
    """Reads no signature where there is no cookie: most requests are programs'.

    Flask's own builds its signer for each request before it looks.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the request's cookie, or an empty one."""
        if self.get_cookie_name(app) not in request.headers.get("Cookie", ""):
            return self.session_class()
        return super().open_session(app, request)
