"""A password on the page that made it: the only place where it can ever be read."""

from flask import Response

from app.access.user_pages import user_url
from app.accounts.models import User
from app.web import render_once


def show_password(user: User, password: str, *, is_new: bool) -> Response:
    """Answer with the password. It stands in this answer alone, which nobody keeps."""
    return render_once(
        "access/password.html",
        leads_to=user_url(user),
        title=f"Password for {user.label}",
        announce="The password is shown. Send it now.",
        user=user,
        password=password,
        is_new=is_new,
    )
