"""The start page of Developer: how the server is doing, at a glance."""

from flask import Response

from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import section_tabs
from app.web import render_panel, requires


@blueprint.get("")
@requires(MANAGE_SYSTEM)
def start() -> Response:
    """Show what was asked for and refused lately, and where to go on."""
    return render_panel(
        "developer/start.html", title="Developer", sections=section_tabs()
    )
