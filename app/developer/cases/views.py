"""Cases: a person says that they did not allow an app. To look into, and to close."""

from typing import Any

from flask import Response, abort, url_for

from app.accounts.sign_in import current_actor
from app.audit.models import AuditEvent
from app.audit.words import CASE
from app.builtin import MANAGE_SYSTEM, VIEW_AUDIT_LOG, VIEW_USERS
from app.clients.queries import find_client
from app.consents.cases import close_case, closing_of, find_case, open_cases_about
from app.developer.blueprint import blueprint
from app.developer.cases.forms import ClosingForm
from app.developer.pages import tab_url
from app.errors import ConflictError
from app.extensions import db
from app.web import (
    current_person,
    render_change,
    render_invalid,
    render_panel,
    requires,
)
from app.web.forms import attempting

PAGE = "developer/cases/page.html"


@blueprint.get("/cases/<number>")
@requires(MANAGE_SYSTEM)
def case(number: str) -> Response:
    """Show what is known of a case, and how it ended or the form that closes it."""
    return render_panel(PAGE, **_context(_shown(number)))


@blueprint.post("/cases/<number>")
@requires(MANAGE_SYSTEM)
def close(number: str) -> Response:
    """Close a case; the hint about the app ends with it."""
    shown, form = _shown(number), ClosingForm()
    if not form.validate():
        return render_invalid(PAGE, **_context(shown, form))
    with attempting(form, passing=ConflictError) as attempt:
        close_case(actor=current_actor(), case=shown, reason=form.reason.data or "")
    if attempt.refusal:
        return render_invalid(PAGE, **_context(shown, form))
    db.session.commit()
    return render_change(
        PAGE,
        url=url_for(".case", number=number),
        message="The case is closed.",
        place="case",
        **_context(shown),
    )


def _shown(number: str) -> AuditEvent:
    return find_case(number) or abort(404)


def _context(case: AuditEvent, form: ClosingForm | None = None) -> dict[str, Any]:
    permissions = current_person().permissions
    client = find_client(str(case.subject_id), with_deleted=True)
    others = open_cases_about([client.id]).get(client.id, []) if client else []
    return {
        "title": f"Case {case.reference_id}",
        "case": case,
        "closing": closing_of(case),
        "form": form or ClosingForm(formdata=None),
        "app_url": tab_url(client, "overview") if client else "",
        "others": [one for one in others if one.reference_id != case.reference_id],
        "log_url": (
            url_for("audit.events", action=CASE, subject=case.subject_id)
            if VIEW_AUDIT_LOG in permissions
            else ""
        ),
        "person_url": (
            url_for("access.user", user_id=case.actor_id)
            if case.actor_id and VIEW_USERS in permissions
            else ""
        ),
    }
