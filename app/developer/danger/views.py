"""The Danger zone: disable, transfer, delete; and the way back from the trash."""

from collections.abc import Callable

from flask import Response, request, url_for

from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients import lifecycle
from app.developer.blueprint import blueprint
from app.developer.danger.forms import DeleteForm, TransferForm
from app.developer.danger.new_owner import find_new_owner
from app.developer.danger.page import danger_context, trash_context
from app.developer.danger.services import delete_app
from app.developer.impact import impact_of
from app.developer.pages import (
    ask_about,
    changed_client,
    show_change,
    shown_client,
)
from app.developer.settings.page import settings_context
from app.errors import ConflictError
from app.extensions import db
from app.traffic.request_recorder import shows_traffic
from app.web import (
    flash_with_undo,
    redirect_after,
    render_invalid,
    render_panel,
    requires,
)
from app.web.forms import attempting
from app.web.parsing import uuid_in

PANEL = "developer/danger/page.html"
TRASH = "developer/danger/trash.html"


@blueprint.get("/apps/<client_id>/danger")
@requires(MANAGE_SYSTEM)
@shows_traffic
def danger(client_id: str) -> Response:
    """Show each act with what it will break, or what of the app is in the trash."""
    client = shown_client(client_id, also_in_trash=True)
    if client.deleted_at is not None:
        return render_panel(TRASH, **trash_context(client))
    form = TransferForm(formdata=None)
    form.owner.data = request.args.get("owner", "")[:254]
    return render_panel(PANEL, **danger_context(client, transfer=form))


@blueprint.get("/apps/<client_id>/disable")
@requires(MANAGE_SYSTEM)
@shows_traffic
def confirm_disable(client_id: str) -> Response:
    """Say what disabling breaks, and ask."""
    client = shown_client(client_id)
    return ask_about(
        client,
        "danger",
        question=f"Disable {client.name}?",
        button="Disable the app",
        points=[
            "All its tokens are refused from now on, and it gets no new ones.",
            "If you enable it again, tokens that have not expired work again.",
        ],
        impact=impact_of(client),
    )


@blueprint.post("/apps/<client_id>/disable")
@requires(MANAGE_SYSTEM)
@shows_traffic
def disable(client_id: str) -> Response:
    """Refuse the app everything until it is enabled again."""
    return _switch(client_id, lifecycle.disable_client, "The app is disabled.")


@blueprint.post("/apps/<client_id>/enable")
@requires(MANAGE_SYSTEM)
@shows_traffic
def enable(client_id: str) -> Response:
    """Let the app be used again."""
    return _switch(client_id, lifecycle.enable_client, "The app is enabled.")


@blueprint.post("/apps/<client_id>/transfer")
@requires(MANAGE_SYSTEM)
@shows_traffic
def transfer(client_id: str) -> Response:
    """Transfer the app to another person."""
    client, form = changed_client(client_id), TransferForm()
    if not form.validate():
        return render_invalid(PANEL, **danger_context(client, transfer=form))
    with attempting(form, passing=ConflictError) as attempt:
        owner = find_new_owner(
            typed=form.owner.data, person_id=uuid_in(form.person.data), client=client
        )
        lifecycle.transfer_client(actor=current_actor(), client=client, owner=owner)
    if attempt.refusal:
        return render_invalid(PANEL, **danger_context(client, transfer=form))
    db.session.commit()
    message = f"{owner.label} now owns the app."
    return show_change(client, "danger", message, danger_context, place="hand-over")


@blueprint.post("/apps/<client_id>/delete")
@requires(MANAGE_SYSTEM)
@shows_traffic
def delete(client_id: str) -> Response:
    """Move the app to the trash, if its name was typed."""
    client, form = changed_client(client_id), DeleteForm()
    if not form.validate():
        return render_invalid(PANEL, **danger_context(client, delete=form))
    with attempting(form, passing=ConflictError) as attempt:
        delete_app(actor=current_actor(), client=client, typed_name=form.name.data)
    if attempt.refusal:
        return render_invalid(PANEL, **danger_context(client, delete=form))
    db.session.commit()
    flash_with_undo(
        f"{client.name} is in the trash. Its tokens and secrets have ended.",
        url=url_for("developer.restore", client_id=client.id),
    )
    return redirect_after(url_for("developer.apps"))


@blueprint.post("/apps/<client_id>/restore")
@requires(MANAGE_SYSTEM)
def restore(client_id: str) -> Response:
    """Take the app out of the trash; tokens and secrets are not restored."""
    client = shown_client(client_id, also_in_trash=True)
    lifecycle.restore_client(actor=current_actor(), client=client)
    db.session.commit()
    message = "Restored, without its earlier tokens and secrets."
    if client.is_confidential:
        message += " Create a new secret for it."
    place = "secrets" if client.is_confidential else ""
    return show_change(client, "settings", message, settings_context, place=place)


def _switch(client_id: str, service: Callable[..., None], message: str) -> Response:
    client = changed_client(client_id)
    service(actor=current_actor(), client=client)
    db.session.commit()
    return show_change(client, "danger", message, danger_context, place="state")
