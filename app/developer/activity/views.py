"""The Activity tab: who changed what, with the difference, and the way back."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request, url_for

from app.accounts.sign_in import current_actor
from app.audit.differences import changes_in, differences
from app.audit.models import AuditEvent
from app.audit.words import in_words
from app.builtin import MANAGE_SYSTEM
from app.clients.models import Client
from app.developer.activity import undo
from app.developer.activity.changes import (
    KINDS,
    LOOKED_THROUGH,
    events_of,
    find_event,
)
from app.developer.blueprint import blueprint
from app.developer.fields import version_in
from app.developer.pages import (
    changed_client,
    parsed_id,
    show_change,
    shown_client,
    tab_context,
    tab_url,
)
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.web import (
    current_person,
    paginate,
    render_invalid,
    render_panel,
    requested_page,
    requires,
)

UNDO = "developer/activity/undo.html"


@blueprint.get("/apps/<client_id>/activity")
@requires(MANAGE_SYSTEM)
def activity(client_id: str) -> Response:
    """List what was done to the app and by it, newest first."""
    return render_panel(
        "developer/activity/page.html",
        **activity_context(shown_client(client_id, also_in_trash=True)),
    )


@blueprint.get("/apps/<client_id>/activity/<event_id>/undo")
@requires(MANAGE_SYSTEM)
def confirm_undo(client_id: str, event_id: str) -> Response:
    """Show what putting a change back would change, and ask."""
    client = shown_client(client_id)
    return render_panel(UNDO, **_undo_context(client, _event(client, event_id)))


@blueprint.post("/apps/<client_id>/activity/<event_id>/undo")
@requires(MANAGE_SYSTEM)
def undo_event(client_id: str, event_id: str) -> Response:
    """Put a change back as it was, unless something has overtaken it."""
    client = changed_client(client_id)
    event = _event(client, event_id)
    try:
        undo.put_back(
            actor=current_actor(),
            powers=current_person().permissions,
            client=client,
            event=event,
            expected_version=version_in(request.form.get("version")),
        )
    except DomainError as refusal:
        db.session.rollback()
        status = 409 if isinstance(refusal, ConflictError) else 422
        context = _undo_context(client, event) | {"refusal": refusal.message}
        return render_invalid(UNDO, status=status, **context)
    db.session.commit()
    return show_change(
        client, "activity", "The change has been undone.", activity_context
    )


def activity_context(client: Client) -> dict[str, Any]:
    """Return what the tab shows, narrowed to what the address says."""
    kind = request.args.get("kind", "")
    events = paginate(events_of(client.id, kind=kind), page=requested_page())
    state = undo.State.of(client)
    return tab_context(client, "activity") | {
        "kind": kind if kind in KINDS else "",
        "kinds": [("", "Everything except trials")]
        + [(k, words) for k, (words, _) in KINDS.items()],
        "events": events,
        "looked_through": LOOKED_THROUGH,
        "ways_back": {
            event.id: _way_back(client, event, state) for event in events.items
        },
        "in_words": in_words,
        "changes_in": changes_in,
    }


def _way_back(
    client: Client, event: AuditEvent, state: undo.State
) -> tuple[str, str] | None:
    """Return what a link that leads back from an event says, and where it leads."""
    if client.deleted_at is not None:
        return None
    address = url_for("developer.danger", client_id=client.id)
    if event.action == "client.disabled" and client.disabled_at is not None:
        return "Enable it again…", address
    if former := undo.former_owner(event, client):
        return "Transfer it back…", f"{address}?{urlencode({'owner': former})}"
    words = undo.offer(event, state)
    if not words:
        return None
    asking = url_for("developer.confirm_undo", client_id=client.id, event_id=event.id)
    return words, asking


def _undo_context(client: Client, event: AuditEvent) -> dict[str, Any]:
    state, name = undo.State.of(client), undo.name_of_undoing(event)
    context: dict[str, Any] = {
        "title": f"{client.name}: {name}?",
        "client": client,
        "event": event,
        "name": name,
        "in_words": in_words,
        "changes_in": changes_in,
        "obstacle": undo.explain_obstacle(event, state),
        "cancel_url": tab_url(client, "activity"),
    }
    if context["obstacle"] is None:
        if event.action in undo.UPDATED:
            context["planned"] = differences(undo.planned(event, state))
        else:
            context["change"] = undo.planned_holdings(client, event)
    return context


def _event(client: Client, event_id: str) -> AuditEvent:
    event: AuditEvent | None = db.session.scalar(
        find_event(client.id, parsed_id(event_id))
    )
    if event is None:
        abort(404)
    return event
