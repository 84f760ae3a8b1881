"""What pages of apps do in one go, over the services of the domains below."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.access import services as access
from app.access.escalation import Powers
from app.audit.actor import Actor
from app.clients import lifecycle
from app.clients import secrets as client_secrets
from app.clients.details import ClientDetails
from app.clients.holders import client_holder
from app.clients.models import Client, ClientSecret
from app.clients.registration import Registration, register_client
from app.clients.secret_lists import live_secrets, newest_secret_id
from app.errors import ConflictError, DomainError, NotFoundError
from app.locking import lock


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """A secret just made, and the `others` that worked when it was."""

    row: ClientSecret
    plaintext: str
    others: Sequence[ClientSecret]


def register_app(
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
        permission = access.find_permission(name)
        if permission is None:
            raise NotFoundError(
                f"There is no permission {name} any more.", field="permissions"
            )
        access.give_permission(
            actor=actor,
            powers=powers,
            holder=client_holder(registration.client),
            permission=permission,
        )
    return registration


def add_secret_once(
    *,
    actor: Actor,
    client: Client,
    newest_known: str,
    expire_others_at: datetime | None,
) -> NewSecret:
    """Make a secret, unless one was made since `newest_known`: ConflictError then.

    So the same form sent again, or by two people at once, makes one secret.
    """
    lock(client)
    if newest_secret_id(client) != newest_known:
        raise ConflictError(
            "A secret was made since you opened this form, perhaps by sending it "
            "twice. No other was made: look at the list and decide again."
        )
    others = live_secrets(client)
    secret, plaintext = client_secrets.add_secret(
        actor=actor, client=client, expire_others_at=expire_others_at
    )
    client_secrets.mark_shown(secret)
    return NewSecret(row=secret, plaintext=plaintext, others=others)


def delete_app(*, actor: Actor, client: Client, typed_name: str) -> None:
    """Move a client to the trash, if the person typed its name."""
    if _as_read(typed_name) != _as_read(client.name):
        raise DomainError(
            "This is not the name of the app. Nothing was deleted.", field="name"
        )
    lifecycle.delete_client(actor=actor, client=client)


def _as_read(name: str) -> str:
    """Return a name as a page shows it: one blank where there were several."""
    return unicodedata.normalize("NFC", " ".join(name.split()))
