"""Refused requests in plain words: over all apps, and of one on its Activity tab."""

from flask import Response

from app.builtin import MANAGE_SYSTEM
from app.clock import utcnow
from app.developer.blueprint import blueprint
from app.developer.pages import shown_client
from app.developer.refused.page import changed, found_row, list_context
from app.extensions import db
from app.traffic.request_recorder import shows_traffic
from app.web import render_panel, requires


@blueprint.get("/refused")
@requires(MANAGE_SYSTEM)
@shows_traffic
def refused() -> Response:
    """List what was refused, the latest first."""
    return render_panel("developer/refused/page.html", **list_context(None))


@blueprint.get("/apps/<client_id>/activity/refused")
@requires(MANAGE_SYSTEM)
@shows_traffic
def activity_refused(client_id: str) -> Response:
    """List what one app was refused."""
    client = shown_client(client_id, also_in_trash=True)
    return render_panel("developer/activity/refused.html", **list_context(client))


@blueprint.post("/refused/<refused_id>/put-aside")
@requires(MANAGE_SYSTEM)
@shows_traffic
def put_aside(refused_id: str) -> Response:
    """Take a row off the list until the same is refused again."""
    row = found_row(refused_id)
    row.dismissed_at = row.dismissed_at or utcnow()
    db.session.commit()
    return changed("Dismissed. It comes back if it happens again.", row)


@blueprint.post("/refused/<refused_id>/put-back")
@requires(MANAGE_SYSTEM)
@shows_traffic
def put_back(refused_id: str) -> Response:
    """Put a row back on the list."""
    row = found_row(refused_id)
    row.dismissed_at = None
    db.session.commit()
    return changed("Reopened.", row)
