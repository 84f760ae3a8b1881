"""`/clients/…/permissions`: what an app may do as itself, and where it comes from."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from app.access.catalogue import list_permissions, list_roles
from app.access.effective import direct_permissions, effective_permissions, held_roles
from app.access.models import Permission, Role
from app.access.services import set_roles_and_permissions
from app.api.bearer import current_actor, current_powers, requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.client_documents import find_any, find_kept
from app.api.fields import Shown, Text
from app.builtin import MANAGE_SYSTEM
from app.clients.holders import client_holder
from app.clients.lifecycle import check_is_kept
from app.clients.models import Client
from app.errors import DomainError
from app.extensions import db
from app.locking import lock

blueprint = ApiBlueprint(
    "client_permissions", description="The roles and permissions of an app."
)


class EffectivePermissionSchema(Shown):
    """A permission that an app has."""

    name = fields.String(required=True)
    description = fields.String(required=True)
    group = fields.String(required=True)
    is_direct = fields.Boolean(
        required=True, metadata={"description": "Held without any role."}
    )
    via = fields.List(
        fields.String(), required=True, metadata={"description": "Roles that give it."}
    )


class HoldingsWish(Schema):
    """Everything an app is to hold, by name. Anything else is removed."""

    roles = fields.List(Text(), required=True, metadata={"examples": [[]]})
    permissions = fields.List(
        Text(),
        required=True,
        metadata={"description": "Held directly.", "examples": [["view_users"]]},
    )


class HoldingsSchema(Shown):
    """What an app holds."""

    roles = fields.List(fields.String(), required=True)
    permissions = fields.List(fields.String(), required=True)
    effective = fields.List(fields.Nested(EffectivePermissionSchema), required=True)


@blueprint.operation("GET", "/clients/<uuid:client_id>/permissions")
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(200, HoldingsSchema, description="What the app holds.")
def read_permissions(client_id: uuid.UUID) -> dict[str, Any]:
    """Show an app's roles and permissions, and what they come to."""
    return _show(find_any(client_id))


@blueprint.operation("PUT", "/clients/<uuid:client_id>/permissions")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(HoldingsWish)
@blueprint.gives(200, HoldingsSchema, description="What the app holds now.")
def replace_permissions(
    given: Mapping[str, Any], client_id: uuid.UUID
) -> dict[str, Any]:
    """Make an app hold exactly these roles and direct permissions.

    What is removed takes effect with the next request. What is given does not change
    tokens that were already issued.
    """
    client = lock(find_kept(client_id))
    check_is_kept(client)
    set_roles_and_permissions(
        actor=current_actor(),
        powers=current_powers(),
        holder=client_holder(client),
        role_ids=_ids(list_roles(), given["roles"], "roles"),
        permission_ids=_ids(list_permissions(), given["permissions"], "permissions"),
    )
    db.session.commit()
    return _show(client)


def _ids(
    existing: Sequence[Role] | Sequence[Permission], names: Sequence[str], field: str
) -> set[uuid.UUID]:
    ids = {thing.name: thing.id for thing in existing}
    unknown = sorted(set(names) - set(ids))
    if unknown:
        raise DomainError(f"Unknown {field}: {', '.join(unknown)}.", field=field)
    return {ids[name] for name in names}


def _show(client: Client) -> dict[str, Any]:
    return {
        "roles": [role.name for role in held_roles(client.id)],
        "permissions": [held.name for held in direct_permissions(client.id)],
        "effective": effective_permissions(client.id),
    }
