"""What pages of apps do in one go, over the services of the domains below."""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app import digests
from app.access import services as access
from app.access.effective import direct_permissions, held_roles
from app.access.escalation import Powers
from app.accounts.services import find_user_by_email
from app.audit.actor import Actor
from app.audit.services import record
from app.clients import lifecycle
from app.clients import secrets as client_secrets
from app.clients.holders import client_holder
from app.clients.models import Client, ClientSecret
from app.clients.registration import ClientDetails, Registration, register_client
from app.consents.services import count_users
from app.errors import ConflictError, DomainError, NotFoundError
from app.extensions import db
from app.tokens.queries import live_token_counts
from app.tokens.revocation import REVOKED_BY_ADMINISTRATOR, revoke_access_token

_CHANGED_MEANWHILE = (
    "Somebody changed this while you were looking at it. Nothing was saved: "
    "look at what it says now and make your changes again."
)


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What an app is used for now, and so what ending it breaks."""

    live_tokens: int
    users: int


def impact_of(client: Client) -> Impact:
    """Return how many live tokens a client has, and how many users allowed it."""
    return Impact(
        live_tokens=live_token_counts([client.id])[client.id],
        users=count_users(client.id),
    )


def register_app(
    *,
    actor: Actor,
    powers: Powers,
    details: ClientDetails,
    permission_names: Iterable[str],
    idempotency_key: str,
) -> Registration:
    """Register a client that holds these permissions from its first moment."""
    registration = register_client(
        actor=actor, details=details, idempotency_key=idempotency_key
    )
    if registration.is_repeat:
        return registration
    for name in permission_names:
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


def newest_secret(client: Client) -> str:
    """Return what names the state of a client's secrets: the id of the newest."""
    newest = db.session.scalar(
        select(ClientSecret.id)
        .where(
            ClientSecret.client_id == client.id, ClientSecret.is_for_trial.is_(False)
        )
        .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        .limit(1)
    )
    return str(newest or "")


def add_secret_once(
    *,
    actor: Actor,
    client: Client,
    newest_known: str,
    expire_others_at: datetime | None,
) -> str:
    """Make a secret, unless one was made since `newest_known`: ConflictError then.

    So the same form sent again, or by two people at once, makes one secret.
    """
    db.session.refresh(client, with_for_update=True)
    if newest_secret(client) != newest_known:
        raise ConflictError(
            "A secret was made since you opened this form, perhaps by sending it "
            "twice. No other was made: look at the list and decide again."
        )
    _, secret = client_secrets.add_secret(
        actor=actor, client=client, expire_others_at=expire_others_at
    )
    return secret


def holdings_state(client: Client) -> str:
    """Return what names the present roles and direct permissions of a client."""
    ids = [str(role.id) for role in held_roles(client.id)]
    ids += [str(permission.id) for permission in direct_permissions(client.id)]
    return digests.digest(" ".join(sorted(ids))).hex()[:16]


def change_holdings(
    *,
    actor: Actor,
    powers: Powers,
    client: Client,
    role_ids: Sequence[uuid.UUID],
    permission_ids: Sequence[uuid.UUID],
    expected_state: str,
) -> None:
    """Make a client hold exactly these; ConflictError if others were at it too."""
    db.session.refresh(client, with_for_update=True)
    if holdings_state(client) != expected_state:
        raise ConflictError(_CHANGED_MEANWHILE)
    access.set_roles_and_permissions(
        actor=actor,
        powers=powers,
        holder=client_holder(client),
        role_ids=role_ids,
        permission_ids=permission_ids,
    )


def revoke_one_token(*, actor: Actor, client: Client, token_id: uuid.UUID) -> bool:
    """End one of a client's tokens with its family; tell whether there was one."""
    was_there = revoke_access_token(
        token_id=token_id, client_id=client.id, because=REVOKED_BY_ADMINISTRATOR
    )
    if was_there:
        record(
            actor=actor,
            action="client.token_revoked",
            subject_kind="client",
            subject_id=client.id,
            subject_label=client.name,
            details={"token": str(token_id)},
        )
        db.session.flush()
    return was_there


def transfer_app(*, actor: Actor, client: Client, email: str) -> None:
    """Hand a client to the person with this address."""
    owner = find_user_by_email(email)
    if owner is None:
        raise DomainError("There is nobody with this e-mail address.", field="owner")
    lifecycle.transfer_client(actor=actor, client=client, owner=owner)


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
