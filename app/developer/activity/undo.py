"""Putting a change of an app back as it was, if nothing has overtaken it since."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.access import catalogue
from app.access import services as access
from app.access.effective import direct_permissions, held_roles
from app.access.escalation import Powers
from app.access.models import Permission, Role
from app.audit.actor import Actor
from app.audit.differences import change_of, differences
from app.audit.models import AuditEvent
from app.clients.details import (
    ClientDetails,
    as_given,
    as_kept,
    changes_between,
    details_of,
)
from app.clients.holders import client_holder
from app.clients.models import Client
from app.clients.registration import update_client
from app.developer.permissions.holdings import Change, planned_change
from app.errors import ConflictError
from app.locking import lock

UPDATED = ("client.updated", "client.reverted")
GIVEN = ("role.assigned", "permission.given")
TAKEN = ("role.removed", "permission.revoked")
_NOT_FROM_HERE = "This kind of change cannot be undone here."
#: What an update may have changed and another can change back.
_FIELDS = {field.name for field in fields(ClientDetails)} - {
    "owner_id",
    "is_confidential",
}


@dataclass(frozen=True, kw_only=True)
class State:
    """What a client is like now, read once for a whole list of events."""

    client_id: uuid.UUID
    registered: ClientDetails
    roles: frozenset[str]
    permissions: frozenset[str]

    @classmethod
    def of(cls, client: Client) -> "State":
        """Read it."""
        return cls(
            client_id=client.id,
            registered=details_of(client),
            roles=frozenset(role.name for role in held_roles(client.id)),
            permissions=frozenset(p.name for p in direct_permissions(client.id)),
        )


def offer(event: AuditEvent, state: State) -> str:
    """Return what a link to undo an event says, or nothing if it cannot be undone."""
    if explain_obstacle(event, state) is not None:
        return ""
    return f"{name_of_undoing(event)}…"


def name_of_undoing(event: AuditEvent) -> str:
    """Return what undoing an event is called, for a button and a question."""
    if event.action in UPDATED:
        return "Undo this change"
    return "Remove it again" if event.action in GIVEN else "Give it back"


def former_owner(event: AuditEvent, client: Client) -> str:
    """Return who could own a client again that an event handed over, or nothing.

    By the name they had: whom it means now is for a person to choose.
    """
    if event.action != "client.transferred":
        return ""
    before, after = event.details["owner"]
    is_still_theirs = client.owner is not None and client.owner.label == after
    return str(before or "") if is_still_theirs else ""


def explain_obstacle(event: AuditEvent, state: State) -> str | None:
    """Return why an event cannot be undone, or null if it can."""
    # What the client did to others is in its list too.
    is_about_it = (event.subject_kind, event.subject_id) == ("client", state.client_id)
    if not is_about_it or event.action not in (*UPDATED, *GIVEN, *TAKEN):
        return _NOT_FROM_HERE
    if event.action in UPDATED:
        return _obstacle_of_update(event.details, state.registered)
    kind, name = _held(event)
    is_held = name in (state.roles if kind == "role" else state.permissions)
    if is_held is (event.action in GIVEN):
        return None
    return "This has already been undone, or changed again since."


def planned(event: AuditEvent, state: State) -> dict[str, Any]:
    """Return what undoing an update would change, as the audit log would keep it.

    Only for one without an obstacle.
    """
    return {
        field: [as_kept(getattr(state.registered, field)), before]
        for field, (before, _) in event.details.items()
    }


def planned_holdings(client: Client, event: AuditEvent) -> Change:
    """Return what a client would hold and may do after a gift or loss is undone."""
    kind, name = _held(event)
    roles = {role.name: str(role.id) for role in held_roles(client.id)}
    permissions = {p.name: str(p.id) for p in direct_permissions(client.id)}
    names = roles if kind == "role" else permissions
    if event.action in GIVEN:
        names.pop(name, None)
    elif thing := _find(kind, name):
        names[name] = str(thing.id)
    return planned_change(
        client, role_ids=roles.values(), permission_ids=permissions.values()
    )


def put_back(
    *,
    actor: Actor,
    powers: Powers,
    client: Client,
    event: AuditEvent,
    expected_version: int,
) -> None:
    """Undo an event of a client; the log keeps both. Flushes.

    Raises ConflictError if something has overtaken it, and DomainError where what was
    registered before breaks a rule now.
    """
    lock(client)
    obstacle = explain_obstacle(event, State.of(client))
    if obstacle is not None:
        raise ConflictError(obstacle)
    if event.action not in UPDATED:
        _swap(actor=actor, powers=powers, client=client, event=event)
        return
    before = {field: as_given(pair[0]) for field, pair in event.details.items()}
    update_client(
        actor=actor,
        client=client,
        details=replace(details_of(client), **before),
        expected_version=expected_version,
        is_way_back=True,
    )


def _swap(*, actor: Actor, powers: Powers, client: Client, event: AuditEvent) -> None:
    """Take away what was given, or give what was taken away."""
    kind, name = _held(event)
    thing = _find(kind, name)
    if thing is None:
        raise ConflictError(f"The {kind} {name} no longer exists.")
    changes: dict[str, Any] = {
        "role.assigned": access.remove_role,
        "role.removed": access.assign_role,
        "permission.given": access.revoke_permission,
        "permission.revoked": access.give_permission,
    }
    holder = client_holder(client)
    whom = {"actor": actor, "powers": powers, "holder": holder}
    changes[event.action](**whom, **{kind: thing})


def _find(kind: str, name: str) -> Role | Permission | None:
    find = catalogue.find_role if kind == "role" else catalogue.find_permission
    return find(name)


def _held(event: AuditEvent) -> tuple[str, str]:
    kind = event.action.partition(".")[0]
    return kind, str(event.details.get(kind, ""))


def _obstacle_of_update(
    details: Mapping[str, Any], registered: ClientDetails
) -> str | None:
    if not all(f in _FIELDS and change_of(f, value) for f, value in details.items()):
        return _NOT_FROM_HERE
    overtaken = changes_between(
        {field: after for field, (_, after) in details.items()},
        {field: getattr(registered, field) for field in details},
    )
    if not overtaken:
        return None
    names = ", ".join(line.field for line in differences(overtaken))
    return f"Changed again since: {names}. Undoing this would undo that too."
