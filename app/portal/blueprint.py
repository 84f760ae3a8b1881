"""What people see of their own: where its pages live, and who is looking at them."""

from flask import Blueprint

from app.accounts import sign_in
from app.accounts.models import User, UserSession
from app.web import navigation

blueprint = Blueprint("portal", __name__)
navigation.register("Connected apps", "portal.connected_apps", None, 80)
navigation.register("Security", "portal.security", None, 90)


def signed_in() -> tuple[User, UserSession]:
    """Return who is signed in and where; only for views that are guarded."""
    found = sign_in.signed_in()
    return found.user, found.user_session
