"""What pages tell of secrets: the list of an app's, and a new one, once."""

import base64
import re
from collections.abc import Sequence
from typing import Any

from flask import Response, url_for

from app.clients.models import AUTHORIZATION_CODE, Client, ClientSecret
from app.clients.secret_advice import advise
from app.clients.secret_lists import newest_secret_id, retired_secrets, secrets_in_use
from app.clock import utcnow
from app.developer.health.facts import facts_of_all
from app.developer.pages import tab_url
from app.developer.secrets.endings import who_revoked
from app.developer.secrets.forms import NewSecretForm
from app.developer.snippets.code import Snippet, snippets_for
from app.developer.snippets.shell import export_command, token_command
from app.extensions import settings
from app.web import render_once


def secrets_context(client: Client, form: NewSecretForm | None) -> dict[str, Any]:
    """Return what the list of secrets shows, with the form for a new one as sent."""
    form = form or _new_secret_form(client)
    # It has a default, so it is never left empty.
    form.ends.flags.required = form.ends_at.flags.required = True
    if not client.is_confidential:
        return {"secrets": []}
    secrets, now = secrets_in_use([client.id])[client.id], utcnow()
    retired = retired_secrets(client)
    return {
        "new_secret": form,
        "secrets": secrets,
        "advice": {secret.id: advise(secret, secrets, now) for secret in secrets},
        "retired": retired,
        "revoked_by": who_revoked(client, retired),
    }


def show_secret(
    client: Client,
    row: ClientSecret,
    secret: str,
    *,
    others: Sequence[ClientSecret] | None = None,
) -> Response:
    """Answer with the secret, the only place where it can ever be read.

    `others` are those that worked before it; null means that the app itself is new.
    """
    return render_once(
        "developer/secrets/shown.html",
        leads_to=tab_url(client, "overview"),
        title=f"{client.name}: client secret",
        announce="The secret is shown. Save it now.",
        client=client,
        secret=secret,
        others=others,
        now=utcnow(),
        env_file=_env_file(client, secret),
        file_name=_file_name(client.name),
        issuer=settings.issuer,
        token_command=token_command(
            issuer=settings.issuer, client_id=str(client.id), client_secret=secret
        ),
        export_command=export_command("OAUTH_CLIENT_SECRET", secret),
        snippets=_for_people(client),
        stored_url=url_for(
            "developer.store_secret", client_id=client.id, secret_id=row.id
        ),
    )


def _new_secret_form(client: Client) -> NewSecretForm:
    form = NewSecretForm(formdata=None)
    form.newest.data = newest_secret_id(client)
    return form


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
