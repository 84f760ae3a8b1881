"""What a person did lately, and what was done to them."""

import uuid

from flask import Response

from app.access.blueprint import blueprint
from app.access.user_pages import shown_user, user_context
from app.audit.differences import changes_in
from app.audit.queries import newest_of
from app.audit.subjects import told
from app.builtin import VIEW_AUDIT_LOG, VIEW_USERS
from app.extensions import db
from app.web import Page, render_panel, requires
from app.web.counting import count_of

MOST_EVENTS = 50


@blueprint.get("/users/<uuid:user_id>/history")
@requires(VIEW_USERS, VIEW_AUDIT_LOG)
def user_history(user_id: uuid.UUID) -> Response:
    """Show the latest events that name a person as the one who acts or is acted on."""
    user = shown_user(user_id)
    latest = newest_of("user", user.id, most=MOST_EVENTS).limit(MOST_EVENTS)
    events = db.session.scalars(latest).all()
    return render_panel(
        "access/user_history.html",
        **user_context(user, "user_history"),
        found=Page(events, 1, MOST_EVENTS, count_of(len(events))),
        most=MOST_EVENTS,
        told=told,
        changes_in=changes_in,
    )
