"""Client secrets: made, replaced with an overlap, revoked. Only digests are kept."""

from collections.abc import Sequence
from datetime import datetime

from app import digests
from app.audit.actor import Actor
from app.clients.events import record_on_client
from app.clients.lifecycle import check_is_kept
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import live_secrets
from app.clock import utcnow
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.locking import lock

#: Enough to replace one in many places, and few enough to compare with on each request.
MAXIMUM_LIVE_SECRETS = 10


def add_secret(
    *,
    actor: Actor,
    client: Client,
    expires_at: datetime | None = None,
    expire_others_at: datetime | None = None,
) -> tuple[ClientSecret, str]:
    """Make a secret; return its row and the secret, which cannot be read again.

    With `expire_others_at` every other secret ends then at the latest, so that a new
    one can be deployed while the old one still works; those that end at once are
    revoked. Flushes.
    """
    lock(client)
    _check_may_have_secrets(client)
    now = utcnow()
    if expires_at is not None and expires_at <= now:
        raise DomainError("Enter a time in the future.", field="expires_at")
    others = live_secrets(client)
    if expire_others_at is not None:
        _end(others, expire_others_at, now)
    if len(live_secrets(client)) >= MAXIMUM_LIVE_SECRETS:
        raise ConflictError(
            f"This app has {MAXIMUM_LIVE_SECRETS} active secrets. "
            "First revoke one that is no longer used."
        )
    plaintext = digests.generate(digests.CLIENT_SECRET)
    secret = ClientSecret(
        client_id=client.id,
        digest=digests.digest(plaintext),
        hint=digests.hint(plaintext),
        created_at=now,
        created_by_id=actor.id if actor.kind == "user" else None,
        expires_at=expires_at,
    )
    db.session.add(secret)
    db.session.flush()
    _record(
        actor,
        "client_secret.created",
        client,
        secret,
        expires_at=expires_at,
        others_expire_at=expire_others_at if others else None,
    )
    return secret, plaintext


def set_end(*, actor: Actor, secret: ClientSecret, ends_at: datetime | None) -> None:
    """Let a secret that works end at `ends_at`, or never if that is null. Flushes.

    Raises ConflictError if it works no more: what has ended stays so.
    """
    lock(secret)
    now = utcnow()
    has_expired = secret.expires_at is not None and secret.expires_at <= now
    if secret.revoked_at is not None or has_expired:
        raise ConflictError("This secret has already ended. Create a new one instead.")
    if ends_at is not None and ends_at <= now:
        raise DomainError("Enter a time in the future.", field="ends_at")
    if secret.expires_at == ends_at:
        return
    before = secret.expires_at
    secret.expires_at = ends_at
    db.session.flush()
    _record(
        actor,
        "client_secret.expiring",
        secret.client,
        secret,
        expires_at=(before, ends_at),
    )


def mark_shown(secret: ClientSecret) -> None:
    """Remember that a page shows the secret, and that nobody has stored it yet."""
    secret.shown_at = utcnow()
    db.session.flush()


def mark_stored(*, actor: Actor, secret: ClientSecret) -> None:
    """Remember that somebody said they had stored the secret. Flushes."""
    if secret.stored_at is not None:
        return
    secret.stored_at = utcnow()
    db.session.flush()
    _record(actor, "client_secret.stored", secret.client, secret)


def revoke_secret(*, actor: Actor, secret: ClientSecret) -> None:
    """End a secret at once; tokens that were got with it stay valid. Flushes."""
    if secret.revoked_at is not None:
        return
    secret.revoked_at = utcnow()
    db.session.flush()
    _record(actor, "client_secret.revoked", secret.client, secret)


def _check_may_have_secrets(client: Client) -> None:
    check_is_kept(client)
    if not client.is_confidential:
        # RFC 6749 §2.1: a public client cannot keep one.
        raise ConflictError("A public app has no secret: anyone could extract it.")


def _end(secrets: Sequence[ClientSecret], at: datetime, now: datetime) -> None:
    """Let `secrets` end at that moment at the latest, revoked if it has come."""
    for secret in secrets:
        if secret.expires_at is None or secret.expires_at > at:
            secret.expires_at = at
        if at <= now:
            secret.revoked_at = at
    db.session.flush()


def _record(
    actor: Actor,
    action: str,
    client: Client,
    secret: ClientSecret,
    **moments: datetime | tuple[datetime | None, datetime | None] | None,
) -> None:
    details = {name: _as_kept(m) for name, m in moments.items() if m is not None}
    record_on_client(actor, action, client, {"secret": f"…{secret.hint}", **details})


def _as_kept(
    moment: datetime | tuple[datetime | None, datetime | None],
) -> str | list[str | None]:
    """Return a moment, or the one before and the one after, as the log keeps it."""
    if isinstance(moment, datetime):
        return moment.isoformat()
    return [at.isoformat() if at else None for at in moment]
