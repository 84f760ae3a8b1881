"""The Overview tab: what an app is, how it is doing, and how to use it."""

from flask import Response

from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import shown_client, tab_context
from app.web import render_panel, requires


@blueprint.get("/apps/<client_id>")
@requires(MANAGE_SYSTEM)
def overview(client_id: str) -> Response:
    """Show ids, endpoints, snippets, what was asked for lately and what is odd."""
    client = shown_client(client_id)
    return render_panel("developer/overview.html", **tab_context(client, "overview"))
