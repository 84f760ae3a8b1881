"""The Try it tab: the real flows of an app, run with a secret of ten minutes."""

from flask import Response

from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import shown_client, tab_context
from app.web import render_panel, requires


@blueprint.get("/apps/<client_id>/try")
@requires(MANAGE_SYSTEM)
def trial(client_id: str) -> Response:
    """Offer the flows that the app is registered for."""
    client = shown_client(client_id)
    return render_panel("developer/trial.html", **tab_context(client, "trial"))
