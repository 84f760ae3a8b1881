"""Where a person is signed in, and ending it."""

import uuid
from typing import Any

from flask import Response
from sqlalchemy import Select

from app.access import people
from app.access.blueprint import blueprint
from app.access.user_pages import show_user_change, shown_user, user_context
from app.accounts.browsers import in_words
from app.accounts.models import User
from app.accounts.sessions import live_sessions
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_USERS, VIEW_USERS
from app.extensions import db
from app.web import current_person, paginate, render_panel, requested_page, requires


@blueprint.get("/users/<uuid:user_id>/sessions")
@requires(VIEW_USERS)
def user_sessions(user_id: uuid.UUID) -> Response:
    """Show where a person is signed in."""
    return render_panel(
        "access/user_sessions.html", **sessions_context(shown_user(user_id))
    )


@blueprint.post("/users/<uuid:user_id>/sessions/<uuid:session_id>/end")
@requires(VIEW_USERS, MANAGE_USERS)
def end_user_session(user_id: uuid.UUID, session_id: uuid.UUID) -> Response:
    """Sign a person out at one browser."""
    user = shown_user(user_id)
    people.end_session(
        actor=current_actor(),
        powers=current_person().permissions,
        user=user,
        session_id=session_id,
    )
    db.session.commit()
    message = "Signed out of that browser."
    return show_user_change(
        user, "user_sessions", message, sessions_context, place="sessions"
    )


@blueprint.post("/users/<uuid:user_id>/sign-out")
@requires(VIEW_USERS, MANAGE_USERS)
def sign_user_out(user_id: uuid.UUID) -> Response:
    """End every session of a person, and every token that apps hold for them."""
    user = shown_user(user_id)
    people.sign_out_everywhere(
        actor=current_actor(), powers=current_person().permissions, user=user
    )
    db.session.commit()
    message = "Signed out everywhere."
    return show_user_change(
        user, "user_sessions", message, sessions_context, place="sessions"
    )


def sessions_context(user: User) -> dict[str, Any]:
    """Return what the tab shows."""
    query: Select[Any] = live_sessions(user.id)
    found = paginate(query, page=requested_page())
    return user_context(user, "user_sessions") | {
        "found": found,
        "browsers": {item.id: in_words(item.user_agent) for item in found.items},
    }
