"""A client as JSON, under the keys of RFC 7591 §2 and §3.2.1 where it has them."""

from typing import Any

from app.access.effective import direct_permissions, held_roles
from app.clients.models import Client


def describe_client(client: Client) -> dict[str, Any]:
    """Return what is registered of a client, without any secret.

    `token_endpoint_auth_method` is null for a client that may authenticate either way.
    `scope` is null for a client that may ask users for every delegable permission;
    users may leave out what is in `optional_scope`.
    """
    owner = client.owner
    return {
        "client_id": client.id,
        "client_name": client.name,
        "description": client.description,
        "grant_types": client.grant_types,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "token_endpoint_auth_method": client.auth_method,
        "is_pkce_required": client.is_pkce_required,
        "scope": None if client.scopes is None else " ".join(client.scopes),
        "optional_scope": " ".join(client.optional_scopes),
        "owner": {"id": owner.id, "email": owner.email} if owner else None,
        "created_at": client.created_at,
        "last_used_at": client.last_used_at,
        "verified_at": client.verified_at,
        "disabled_at": client.disabled_at,
        "deleted_at": client.deleted_at,
    }


def describe_holdings(client: Client) -> dict[str, Any]:
    """Return the names of the roles and direct permissions that a client holds."""
    return {
        "roles": [role.name for role in held_roles(client.id)],
        "permissions": [
            permission.name for permission in direct_permissions(client.id)
        ],
    }
