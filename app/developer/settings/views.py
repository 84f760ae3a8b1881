"""The Settings tab: what is registered of an app, and whether it is verified."""

from flask import Response, request

from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients import lifecycle
from app.clients.details import ClientDetails
from app.clients.models import Client
from app.clients.registration import update_client
from app.developer.blueprint import blueprint
from app.developer.pages import changed_client, show_change, shown_client
from app.developer.redirect_uris.answers import answers_while_typing, show_checks
from app.developer.redirect_uris.checks import RESPELL, spell_as_meant
from app.developer.settings.conflicts import merge
from app.developer.settings.forms import SettingsForm
from app.developer.settings.page import PANEL, settings_context
from app.extensions import db
from app.web import render_invalid, render_panel, requires
from app.web.forms import attempting


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
        line = request.form[RESPELL]
        spell_as_meant(form.redirect_uris, line, is_confidential=client.is_confidential)
        return render_panel(PANEL, **settings_context(client, form), is_respelled=True)
    if not form.validate():
        return render_invalid(PANEL, **settings_context(client, form))
    details = form.details(client)
    with attempting(form) as attempt:
        changes = update_client(
            actor=current_actor(),
            client=client,
            details=details,
            expected_version=form.expected_version,
        )
    if attempt.is_stale:
        return _show_conflict(client, details, version=form.expected_version)
    if attempt.refusal:
        return render_invalid(PANEL, **settings_context(client, form))
    db.session.commit()
    message = "Saved." if changes else "Nothing has changed."
    return show_change(
        client, "settings", message, settings_context, place="registered"
    )


@blueprint.post("/apps/<client_id>/redirect-uris")
@requires(MANAGE_SYSTEM)
@answers_while_typing
def judge_redirect_uris(client_id: str) -> Response:
    """Judge the lines of the form while somebody types them."""
    return show_checks(is_confidential=changed_client(client_id).is_confidential)


@blueprint.post("/apps/<client_id>/verify")
@requires(MANAGE_SYSTEM)
def verify(client_id: str) -> Response:
    """Say on the consent screen that an administrator knows this app."""
    client = changed_client(client_id)
    lifecycle.verify_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "The consent screen now shows this app as verified."
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
    message = "The consent screen no longer shows this app as verified."
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
