"""The Settings tab: what is registered of an app, and whether it is verified."""

from typing import Any

from flask import Response

from app.accounts.sign_in import current_actor
from app.clients import lifecycle
from app.clients.lifetimes import lifetimes_for
from app.clients.models import Client
from app.clients.registration import update_client
from app.clients.secrets import live_secrets
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.forms import NewSecretForm, SettingsForm, show_refusal
from app.developer.pages import changed_client, show_change, shown_client, tab_context
from app.developer.presets import GRANT_EXPLANATIONS
from app.developer.services import newest_secret
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.extensions import settings as server_settings
from app.web import render_invalid, render_panel, requires

PANEL = "developer/settings.html"


@blueprint.get("/apps/<client_id>/settings")
@requires(MANAGE_SYSTEM)
def settings(client_id: str) -> Response:
    """Show what is registered, and the secrets by their last characters."""
    return render_panel(PANEL, **settings_context(shown_client(client_id)))


@blueprint.post("/apps/<client_id>/settings")
@requires(MANAGE_SYSTEM)
def change_settings(client_id: str) -> Response:
    """Save what was changed, unless somebody else saved meanwhile."""
    client = changed_client(client_id)
    form = SettingsForm.of(client, is_sent=True)
    if not form.validate():
        return render_invalid(PANEL, **settings_context(client, form))
    try:
        changes = update_client(
            actor=current_actor(),
            client=client,
            details=form.details(client),
            expected_version=form.expected_version,
        )
    except ConflictError as refusal:
        db.session.rollback()
        context = settings_context(client)
        return render_panel(PANEL, status=409, stale=refusal.message, **context)
    except DomainError as refusal:
        db.session.rollback()
        if not form.errors:
            show_refusal(form, refusal)
        return render_invalid(PANEL, **settings_context(client, form))
    db.session.commit()
    message = "Saved." if changes else "Nothing was different."
    return show_change(client, "settings", message, settings_context)


@blueprint.post("/apps/<client_id>/verify")
@requires(MANAGE_SYSTEM)
def verify(client_id: str) -> Response:
    """Say on the consent screen that an administrator knows this app."""
    client = changed_client(client_id)
    lifecycle.verify_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "The consent screen now says that an administrator verified this app."
    return show_change(client, "settings", message, settings_context)


@blueprint.post("/apps/<client_id>/unverify")
@requires(MANAGE_SYSTEM)
def unverify(client_id: str) -> Response:
    """Take that back."""
    client = changed_client(client_id)
    lifecycle.unverify_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "The consent screen no longer calls this app verified."
    return show_change(client, "settings", message, settings_context)


def settings_context(
    client: Client, form: SettingsForm | None = None
) -> dict[str, Any]:
    """Return what the tab shows, with `form` as it was sent or as `client` stands."""
    new_secret = NewSecretForm(formdata=None)
    # It has a default, so it is never left empty.
    new_secret.overlap.flags.required = True
    new_secret.newest.data = newest_secret(client)
    return tab_context(client, "settings") | {
        "form": form or SettingsForm.of(client),
        "grant_explanations": GRANT_EXPLANATIONS,
        "new_secret": new_secret,
        "secrets": live_secrets(client),
        "lifetimes": lifetimes_for(client, defaults=server_settings),
    }
