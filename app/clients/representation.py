"""A client as JSON, under the keys of RFC 7591 §2 and §3.2.1 where it has them."""

from dataclasses import asdict
from typing import Any

from app.access.effective import direct_permissions, held_roles
from app.access.scopes import join_scope
from app.accounts.models import User
from app.clients.lifetimes import lifetimes_for
from app.clients.models import Client
from app.extensions import settings

_AS_THEY_ARE = (
    "description",
    "grant_types",
    "redirect_uris",
    "post_logout_redirect_uris",
    "is_pkce_required",
    "access_token_ttl",
    "client_credentials_token_ttl",
    "refresh_token_idle_ttl",
    "refresh_token_max_ttl",
    "created_at",
    "updated_at",
    "last_used_at",
    "verified_at",
    "disabled_at",
    "deleted_at",
    "version",
)


def describe_client(client: Client) -> dict[str, Any]:
    """Return what is registered of a client, without any secret.

    Commands and the API print it alike. `token_endpoint_auth_method` is null for a
    client that may authenticate either way. `scope` is null for a client that may ask
    users for every delegable permission; users may leave out what is in
    `optional_scope`. A lifetime is null where the default is in force.
    """
    owner = client.owner
    return {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.name,
        "token_endpoint_auth_method": client.auth_method,
        "scope": None if client.scopes is None else join_scope(client.scopes),
        "optional_scope": join_scope(client.optional_scopes),
        "owner": None if owner is None else _describe_owner(owner),
        "status": _status(client),
        "lifetimes": asdict(lifetimes_for(client, defaults=settings)),
    } | {name: getattr(client, name) for name in _AS_THEY_ARE}


def _describe_owner(owner: User) -> dict[str, Any]:
    return {"id": owner.id, "email": owner.email, "name": owner.name}


def _status(client: Client) -> str:
    if client.deleted_at is not None:
        return "deleted"
    return "disabled" if client.disabled_at else "enabled"


def describe_holdings(client: Client) -> dict[str, Any]:
    """Return the names of the roles and direct permissions that a client holds."""
    return {
        "roles": [role.name for role in held_roles(client.id)],
        "permissions": [
            permission.name for permission in direct_permissions(client.id)
        ],
    }
