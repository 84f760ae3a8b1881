"""Registering clients and changing what is registered (RFC 6749 §2)."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import digests
from app.accounts.services import find_user
from app.audit.actor import Actor
from app.clients.details import (
    DETAIL_FIELDS,
    ClientDetails,
    as_kept,
    changes_between,
    checked_details,
)
from app.clients.events import record_on_client
from app.clients.models import Client, ClientSecret
from app.clients.origins import keep_origins
from app.clients.secrets import add_secret
from app.errors import ChangedMeanwhileError, DomainError
from app.extensions import db
from app.locking import lock

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
#: What is not worth telling of a new client.
_NOTHING: tuple[Any, ...] = (None, "", [])


class KeyReusedError(DomainError):
    """The idempotency key has registered a client that was described otherwise."""

    def __init__(self, client: Client) -> None:
        super().__init__(
            f"This key has registered {client.name} ({client.id}) by a request that "
            "said something else. Repeat that request as it was, or take a new key to "
            "register another app.",
            field="idempotency_key",
        )
        self.registered_name = client.name


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What registering left behind; `secret` is readable here and never again.

    `secret` and its row are null for a public client, and where `is_repeat` says that
    the same request had registered the client before.
    """

    client: Client
    secret: str | None
    secret_row: ClientSecret | None = None
    is_repeat: bool = False


def register_client(
    *,
    actor: Actor,
    details: ClientDetails,
    idempotency_key: str | None = None,
    contents: str | None = None,
) -> Registration:
    """Register a client and, if it is confidential, its first secret. Flushes.

    The same `idempotency_key` again returns the client of the first time and neither
    another client nor a secret. `contents` is all that the request says, spelled alike
    whenever it says the same: KeyReusedError if the key came with others before. Null
    compares nothing. Raises DomainError where `details` break a rule.
    """
    repeat = _registered_before(idempotency_key, contents)
    if repeat:
        return repeat
    details = checked_details(details)
    client = Client(**_as_columns(details), idempotency_key=idempotency_key)
    if idempotency_key and contents:
        client.idempotency_digest = digests.digest(contents)
    try:
        with db.session.begin_nested():
            db.session.add(client)
    except IntegrityError:
        # The same form, sent twice at once: the other one was quicker.
        repeat = _registered_before(idempotency_key, contents)
        if repeat:
            return repeat
        raise
    keep_origins(client)
    said = {f: [None, v] for f, v in _as_facts(client).items() if v not in _NOTHING}
    record_on_client(actor, "client.registered", client, said)
    row, secret = None, None
    if client.is_confidential:
        row, secret = add_secret(actor=actor, client=client)
    db.session.flush()
    return Registration(client=client, secret=secret, secret_row=row)


def update_client(
    *,
    actor: Actor,
    client: Client,
    details: ClientDetails,
    expected_version: int | None = None,
    is_way_back: bool = False,
) -> dict[str, list[Any]]:
    """Make `details` what is registered; return the differences. Flushes.

    With `is_way_back` the log says that it puts back a change from before.
    Raises ChangedMeanwhileError if somebody changed the client since
    `expected_version`, and DomainError where `details` break a rule.
    """
    lock(client)
    _check_may_become(client, details, expected_version)
    details = checked_details(details, registered=client)
    before = _as_facts(client)
    for field, value in _as_columns(details).items():
        if getattr(client, field) != value:
            setattr(client, field, value)
    changes = changes_between(before, _as_facts(client))
    if changes:
        client.version += 1
        db.session.flush()
        if "redirect_uris" in changes:
            keep_origins(client)
        record_on_client(
            actor,
            "client.reverted" if is_way_back else "client.updated",
            client,
            changes,
        )
    return changes


def _check_may_become(
    client: Client, details: ClientDetails, expected_version: int | None
) -> None:
    if expected_version is not None and expected_version != client.version:
        raise ChangedMeanwhileError(
            "Somebody changed this app while you were editing it. Your changes were "
            "not saved: look at what it says now and make them again."
        )
    if details.is_confidential != client.is_confidential:
        raise DomainError(
            "Whether an app can keep a secret is settled when it is registered. "
            "Register another app instead.",
            field="is_confidential",
        )


def _registered_before(
    idempotency_key: str | None, contents: str | None
) -> Registration | None:
    if idempotency_key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise DomainError(
            "This form is incomplete. Open it again and fill it in once more."
        )
    client = db.session.scalar(
        select(Client).where(Client.idempotency_key == idempotency_key)
    )
    if client is None:
        return None
    first = client.idempotency_digest
    if contents and first and not digests.verify(contents, first):
        raise KeyReusedError(client)
    return Registration(client=client, secret=None, is_repeat=True)


def _as_columns(details: ClientDetails) -> dict[str, Any]:
    return {field: as_kept(getattr(details, field)) for field in DETAIL_FIELDS}


def _as_facts(client: Client) -> dict[str, Any]:
    """Return what is registered in a form that the audit log can keep."""
    values = {field: getattr(client, field) for field in DETAIL_FIELDS}
    owner_id = values.pop("owner_id")
    owner = find_user(owner_id) if owner_id else None
    return values | {"owner": owner.label if owner else None}
