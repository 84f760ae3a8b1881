"""What the Settings tab shows: what is registered, and the app's secrets."""

from typing import Any

from flask import url_for

from app.clients.lifetimes import lifetimes_for
from app.clients.models import Client
from app.developer.pages import tab_context
from app.developer.redirect_uris.checks import check_lines
from app.developer.secrets.forms import NewSecretForm
from app.developer.secrets.page import secrets_context
from app.developer.settings.forms import GRANT_EXPLANATIONS, SettingsForm
from app.extensions import settings

PANEL = "developer/settings/page.html"


def settings_context(
    client: Client,
    form: SettingsForm | None = None,
    *,
    new_secret: NewSecretForm | None = None,
) -> dict[str, Any]:
    """Return what the tab shows, with forms as they were sent or as `client` stands."""
    form = form or SettingsForm.of(client)
    return (
        tab_context(client, "settings")
        | secrets_context(client, new_secret)
        | {
            "form": form,
            "grant_explanations": GRANT_EXPLANATIONS,
            "judgements": check_lines(
                form.redirect_uris.data, is_confidential=client.is_confidential
            ),
            "judge_url": url_for("developer.judge_redirect_uris", client_id=client.id),
            "lifetimes": lifetimes_for(client, defaults=settings),
        }
    )
