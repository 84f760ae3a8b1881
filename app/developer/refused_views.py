"""Developer → Refused requests: what was refused, over all apps, in plain words."""

from flask import Response

from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import section_tabs
from app.web import render_panel, requires


@blueprint.get("/refused")
@requires(MANAGE_SYSTEM)
def refused() -> Response:
    """List what was refused, the latest first."""
    return render_panel(
        "developer/refused.html", title="Refused requests", sections=section_tabs()
    )
