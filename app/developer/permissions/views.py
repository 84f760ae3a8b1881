"""The Permissions tab: what an app may do as itself, and what it may ask users for."""

import uuid
from dataclasses import replace
from typing import Any

from flask import Response, request, url_for

from app.access.states import holdings_state
from app.accounts.sign_in import current_actor
from app.audit.differences import differences
from app.builtin import MANAGE_SYSTEM
from app.clients.details import details_of
from app.clients.models import Client
from app.clients.registration import update_client
from app.developer.blueprint import blueprint
from app.developer.pages import changed_client, show_change, shown_client
from app.developer.permissions.forms import HoldingsForm, ScopesForm
from app.developer.permissions.holdings import (
    change_holdings,
    planned_change,
)
from app.developer.permissions.page import (
    offered_holdings,
    offered_scopes,
    permissions_context,
    scopes_change,
    scopes_in_words,
    ticks_kept,
)
from app.extensions import db
from app.web import current_person, is_htmx, render_invalid, render_panel, requires
from app.web.forms import Attempt, attempting

PANEL = "developer/permissions/page.html"


@blueprint.get("/apps/<client_id>/permissions")
@requires(MANAGE_SYSTEM)
def permissions(client_id: str) -> Response:
    """Show what the app holds, where it comes from, and what it may ask for."""
    client = shown_client(client_id)
    is_search = is_htmx() and "q" in request.args
    kept = ticks_kept(client) if is_search else {}
    answer = render_panel(PANEL, **permissions_context(client, **kept))
    if is_search:
        # The address keeps the search, and nothing of the forms.
        url = url_for(
            "developer.permissions", client_id=client.id, q=request.args["q"] or None
        )
        answer.headers["HX-Replace-Url"] = url
    return answer


@blueprint.post("/apps/<client_id>/permissions")
@requires(MANAGE_SYSTEM)
def change_permissions(client_id: str) -> Response:
    """Make the app hold exactly what is ticked; it bites on the next request."""
    client = changed_client(client_id)
    form = offered_holdings(HoldingsForm())
    if not form.validate():
        return render_invalid(PANEL, **permissions_context(client, holdings=form))
    if form.is_preview:
        return _show_holdings(client, form)
    with attempting(form) as attempt:
        change = change_holdings(
            actor=current_actor(),
            powers=current_person().permissions,
            client=client,
            role_ids=[uuid.UUID(chosen) for chosen in form.roles.data],
            permission_ids=[uuid.UUID(chosen) for chosen in form.permissions.data],
            expected_state=form.state.data or "",
        )
    if attempt.is_stale:
        form.state.data = holdings_state(client.id)
        return _show_holdings(client, form, **attempt.words)
    if attempt.refusal:
        return render_invalid(PANEL, **permissions_context(client, holdings=form))
    db.session.commit()
    return show_change(
        client, "permissions", change.in_words, permissions_context, place="holdings"
    )


@blueprint.post("/apps/<client_id>/scopes")
@requires(MANAGE_SYSTEM)
def change_scopes(client_id: str) -> Response:
    """Settle what the app may ask users for, and what of it they may leave out."""
    client = changed_client(client_id)
    form = offered_scopes(ScopesForm())
    if not form.validate():
        return render_invalid(PANEL, **permissions_context(client, scopes=form))
    wanted = replace(
        details_of(client),
        scopes=form.chosen(client),
        optional_scopes=form.chosen_optional(client),
    )
    with attempting(form) as attempt:
        changes = update_client(
            actor=current_actor(),
            client=client,
            details=wanted,
            expected_version=form.expected_version,
        )
    if attempt.is_stale:
        return _show_stale_scopes(client, form, attempt)
    if attempt.refusal:
        return render_invalid(PANEL, **permissions_context(client, scopes=form))
    db.session.commit()
    message = scopes_in_words(changes)
    return show_change(
        client, "permissions", message, permissions_context, place="may-ask"
    )


def _show_holdings(
    client: Client, form: HoldingsForm, *, status: int = 200, **context: Any
) -> Response:
    """Show the form as it was sent, with what saving it would change now."""
    change = planned_change(
        client, role_ids=form.roles.data, permission_ids=form.permissions.data
    )
    context |= permissions_context(client, holdings=form) | {
        "change": change,
        "preview": True,
    }
    return render_invalid(PANEL, status=status, **context)


def _show_stale_scopes(client: Client, form: ScopesForm, attempt: Attempt) -> Response:
    """Show the form as it was sent; sent again it starts from the present state."""
    form.version.data = str(client.version)
    lines = differences(scopes_change(client, form))
    context = permissions_context(client, scopes=form)
    return render_invalid(PANEL, stale_lines=lines, **attempt.words, **context)
