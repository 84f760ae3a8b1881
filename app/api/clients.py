"""`/clients`: what Developer → Apps does, for programs."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import request, url_for

from app.accounts.services import find_user
from app.api.bearer import current_actor, current_token, requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.client_documents import (
    changed_details,
    contents_of,
    etag_of,
    find_any,
    find_kept,
    naming_fields,
    new_details,
    show_client,
    show_clients,
)
from app.api.client_schemas import (
    ClientChange,
    ClientPageSchema,
    ClientQuery,
    ClientSchema,
    IdempotencyHeader,
    NewClient,
    RegisteredClientSchema,
    Transfer,
)
from app.api.paging import page_of
from app.api.problems import STALE, ProblemError
from app.audit.actor import Actor
from app.builtin import MANAGE_SYSTEM
from app.clients import lifecycle
from app.clients.models import Client
from app.clients.queries import search_clients
from app.clients.registration import register_client, update_client
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.locking import lock

blueprint = ApiBlueprint("clients", description="Apps: everything the console can do.")

Document = dict[str, Any]
Answer = tuple[Document, int, dict[str, str]]


@blueprint.operation("GET", "/clients")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(ClientQuery, location="query")
@blueprint.gives(200, ClientPageSchema, description="A page of apps.")
def list_clients(query: dict[str, Any]) -> Document:
    """List apps."""
    page, per_page = query.pop("page"), query.pop("per_page")
    return page_of(
        search_clients(**query),
        page=page,
        per_page=per_page,
        name="clients",
        show=show_clients,
    )


@blueprint.operation("POST", "/clients")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(IdempotencyHeader, location="headers")
@blueprint.takes(NewClient)
@blueprint.gives(
    201, RegisteredClientSchema, description="The app and its secret.", has_etag=True
)
def create_client(headers: Mapping[str, Any], given: dict[str, Any]) -> Answer:
    """Register an app.

    The secret of a confidential app is in this answer and can never be read again. A
    request that was sent before with the same Idempotency-Key is answered with 200 and
    the app of the first time.
    """
    given.setdefault("owner_id", current_token().user_id)
    actor = current_actor()
    with naming_fields():
        registration = register_client(
            actor=actor,
            details=new_details(given),
            idempotency_key=headers["idempotency_key"],
            contents=contents_of(given, actor=actor),
        )
    db.session.commit()
    client = registration.client
    document = show_client(client)
    if registration.secret is not None:
        document |= {
            "client_secret": registration.secret,
            "client_secret_expires_at": 0,
        }
    location = {"Location": url_for("clients.read_client", client_id=client.id)}
    return document, 200 if registration.is_repeat else 201, location | etag_of(client)


@blueprint.operation("GET", "/clients/<uuid:client_id>")
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(200, ClientSchema, description="The app.", has_etag=True)
def read_client(client_id: uuid.UUID) -> Answer:
    """Show an app, even a deleted one."""
    client = find_any(client_id)
    return show_client(client), 200, etag_of(client)


@blueprint.operation("PATCH", "/clients/<uuid:client_id>", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(ClientChange)
@blueprint.gives(200, ClientSchema, description="The changed app.", has_etag=True)
def change_client(given: dict[str, Any], client_id: uuid.UUID) -> Answer:
    """Change what is registered of an app.

    With If-Match (the ETag), or the member version, a change that somebody else made
    meanwhile is not overwritten.
    """
    client = find_kept(client_id)
    _check_precondition(client)
    if given.pop("version", client.version) != client.version:
        raise ConflictError("This app has changed since you read it.")
    with naming_fields():
        update_client(
            actor=current_actor(),
            client=client,
            details=changed_details(client, given),
            # Members that the request leaves out are written back as they were read.
            expected_version=client.version,
        )
    db.session.commit()
    return show_client(client), 200, etag_of(client)


@blueprint.operation("DELETE", "/clients/<uuid:client_id>", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(204, description="The app is deleted.")
def delete_client(client_id: uuid.UUID) -> None:
    """Delete an app, as its Danger zone does.

    Every token and secret of it is dead at once and for ever. Restored, it has its
    settings, roles, permissions and consents again, and needs a new secret.
    """
    client = find_any(client_id)
    _check_precondition(client)
    lifecycle.delete_client(actor=current_actor(), client=client)
    db.session.commit()


@blueprint.operation("POST", "/clients/<uuid:client_id>/restore", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(
    200, ClientSchema, description="The app, which needs a new secret.", has_etag=True
)
def restore_client(client_id: uuid.UUID) -> Answer:
    """Restore a deleted app. Its old tokens and secrets are not restored."""
    return _change(client_id, lifecycle.restore_client)


@blueprint.operation("POST", "/clients/<uuid:client_id>/disable", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(200, ClientSchema, description="The app, now disabled.", has_etag=True)
def disable_client(client_id: uuid.UUID) -> Answer:
    """Disable an app: it is refused everything until it is enabled again."""
    return _change(client_id, lifecycle.disable_client)


@blueprint.operation("POST", "/clients/<uuid:client_id>/enable", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(
    200, ClientSchema, description="The app, enabled again.", has_etag=True
)
def enable_client(client_id: uuid.UUID) -> Answer:
    """Enable a disabled app. Its tokens that have not expired work again."""
    return _change(client_id, lifecycle.enable_client)


@blueprint.operation("POST", "/clients/<uuid:client_id>/verify", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(200, ClientSchema, description="The app, now verified.", has_etag=True)
def verify_client(client_id: uuid.UUID) -> Answer:
    """Show on the consent screen that an administrator has verified this app."""
    return _change(client_id, lifecycle.verify_client)


@blueprint.operation("POST", "/clients/<uuid:client_id>/unverify", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(
    200, ClientSchema, description="The app, no longer verified.", has_etag=True
)
def unverify_client(client_id: uuid.UUID) -> Answer:
    """Remove the verification of an app."""
    return _change(client_id, lifecycle.unverify_client)


@blueprint.operation("POST", "/clients/<uuid:client_id>/transfer", is_versioned=True)
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(Transfer)
@blueprint.gives(
    200, ClientSchema, description="The app with its new owner.", has_etag=True
)
def transfer_client(given: Mapping[str, Any], client_id: uuid.UUID) -> Answer:
    """Transfer an app to another owner."""
    owner = find_user(given["owner_id"])
    if owner is None:
        raise DomainError("There is no user with this ID.", field="owner_id")

    def transfer(*, actor: Actor, client: Client) -> None:
        lifecycle.transfer_client(actor=actor, client=client, owner=owner)

    return _change(client_id, transfer)


def _change(client_id: uuid.UUID, service: Callable[..., None]) -> Answer:
    client = find_any(client_id)
    _check_precondition(client)
    with naming_fields():
        service(actor=current_actor(), client=client)
    db.session.commit()
    db.session.refresh(client)
    return show_client(client), 200, etag_of(client)


def _check_precondition(client: Client) -> None:
    """RFC 9110 §13.1.1: a change that starts from an older state is not made."""
    if "If-Match" not in request.headers:
        return
    lock(client)
    # One that cannot be read names no version: it does not hold either.
    if not request.if_match.contains(str(client.version)):
        raise ProblemError(
            412,
            "This app has changed since you read it. Read it again.",
            kind=STALE,
            headers=etag_of(client),
        )
