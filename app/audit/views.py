"""The audit log: who did what, when and from where; to read and to take away."""

from flask import Blueprint, Response, abort, request, url_for

from app.audit.actor import Actor
from app.audit.differences import changes_in
from app.audit.event_search import (
    LOOKED_THROUGH,
    further_back,
    in_address,
    look,
    moment_in,
)
from app.audit.export import csv_lines, json_lines
from app.audit.filters import CASE_STATES, Filters
from app.audit.origin import origin
from app.audit.services import record
from app.audit.subjects import KINDS, told
from app.audit.words import ACTIONS, CASE
from app.builtin import VIEW_AUDIT_LOG
from app.clock import utcnow
from app.extensions import db
from app.web import (
    current_person,
    navigation,
    page_class,
    paginate,
    render_panel,
    requested_page,
    requires,
)

#: By the name of the button: how lines are made of events, and what they are.
FORMATS = {
    "csv": (csv_lines, "text/csv"),
    "jsonl": (json_lines, "application/jsonl"),
}
#: Fewer than in other lists, since each unfolds.
PER_PAGE = 20

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
page_class(blueprint, "console")
navigation.register("Audit log", "audit.events", VIEW_AUDIT_LOG, 40)


@blueprint.get("")
@requires(VIEW_AUDIT_LOG)
def events() -> Response:
    """List what people, apps and commands did, narrowed as the address says."""
    filters = Filters.of(request.args)
    up_to = moment_in(request.args.get("up_to", ""))
    looked = look(filters, up_to=up_to)
    found = paginate(looked.events, page=requested_page(), per_page=PER_PAGE)
    return render_panel(
        "audit/events.html",
        title="Audit log",
        filters=filters,
        found=found,
        up_to=up_to,
        older=looked.older,
        further=further_back(found, older=looked.older),
        looked_through=LOOKED_THROUGH,
        in_address=in_address,
        actions=_choices(),
        views=_views(),
        is_of_cases=filters.action == CASE,
        kinds=KINDS,
        case_states=CASE_STATES,
        told=told,
        changes_in=changes_in,
        export_url=url_for("audit.export", **filters.given),
    )


@blueprint.post("/export")
@requires(VIEW_AUDIT_LOG)
def export() -> Response:
    """Send the events of the same address as a file, and remember who took it."""
    filters, file_format = Filters.of(request.args), request.form.get("format", "")
    if file_format not in FORMATS:
        abort(400)
    record(
        actor=_current_actor(),
        action="audit.exported",
        subject_kind="server",
        subject_label="the audit log",
        details={"format": file_format, **_narrowed(filters)},
    )
    db.session.commit()
    lines, mimetype = FORMATS[file_format]
    name = f"audit-{utcnow():%Y-%m-%d-%H%M%S}.{file_format}"
    return Response(
        lines(filters.select(), db.engine),
        mimetype=mimetype,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Return by group each action with what it is called, in the order of these."""
    return {
        group: sorted(
            ((action, words[0]) for action, words in known.items()),
            key=lambda choice: choice[1].casefold(),
        )
        for group, known in ACTIONS.items()
    }


def _views() -> list[tuple[str, str, str]]:
    """Return what the log is read for most, as the macro `tabs` takes it."""
    everything, cases = url_for("audit.events"), url_for("audit.events", action=CASE)
    return [("all", "All events", everything), ("cases", "Cases", cases)]


def _narrowed(filters: Filters) -> dict[str, str]:
    given = ", ".join(f"{name}: {value}" for name, value in filters.given.items())
    return {"filters": given} if given else {}


def _current_actor() -> Actor:
    person = current_person()
    return Actor(kind="user", id=person.id, label=person.label, **origin())
