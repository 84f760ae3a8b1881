"""Origins of public clients' pages: from there browsers may call us (CORS).

They follow from the redirect URIs, so that nobody has to keep another list. An origin
is spelled as browsers send it (RFC 6454 §6.2): in lower case, without a default port.
"""

import re
from functools import cache

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.clients.models import Client, ClientOrigin
from app.clients.uris import DEFAULT_PORTS, parse_uri
from app.database import AnySelect
from app.extensions import db

MAXIMUM_LENGTH = 255
_ORIGIN = re.compile(r"https?://[a-z0-9._:\[\]-]{1,247}", re.ASCII)


def origin_of(redirect_uri: str) -> str | None:
    """Return the origin of a redirect URI; null where no page of the web is behind it.

    It is registered: scheme, host and port are in order, and plain http leads to the
    same device only. On loopback addresses the port counts here, although a redirect
    may go to any.
    """
    parsed = parse_uri(redirect_uri)
    if not parsed.is_web:
        return None
    scheme, host, port = parsed.origin
    origin = f"{scheme}://{host}{'' if port == DEFAULT_PORTS[scheme] else f':{port}'}"
    return origin if len(origin) <= MAXIMUM_LENGTH else None


def keep_origins(client: Client) -> None:
    """Make a public client's origins those of its redirect URIs. Flushes."""
    if client.is_confidential:
        return
    origins = sorted({o for uri in client.redirect_uris if (o := origin_of(uri))})
    db.session.flush()
    db.session.execute(delete(ClientOrigin).where(ClientOrigin.client_id == client.id))
    if origins:
        rows = [{"client_id": client.id, "origin": origin} for origin in origins]
        db.session.execute(insert(ClientOrigin), rows)


@cache
def _select_origin() -> AnySelect:
    return (
        select(ClientOrigin.client_id)
        .join(Client, Client.id == ClientOrigin.client_id)
        .where(
            ClientOrigin.origin == bindparam("origin"),
            Client.is_confidential.is_(False),
            Client.disabled_at.is_(None),
            Client.deleted_at.is_(None),
        )
        .limit(1)
    )


def is_registered_origin(connection: Connection, origin: str) -> bool:
    """Tell whether an enabled public client has pages at `origin`: one SELECT."""
    if not _ORIGIN.fullmatch(origin):
        return False
    return connection.execute(_select_origin(), {"origin": origin}).first() is not None
