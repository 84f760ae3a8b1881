"""The Danger zone: disable, hand over, delete; and the way back from the trash."""

from typing import Any

from flask import Response, flash, url_for

from app.accounts.sign_in import current_actor
from app.clients import lifecycle
from app.clients.models import Client
from app.developer import services
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.forms import DeleteForm, TransferForm, show_refusal
from app.developer.pages import (
    ask,
    changed_client,
    show_change,
    shown_client,
    tab_context,
    tab_url,
)
from app.developer.settings_views import settings_context
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.web import redirect_after, render_invalid, render_panel, requires

PANEL = "developer/danger.html"


@blueprint.get("/apps/<client_id>/danger")
@requires(MANAGE_SYSTEM)
def danger(client_id: str) -> Response:
    """Show each act with what it will break."""
    client = shown_client(client_id, tab="danger")
    return render_panel(PANEL, **danger_context(client))


@blueprint.get("/apps/<client_id>/disable")
@requires(MANAGE_SYSTEM)
def confirm_disable(client_id: str) -> Response:
    """Say what disabling breaks, and ask."""
    client = shown_client(client_id)
    impact = services.impact_of(client)
    return ask(
        client,
        "danger",
        question="Disable this app?",
        button="Disable the app",
        points=[
            f"Live tokens that are refused from now on: {impact.live_tokens}.",
            f"People who allowed the app: {impact.users}.",
            "Enabling it again brings back what has not expired by then.",
        ],
    )


@blueprint.post("/apps/<client_id>/disable")
@requires(MANAGE_SYSTEM)
def disable(client_id: str) -> Response:
    """Refuse the app everything until it is enabled again."""
    client = changed_client(client_id)
    lifecycle.disable_client(actor=current_actor(), client=client)
    db.session.commit()
    return show_change(client, "danger", "The app is disabled.", danger_context)


@blueprint.post("/apps/<client_id>/enable")
@requires(MANAGE_SYSTEM)
def enable(client_id: str) -> Response:
    """Let the app be used again."""
    client = changed_client(client_id)
    lifecycle.enable_client(actor=current_actor(), client=client)
    db.session.commit()
    return show_change(client, "danger", "The app is enabled.", danger_context)


@blueprint.post("/apps/<client_id>/transfer")
@requires(MANAGE_SYSTEM)
def transfer(client_id: str) -> Response:
    """Hand the app to another person."""
    client, form = changed_client(client_id), TransferForm()
    if not form.validate():
        return render_invalid(PANEL, **danger_context(client, transfer=form))
    try:
        services.transfer_app(
            actor=current_actor(), client=client, email=form.owner.data
        )
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(PANEL, **danger_context(client, transfer=form))
    db.session.commit()
    owner = client.owner.label if client.owner else ""
    return show_change(client, "danger", f"{owner} owns the app now.", danger_context)


@blueprint.post("/apps/<client_id>/delete")
@requires(MANAGE_SYSTEM)
def delete(client_id: str) -> Response:
    """Move the app to the trash, if its name was typed."""
    client, form = changed_client(client_id), DeleteForm()
    if not form.validate():
        return render_invalid(PANEL, **danger_context(client, delete=form))
    try:
        services.delete_app(
            actor=current_actor(), client=client, typed_name=form.name.data
        )
    except ConflictError:
        raise
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(PANEL, **danger_context(client, delete=form))
    db.session.commit()
    flash(f"{client.name} is in the trash. Its tokens and secrets are dead.", "success")
    return redirect_after(url_for("developer.apps"))


@blueprint.post("/apps/<client_id>/restore")
@requires(MANAGE_SYSTEM)
def restore(client_id: str) -> Response:
    """Take the app out of the trash; what was dead stays dead."""
    client = shown_client(client_id, tab="danger")
    lifecycle.restore_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "Restored. Its old tokens and secrets stay dead."
    if client.is_confidential:
        message += " Make a new secret for it."
    return show_change(client, "settings", message, settings_context)


def danger_context(
    client: Client,
    *,
    transfer: TransferForm | None = None,
    delete: DeleteForm | None = None,
) -> dict[str, Any]:
    """Return what the tab shows, with forms as they were sent."""
    return tab_context(client, "danger") | {
        "impact": services.impact_of(client),
        "transfer": transfer or TransferForm(formdata=None, prefix=""),
        "delete": delete or DeleteForm(formdata=None),
        "restore_url": url_for("developer.restore", client_id=client.id),
        "settings_url": tab_url(client),
    }
