"""`/clients/…/activity`: what was done to an app, and what it did."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields

from app.api.bearer import requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.client_documents import find_any
from app.api.fields import Moment, PageFields, PageQuery, Shown
from app.api.paging import page_of
from app.audit.models import AuditEvent
from app.audit.queries import newest_of
from app.builtin import MANAGE_SYSTEM
from app.web.counting import ENOUGH

blueprint = ApiBlueprint(
    "client_activity", description="What an app did, and what was done to it."
)


class PartySchema(Shown):
    """Who did something, or what it was done to, in the words of that day."""

    kind = fields.String(required=True)
    id = fields.UUID(required=True, allow_none=True)
    label = fields.String(required=True)


class EventSchema(Shown):
    """Something that happened."""

    id = fields.UUID(required=True)
    happened_at = fields.AwareDateTime(required=True)
    action = fields.String(required=True)
    actor = fields.Nested(PartySchema, required=True)
    subject = fields.Nested(PartySchema, required=True)
    details = fields.Dict(
        required=True,
        metadata={"description": "What changed, as {field: [before, after]}, or more."},
    )
    reference_id = fields.String(required=True, allow_none=True)


class ActivityQuery(PageQuery):
    """Which part of what happened to return."""

    up_to = Moment(
        load_default=None,
        metadata={
            "description": "Only what happened until then. The list has the newest "
            f"{ENOUGH} events: to read older ones, send the last happened_at."
        },
    )


class ActivityPageSchema(PageFields):
    """A page of what happened, newest first."""

    total = fields.Integer(
        required=True,
        metadata={
            "description": f"Counted to {ENOUGH}, where the list ends; see up_to."
        },
    )
    events = fields.List(fields.Nested(EventSchema), required=True)


@blueprint.operation("GET", "/clients/<uuid:client_id>/activity")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(ActivityQuery, location="query")
@blueprint.gives(200, ActivityPageSchema, description="A page of what happened.")
def list_activity(query: Mapping[str, Any], client_id: uuid.UUID) -> dict[str, Any]:
    """List what was done to an app, and what it did, with the differences."""
    client = find_any(client_id)
    return page_of(
        newest_of("client", client.id, most=ENOUGH + 1, up_to=query["up_to"]),
        page=query["page"],
        per_page=query["per_page"],
        name="events",
        most=ENOUGH,
        show=_show,
    )


def _show(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    return [
        {
            "id": event.id,
            "happened_at": event.happened_at,
            "action": event.action,
            "actor": {
                "kind": event.actor_kind,
                "id": event.actor_id,
                "label": event.actor_label,
            },
            "subject": {
                "kind": event.subject_kind,
                "id": event.subject_id,
                "label": event.subject_label,
            },
            "details": event.details,
            "reference_id": event.reference_id,
        }
        for event in events
    ]
