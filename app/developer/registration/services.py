"""Registering an app, with its permissions, in one go."""

from collections.abc import Iterable

from app.access import catalogue
from app.access import services as access
from app.access.escalation import Powers
from app.audit.actor import Actor
from app.clients import secrets as client_secrets
from app.clients.details import ClientDetails
from app.clients.holders import client_holder
from app.clients.registration import Registration, register_client
from app.errors import NotFoundError


def register_app_once(
    *,
    actor: Actor,
    powers: Powers,
    details: ClientDetails,
    permission_names: Iterable[str],
    idempotency_key: str,
) -> Registration:
    """Register a client that holds these permissions from its first moment.

    The same key again registers nothing: KeyReusedError if something else is said.
    """
    names = sorted(permission_names)
    registration = register_client(
        actor=actor,
        details=details,
        idempotency_key=idempotency_key,
        contents=repr((actor.id, details, names)),
    )
    if registration.is_repeat:
        return registration
    if registration.secret_row is not None:
        client_secrets.mark_shown(registration.secret_row)
    for name in names:
        permission = catalogue.find_permission(name)
        if permission is None:
            raise NotFoundError(
                f"The permission {name} no longer exists.", field="permissions"
            )
        access.give_permission(
            actor=actor,
            powers=powers,
            holder=client_holder(registration.client),
            permission=permission,
        )
    return registration
