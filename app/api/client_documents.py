"""Clients between the words of the API and those of the services."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Any

from app.access.scopes import join_scope, parse_scope
from app.audit.actor import Actor
from app.clients.details import ClientDetails
from app.clients.lifetimes import lifetimes_for
from app.clients.models import NONE, Client
from app.clients.queries import find_client
from app.errors import ConflictError, DomainError, NotFoundError
from app.extensions import settings
from app.tokens.queries import live_token_counts

#: Fields of the services, and what the API calls them.
_API_NAMES = {
    "name": "client_name",
    "scopes": "scope",
    "optional_scopes": "optional_scope",
    "is_confidential": "token_endpoint_auth_method",
    "owner": "owner_id",
    "idempotency_key": "Idempotency-Key",
}
_SERVICE_NAMES = {
    "client_name": "name",
    "scope": "scopes",
    "optional_scope": "optional_scopes",
}
_SHOWN_AS_THEY_ARE = (
    "description",
    "grant_types",
    "redirect_uris",
    "post_logout_redirect_uris",
    "is_pkce_required",
    "owner",
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


def show_clients(clients: Sequence[Client]) -> list[dict[str, Any]]:
    """Return clients as the API shows them, with their live tokens counted at once."""
    counts = live_token_counts([client.id for client in clients])
    return [_show(client, counts[client.id]) for client in clients]


def show_client(client: Client) -> dict[str, Any]:
    """Return one client as the API shows it."""
    return show_clients([client])[0]


def _show(client: Client, live_tokens: int) -> dict[str, Any]:
    shown = {name: getattr(client, name) for name in _SHOWN_AS_THEY_ARE}
    return shown | {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.name,
        "token_endpoint_auth_method": client.auth_method,
        "scope": None if client.scopes is None else join_scope(client.scopes),
        "optional_scope": join_scope(client.optional_scopes),
        "status": _status(client),
        "lifetimes": asdict(lifetimes_for(client, defaults=settings)),
        "live_tokens": live_tokens,
    }


def _status(client: Client) -> str:
    if client.deleted_at is not None:
        return "deleted"
    return "enabled" if client.is_enabled else "disabled"


def etag_of(client: Client) -> dict[str, str]:
    """Return the header that names the client's version (RFC 9110 §8.8.3)."""
    return {"ETag": f'"{client.version}"'}


def new_details(given: Mapping[str, Any]) -> ClientDetails:
    """Return what a request says of a client to register."""
    return ClientDetails(**_service_values(given))


def contents_of(given: Mapping[str, Any], *, actor: Actor) -> str:
    """Return what a request says, and who sent it, the same whatever its order."""
    return json.dumps({**given, "sent by": actor.id}, sort_keys=True, default=str)


def changed_details(client: Client, given: Mapping[str, Any]) -> ClientDetails:
    """Return what is registered, with what the request changes."""
    values = {f.name: getattr(client, f.name) for f in fields(ClientDetails)}
    return ClientDetails(**_tuples(values | _service_values(given)))


def _service_values(given: Mapping[str, Any]) -> dict[str, Any]:
    values = {_SERVICE_NAMES.get(name, name): v for name, v in given.items()}
    for name in ("scopes", "optional_scopes"):
        if isinstance(values.get(name), str):
            values[name] = sorted(_parse(values[name], field=name))
    if "token_endpoint_auth_method" in values:
        # One word of RFC 7591 for two facts of ours.
        method = values["token_endpoint_auth_method"]
        values["is_confidential"] = method != NONE
        values["token_endpoint_auth_method"] = None if method == NONE else method
    return _tuples(values)


def _parse(scope: str, *, field: str) -> frozenset[str]:
    try:
        return parse_scope(scope)
    except DomainError as error:
        error.field = field
        raise


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}


@contextmanager
def naming_fields() -> Iterator[None]:
    """Let refusals from inside name their field as the API does."""
    try:
        yield
    except DomainError as error:
        if error.field is not None:
            error.field = _API_NAMES.get(error.field, error.field)
        raise


def find_any(client_id: uuid.UUID) -> Client:
    """Return the client, deleted or not; raises NotFoundError."""
    client = find_client(client_id, with_deleted=True)
    if client is None:
        raise NotFoundError("There is no app with this client_id.")
    return client


def find_kept(client_id: uuid.UUID) -> Client:
    """Return the client; raises NotFoundError, or ConflictError in the trash."""
    client = find_any(client_id)
    if client.deleted_at is not None:
        raise ConflictError("This app is deleted. Restore it first.")
    return client
