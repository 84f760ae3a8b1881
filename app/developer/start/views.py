"""The start page of Developer: how the server is doing, at a glance."""

from flask import Response

from app.audit.queries import latest_changes
from app.audit.subjects import told
from app.builtin import MANAGE_SYSTEM, VIEW_AUDIT_LOG, VIEW_USERS
from app.developer.blueprint import blueprint
from app.developer.pages import section_tabs
from app.developer.snippets.shell import call_command, token_command
from app.developer.start import page as start_page
from app.developer.start.attention import attention
from app.extensions import settings
from app.traffic.counts import by_hour
from app.traffic.request_recorder import shows_traffic
from app.web import current_person, render_panel, requires

#: How many refused requests and changes are shown.
LATEST = 5


@blueprint.get("")
@requires(MANAGE_SYSTEM)
@shows_traffic
def start() -> Response:
    """Show what was asked for and refused lately, and where to go on."""
    permissions = current_person().permissions
    return render_panel(
        "developer/start/page.html",
        title="Developer",
        sections=section_tabs(),
        hours=by_hour(),
        numbers=start_page.numbers(),
        attention=attention(),
        key_problem=start_page.key_problem(),
        refusals=start_page.latest_refusals(LATEST),
        changes=[(event, told(event)) for event in latest_changes(LATEST)],
        may_view_log=VIEW_AUDIT_LOG in permissions,
        may_view_people=VIEW_USERS in permissions,
        token_command=token_command(
            issuer=settings.issuer,
            client_id="CLIENT_ID",
            client_secret="CLIENT_SECRET",
        ),
        call_command=call_command(issuer=settings.issuer, access_token="ACCESS_TOKEN"),
    )
