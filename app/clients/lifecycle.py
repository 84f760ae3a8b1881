"""A client's life: verified, handed over, disabled, deleted and restored."""

from typing import Any

from sqlalchemy import update

from app.accounts.models import User
from app.audit.actor import Actor
from app.clients.events import record_on_client
from app.clients.models import Client, ClientSecret
from app.clock import utcnow
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.locking import lock

IN_TRASH = "This app is in the trash. Restore it first"


def disable_client(*, actor: Actor, client: Client) -> None:
    """Refuse the client everything until it is enabled again. Flushes.

    Its tokens are invalid meanwhile, and valid again afterwards unless they expired.
    """
    _load_undeleted(client)
    if client.disabled_at is None:
        client.disabled_at = utcnow()
        _finish(actor, "client.disabled", client)


def enable_client(*, actor: Actor, client: Client) -> None:
    """Let a disabled client be used again. Flushes."""
    _load_undeleted(client)
    if client.disabled_at is not None:
        client.disabled_at = None
        _finish(actor, "client.enabled", client)


def verify_client(*, actor: Actor, client: Client) -> None:
    """Say on the consent screen that an administrator knows this app. Flushes."""
    _load_undeleted(client)
    if client.verified_at is None:
        client.verified_at = utcnow()
        _finish(actor, "client.verified", client)


def unverify_client(*, actor: Actor, client: Client) -> None:
    """Take back that an administrator knows this app. Flushes."""
    _load_undeleted(client)
    if client.verified_at is not None:
        client.verified_at = None
        _finish(actor, "client.unverified", client)


def transfer_client(*, actor: Actor, client: Client, owner: User) -> None:
    """Make `owner` answer for the client. Flushes; DomainError if they are inactive."""
    _load_undeleted(client)
    if not owner.is_active:
        raise DomainError(
            "This account is deactivated. Choose somebody who can sign in.",
            field="owner",
        )
    if client.owner_id == owner.id:
        raise DomainError("This person owns the app already.", field="owner")
    before = client.owner.label if client.owner else None
    client.owner_id = owner.id
    client.version += 1
    _finish(actor, "client.transferred", client, {"owner": [before, owner.label]})


def delete_client(*, actor: Actor, client: Client) -> None:
    """Move the client to the trash. Flushes.

    Every code, token and secret of it is dead at once and for ever; settings, roles,
    permissions and consents wait for `restore_client`.
    """
    _load_undeleted(client)
    now = utcnow()
    client.deleted_at = now
    client.token_generation += 1
    client.version += 1
    db.session.execute(
        update(ClientSecret)
        .where(ClientSecret.client_id == client.id, ClientSecret.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    _finish(actor, "client.deleted", client)


def restore_client(*, actor: Actor, client: Client) -> None:
    """Take the client out of the trash; it needs a new secret. Flushes."""
    lock(client)
    if client.deleted_at is None:
        raise ConflictError("This app is not in the trash.")
    client.deleted_at = None
    client.version += 1
    _finish(actor, "client.restored", client)


def _load_undeleted(client: Client) -> None:
    """Read the row anew and keep others from changing it; ConflictError if deleted."""
    lock(client)
    check_is_kept(client)


def check_is_kept(client: Client) -> None:
    """Raise ConflictError if the client is in the trash."""
    if client.deleted_at is not None:
        raise ConflictError(f"{IN_TRASH}.")


def _finish(
    actor: Actor, action: str, client: Client, details: dict[str, Any] | None = None
) -> None:
    db.session.flush()
    record_on_client(actor, action, client, details)
