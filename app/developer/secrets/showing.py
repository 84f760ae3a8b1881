"""A secret on the page that made it: the only place where it can ever be read."""

import base64
import re
from collections.abc import Sequence

from flask import Response, url_for

from app.clients.models import AUTHORIZATION_CODE, Client, ClientSecret
from app.clock import utcnow
from app.developer.overview.health_facts import facts_of_all
from app.developer.overview.snippets import Snippet, snippets_for
from app.developer.pages import tab_url
from app.extensions import settings
from app.web import render_once


def show_secret(
    client: Client,
    row: ClientSecret,
    secret: str,
    *,
    others: Sequence[ClientSecret] | None = None,
) -> Response:
    """Answer with the secret. It stands in this answer alone, which nobody keeps.

    `others` are those that worked before it; null means that the app itself is new.
    """
    return render_once(
        "developer/secrets/shown.html",
        leads_to=tab_url(client, "overview"),
        title=f"{client.name}: its secret",
        announce="The secret is shown. Store it now.",
        client=client,
        secret=secret,
        others=others,
        now=utcnow(),
        env_file=_env_file(client, secret),
        file_name=_file_name(client.name),
        issuer=settings.issuer,
        snippets=_for_people(client),
        stored_url=url_for(
            "developer.store_secret", client_id=client.id, secret_id=row.id
        ),
    )


def _for_people(client: Client) -> Sequence[Snippet]:
    """Return the code that gets tokens for people, if the app may at all."""
    if not client.uses(AUTHORIZATION_CODE):
        return ()
    may_ask_for = facts_of_all([client])[client.id].may_ask_for
    return snippets_for(client, AUTHORIZATION_CODE, may_ask_for=may_ask_for)


def _env_file(client: Client, secret: str) -> str:
    """Return a `data:` address (RFC 2397) of the lines for an app's `.env`."""
    lines = (
        f"OAUTH_ISSUER={settings.issuer}\n"
        f"OAUTH_CLIENT_ID={client.id}\n"
        f"OAUTH_CLIENT_SECRET={secret}\n"
    )
    return "data:text/plain;base64," + base64.b64encode(lines.encode()).decode()


def _file_name(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"{words or 'app'}.env"
