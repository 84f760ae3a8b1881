"""Developer → Apps: the list, a new app, and its secret, shown once."""

from typing import Any

from flask import Response, request, url_for

from app.access.services import list_permissions
from app.accounts.sign_in import current_actor
from app.clients.models import Client
from app.developer import (  # noqa: F401 - they put their pages into the blueprint
    activity_views,
    danger_views,
    overview_views,
    permissions_views,
    refused_views,
    secrets_views,
    services,
    settings_views,
    start_views,
    tokens_views,
    trial_views,
)
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.forms import NewAppForm, show_refusal
from app.developer.listing import Filters
from app.developer.pages import section_tabs, tab_url
from app.developer.presets import PRESETS
from app.developer.showing_secrets import show_secret
from app.errors import DomainError
from app.extensions import db
from app.tokens.queries import live_token_counts
from app.web import (
    current_person,
    paginate,
    redirect_after,
    render_invalid,
    render_panel,
    requested_page,
    requires,
)

__all__ = ["blueprint"]

NEW = "developer/new.html"
#: As far as the list goes on; the rest is found by searching, filtering and sorting.
MOST_APPS = 5_000


@blueprint.get("/apps")
@requires(MANAGE_SYSTEM)
def apps() -> Response:
    """List apps, narrowed and sorted as the address says."""
    filters = Filters.of(request.args)
    found = paginate(
        filters.select(person_id=current_person().id),
        page=requested_page(),
        most=MOST_APPS,
    )
    return render_panel(
        "developer/apps.html",
        title="Trash" if filters.is_trash else "Apps",
        sections=section_tabs(),
        filters=filters,
        found=found,
        live_tokens=live_token_counts(client.id for client in found.items),
    )


@blueprint.get("/apps/new")
@requires(MANAGE_SYSTEM)
def new_app() -> Response:
    """Show the form for a new app."""
    form = NewAppForm(formdata=None)
    form.new_key()
    return render_panel(NEW, **_offer(form))


@blueprint.post("/apps/new")
@requires(MANAGE_SYSTEM)
def register_app() -> Response:
    """Register an app and show its secret, once."""
    form = NewAppForm()
    context = _offer(form)
    if not form.validate():
        return render_invalid(NEW, **context)
    person, preset = current_person(), form.preset
    try:
        registration = services.register_app(
            actor=current_actor(),
            powers=person.permissions,
            details=form.details(owner_id=person.id),
            permission_names=form.permissions.data if preset.acts_as_itself else (),
            idempotency_key=form.idempotency_key.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(NEW, **_offer(form))
    db.session.commit()
    return _registered(registration.client, registration.secret)


def _registered(client: Client, secret: str | None) -> Response:
    if secret is not None:
        return show_secret(client, secret, is_new_app=True)
    if not client.is_confidential:
        return redirect_after(tab_url(client))
    return render_panel("developer/sent_again.html", title=client.name, client=client)


def _offer(form: NewAppForm) -> dict[str, Any]:
    permissions = list_permissions()
    form.offer(permissions)
    return {
        "title": "New app",
        "form": form,
        "presets": PRESETS,
        "permissions": permissions,
        "action": url_for("developer.register_app"),
    }
