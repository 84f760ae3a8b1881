"""The Permissions tab: what an app may do as itself, and what it may ask users for."""

import uuid
from dataclasses import replace
from typing import Any

from flask import Response
from wtforms.fields.choices import SelectChoice

from app.access.effective import direct_permissions, effective_permissions, held_roles
from app.access.services import list_permissions, list_roles
from app.accounts.sign_in import current_actor
from app.clients.details import details_of
from app.clients.models import Client
from app.clients.registration import update_client
from app.developer import services
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.forms import HoldingsForm, ScopesForm, show_refusal
from app.developer.pages import changed_client, show_change, shown_client, tab_context
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.web import current_person, render_invalid, render_panel, requires

PANEL = "developer/permissions.html"


@blueprint.get("/apps/<client_id>/permissions")
@requires(MANAGE_SYSTEM)
def permissions(client_id: str) -> Response:
    """Show what the app holds, where it comes from, and what it may ask for."""
    return render_panel(PANEL, **permissions_context(shown_client(client_id)))


@blueprint.post("/apps/<client_id>/permissions")
@requires(MANAGE_SYSTEM)
def change_permissions(client_id: str) -> Response:
    """Make the app hold exactly what is ticked; it bites on the next request."""
    client = changed_client(client_id)
    form = _offered(HoldingsForm())
    if not form.validate():
        return render_invalid(PANEL, **permissions_context(client, holdings=form))
    try:
        services.change_holdings(
            actor=current_actor(),
            powers=current_person().permissions,
            client=client,
            role_ids=[uuid.UUID(chosen) for chosen in form.roles.data],
            permission_ids=[uuid.UUID(chosen) for chosen in form.permissions.data],
            expected_state=form.state.data or "",
        )
    except ConflictError as refusal:
        return _stale(client, refusal)
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(PANEL, **permissions_context(client, holdings=form))
    db.session.commit()
    message = "Saved. It counts from the app's next request on."
    return show_change(client, "permissions", message, permissions_context)


@blueprint.post("/apps/<client_id>/scopes")
@requires(MANAGE_SYSTEM)
def change_scopes(client_id: str) -> Response:
    """Settle what the app may ask users for."""
    client = changed_client(client_id)
    form = _offered_scopes(ScopesForm())
    if not form.validate():
        return render_invalid(PANEL, **permissions_context(client, scopes=form))
    try:
        update_client(
            actor=current_actor(),
            client=client,
            details=replace(details_of(client), scopes=form.chosen(client)),
            expected_version=form.expected_version,
        )
    except ConflictError as refusal:
        return _stale(client, refusal)
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(PANEL, **permissions_context(client, scopes=form))
    db.session.commit()
    message = "Saved. Tokens that the app has can do less at once, but never more."
    return show_change(client, "permissions", message, permissions_context)


def permissions_context(
    client: Client,
    *,
    holdings: HoldingsForm | None = None,
    scopes: ScopesForm | None = None,
) -> dict[str, Any]:
    """Return what the tab shows, with forms as they were sent or as `client` stands."""
    every = list_permissions()
    return tab_context(client, "permissions") | {
        "holdings": holdings or _holdings_of(client),
        "scopes": scopes or _scopes_of(client),
        "roles": list_roles(),
        "permissions": every,
        "delegable": [permission for permission in every if permission.is_delegable],
        "effective": effective_permissions(client.id),
    }


def _holdings_of(client: Client) -> HoldingsForm:
    form = _offered(HoldingsForm(formdata=None))
    form.roles.data = [str(role.id) for role in held_roles(client.id)]
    form.permissions.data = [str(p.id) for p in direct_permissions(client.id)]
    form.state.data = services.holdings_state(client)
    return form


def _offered(form: HoldingsForm) -> HoldingsForm:
    form.roles.choices = [
        SelectChoice(str(role.id), role.name) for role in list_roles()
    ]
    form.permissions.choices = [
        SelectChoice(str(p.id), p.name) for p in list_permissions()
    ]
    return form


def _scopes_of(client: Client) -> ScopesForm:
    form = _offered_scopes(ScopesForm(formdata=None))
    form.ask_for.data = "all" if client.scopes is None else "some"
    form.scopes.data = list(client.scopes or ())
    form.version.data = str(client.version)
    return form


def _offered_scopes(form: ScopesForm) -> ScopesForm:
    names = [p.name for p in list_permissions() if p.is_delegable]
    form.scopes.choices = [SelectChoice(name) for name in names]
    return form


def _stale(client: Client, refusal: ConflictError) -> Response:
    db.session.rollback()
    context = permissions_context(client)
    return render_panel(PANEL, status=409, stale=refusal.message, **context)
