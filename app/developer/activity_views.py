"""The Activity tab: who changed what, with the difference."""

from flask import Response

from app.audit.words import differences, in_words
from app.developer.activity import events_of
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import shown_client, tab_context
from app.web import paginate, render_panel, requested_page, requires


@blueprint.get("/apps/<client_id>/activity")
@requires(MANAGE_SYSTEM)
def activity(client_id: str) -> Response:
    """List what was done to the app and by it, newest first."""
    client = shown_client(client_id)
    return render_panel(
        "developer/activity.html",
        **tab_context(client, "activity"),
        events=paginate(events_of(client.id), page=requested_page()),
        in_words=in_words,
        differences=differences,
    )
