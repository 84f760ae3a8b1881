"""Making a secret, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audit.actor import Actor
from app.clients import secrets as client_secrets
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import live_secrets, newest_secret_id
from app.errors import ConflictError
from app.locking import lock


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """A secret just made, and the `others` that worked when it was."""

    row: ClientSecret
    plaintext: str
    others: Sequence[ClientSecret]


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
            "A secret was created after you opened this form, perhaps by sending it "
            "twice. No other was created: check the list and decide again."
        )
    others = live_secrets(client)
    secret, plaintext = client_secrets.add_secret(
        actor=actor, client=client, expire_others_at=expire_others_at
    )
    client_secrets.mark_shown(secret)
    return NewSecret(row=secret, plaintext=plaintext, others=others)
