"""Clients between the words of the API and those of the services."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from app.access.scopes import parse_scope
from app.audit.actor import Actor
from app.clients.details import ClientDetails, as_given, details_of
from app.clients.lifecycle import check_is_kept
from app.clients.models import NONE, Client
from app.clients.queries import find_client
from app.clients.representation import describe_client
from app.errors import DomainError, NotFoundError
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


def show_clients(clients: Sequence[Client]) -> list[dict[str, Any]]:
    """Return clients as the API shows them, with their live tokens counted at once."""
    counts = live_token_counts([client.id for client in clients])
    return [
        describe_client(client) | {"live_tokens": counts[client.id]}
        for client in clients
    ]


def show_client(client: Client) -> dict[str, Any]:
    """Return one client as the API shows it."""
    return show_clients([client])[0]


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
    return replace(details_of(client), **_service_values(given))


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
    return {name: as_given(value) for name, value in values.items()}


def _parse(scope: str, *, field: str) -> frozenset[str]:
    try:
        return parse_scope(scope)
    except DomainError as error:
        error.field = field
        raise


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
    check_is_kept(client)
    return client
