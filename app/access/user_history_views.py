"""What a person did lately, and what was done to them."""

import uuid

from flask import Response

from app.access.blueprint import VIEW_AUDIT_LOG, VIEW_USERS, blueprint
from app.access.history import MOST_EVENTS, recent_events
from app.access.user_pages import shown_user, user_context
from app.audit.words import differences, in_words
from app.web import render_panel, requires


@blueprint.get("/users/<uuid:user_id>/history")
@requires(VIEW_USERS, VIEW_AUDIT_LOG)
def user_history(user_id: uuid.UUID) -> Response:
    """Show the latest events that name a person as the one who acts or is acted on."""
    user = shown_user(user_id)
    return render_panel(
        "access/user_history.html",
        **user_context(user, "user_history"),
        events=recent_events(user.id),
        most=MOST_EVENTS,
        in_words=in_words,
        differences=differences,
    )
