"""Who is signed in at the browser that sends a request, kept by Flask-Login."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

import flask_login
from flask import Flask, session

from app.accounts import sessions
from app.accounts.models import User, UserSession
from app.audit.actor import Actor
from app.audit.origin import origin
from app.extensions import db, login_manager
from app.web.requires import behind_guard

#: Why somebody who was signed in sees the sign-in page, by what its address says.
REASONS = {
    "ended": "Your session ended. Sign in to continue where you left off.",
    "not-saved": "Your session has ended, so what you sent was not saved. "
    "Sign in to go back to the page, and send it again.",
    "signed-out": "You are signed out.",
}


@dataclass(frozen=True, eq=False)
class SignedIn(flask_login.UserMixin):
    """What Flask-Login keeps during a request: the person and the session's row."""

    user: User
    user_session: UserSession
    secret: str

    def get_id(self) -> str:
        """Return what the cookie carries: the session's secret, never a user's id."""
        return self.secret


def init_app(app: Flask) -> None:
    """Let Flask-Login find the person behind a request by the session's secret."""
    # Its own protection compares addresses, which change on trains; our sessions are
    # rows that can be seen and ended.
    app.config["SESSION_PROTECTION"] = None
    login_manager.user_loader(_load)


def _load(secret: str) -> SignedIn | None:
    found = sessions.find_session(secret)
    return SignedIn(found[1], found[0], secret) if found else None


def remember(user_session: UserSession, secret: str) -> None:
    """Make this browser's cookie that of the new session.

    Whatever the cookie held is dropped, so that nobody who planted or saw the old one
    gains by the sign-in.
    """
    user = db.session.get_one(User, user_session.user_id)
    session.clear()
    session.permanent = True
    flask_login.login_user(SignedIn(user, user_session, secret))


def forget() -> None:
    """Empty this browser's cookie."""
    flask_login.logout_user()
    session.clear()


def address(next_page: str | None = None, *, why: str = "") -> str:
    """Return the address of the sign-in page that leads on to `next_page`.

    `why` is a key of `REASONS`, for the page to say.
    """
    query = {name: text for name, text in (("next", next_page), ("why", why)) if text}
    return "/login?" + urlencode(query) if query else "/login"


def signed_in() -> SignedIn:
    """Return who is signed in and where; only for views that are guarded."""
    return behind_guard(_found())


def _found() -> SignedIn | None:
    person = cast("SignedIn | flask_login.AnonymousUserMixin", flask_login.current_user)
    return person if isinstance(person, SignedIn) else None


def current_user_session() -> UserSession | None:
    """Return the row of the session that this request belongs to."""
    found = _found()
    return found.user_session if found else None


def current_user() -> User | None:
    """Return the person who is signed in."""
    found = _found()
    return found.user if found else None


def current_actor() -> Actor:
    """Return the signed-in person as the audit log remembers them.

    Only for pages that are guarded: it is an error if nobody is signed in.
    """
    user = signed_in().user
    return Actor(kind="user", id=user.id, label=user.label, **origin())
