"""The Settings tab: what is registered of an app, and whether it is verified."""

from typing import Any

from flask import Response, request, url_for

from app.accounts.sign_in import current_actor
from app.clients import lifecycle
from app.clients.details import ClientDetails
from app.clients.lifetimes import lifetimes_for
from app.clients.models import Client
from app.clients.registration import update_client
from app.clients.secret_advice import advise
from app.clients.secret_lists import newest_secret_id, retired_secrets, secrets_in_use
from app.clock import utcnow
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import changed_client, show_change, shown_client, tab_context
from app.developer.registration.forms import SettingsForm
from app.developer.registration.judging import RESPELL, judged, spell_as_meant
from app.developer.registration.presets import GRANT_EXPLANATIONS
from app.developer.secrets.forms import NewSecretForm
from app.developer.settings.conflicts import merge
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.extensions import settings as server_settings
from app.web import render_invalid, render_panel, requires
from app.web.forms import show_refusal

PANEL = "developer/settings/page.html"


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
    if RESPELL in request.form:
        spell_as_meant(form.redirect_uris, is_confidential=client.is_confidential)
        return render_panel(PANEL, **settings_context(client, form), is_respelled=True)
    if not form.validate():
        return render_invalid(PANEL, **settings_context(client, form))
    details = form.details(client)
    try:
        changes = update_client(
            actor=current_actor(),
            client=client,
            details=details,
            expected_version=form.expected_version,
        )
    except ConflictError:
        db.session.rollback()
        return _show_conflict(client, details, version=form.expected_version)
    except DomainError as refusal:
        db.session.rollback()
        if not form.errors:
            show_refusal(form, refusal)
        return render_invalid(PANEL, **settings_context(client, form))
    db.session.commit()
    message = "Saved." if changes else "Nothing has changed."
    return show_change(
        client, "settings", message, settings_context, place="registered"
    )


@blueprint.post("/apps/<client_id>/verify")
@requires(MANAGE_SYSTEM)
def verify(client_id: str) -> Response:
    """Say on the consent screen that an administrator knows this app."""
    client = changed_client(client_id)
    lifecycle.verify_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "The consent screen now says that an administrator verified this app."
    return show_change(
        client, "settings", message, settings_context, place="verification"
    )


@blueprint.post("/apps/<client_id>/unverify")
@requires(MANAGE_SYSTEM)
def unverify(client_id: str) -> Response:
    """Take that back."""
    client = changed_client(client_id)
    lifecycle.unverify_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "The consent screen no longer calls this app verified."
    return show_change(
        client, "settings", message, settings_context, place="verification"
    )


def _show_conflict(client: Client, details: ClientDetails, *, version: int) -> Response:
    """Answer a form filled in from an older state: what stands, and what was typed."""
    conflict = merge(client, details, version=version)
    form = SettingsForm.of(client)
    form.fill_in(conflict.details)
    context = settings_context(client, form)
    return render_invalid(PANEL, status=409, conflict=conflict, **context)


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
        | _secrets_context(client, new_secret or _new_secret_form(client))
        | {
            "form": form,
            "grant_explanations": GRANT_EXPLANATIONS,
            "judgements": judged(
                form.redirect_uris.data, is_confidential=client.is_confidential
            ),
            "judge_url": url_for("developer.judge_redirect_uris", client_id=client.id),
            "lifetimes": lifetimes_for(client, defaults=server_settings),
        }
    )


def _new_secret_form(client: Client) -> NewSecretForm:
    form = NewSecretForm(formdata=None)
    form.newest.data = newest_secret_id(client)
    return form


def _secrets_context(client: Client, form: NewSecretForm) -> dict[str, Any]:
    # It has a default, so it is never left empty.
    form.ends.flags.required = form.ends_at.flags.required = True
    if not client.is_confidential:
        return {"secrets": []}
    secrets, now = secrets_in_use([client.id])[client.id], utcnow()
    return {
        "new_secret": form,
        "secrets": secrets,
        "advice": {secret.id: advise(secret, secrets, now) for secret in secrets},
        "retired": retired_secrets(client),
    }
