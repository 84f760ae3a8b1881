"""Secrets of an app, on its Settings tab: a new one, and the end of an old one."""

from datetime import timedelta

from flask import Response, abort

from app.accounts.sign_in import current_actor
from app.clients.models import Client, ClientSecret
from app.clients.secrets import find_secret, revoke_secret
from app.clock import utcnow
from app.developer import services
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.forms import NewSecretForm
from app.developer.impact import impact_of
from app.developer.pages import (
    ask,
    changed_client,
    parsed_id,
    show_change,
    shown_client,
)
from app.developer.settings_views import PANEL, settings_context
from app.developer.showing_secrets import show_secret
from app.errors import ConflictError
from app.extensions import db
from app.web import render_invalid, render_panel, requires

OVERLAP = {"now": timedelta(), "1d": timedelta(days=1), "7d": timedelta(days=7)}


@blueprint.post("/apps/<client_id>/secrets")
@requires(MANAGE_SYSTEM)
def add_secret(client_id: str) -> Response:
    """Make a secret and show it, once."""
    client, form = changed_client(client_id), NewSecretForm()
    if not form.validate():
        context = settings_context(client) | {"new_secret": form}
        return render_invalid(PANEL, **context)
    overlap = OVERLAP.get(form.overlap.data)
    try:
        secret = services.add_secret_once(
            actor=current_actor(),
            client=client,
            newest_known=form.newest.data or "",
            expire_others_at=None if overlap is None else utcnow() + overlap,
        )
    except ConflictError as refusal:
        db.session.rollback()
        context = settings_context(client)
        return render_panel(PANEL, status=409, stale=refusal.message, **context)
    db.session.commit()
    return show_secret(client, secret, is_new_app=False)


@blueprint.get("/apps/<client_id>/secrets/<secret_id>/revoke")
@requires(MANAGE_SYSTEM)
def confirm_revoke_secret(client_id: str, secret_id: str) -> Response:
    """Say what revoking a secret breaks, and ask."""
    client = shown_client(client_id)
    secret = _own_secret(client, secret_id)
    return ask(
        client,
        "settings",
        question=f"Revoke the secret that ends in {secret.hint}?",
        button="Revoke the secret",
        points=[
            "Wherever the app still uses it, it gets no new tokens from now on.",
            "Tokens that it got with it stay valid until they expire.",
            "It cannot be brought back.",
        ],
        impact=impact_of(client),
    )


@blueprint.post("/apps/<client_id>/secrets/<secret_id>/revoke")
@requires(MANAGE_SYSTEM)
def revoke_one_secret(client_id: str, secret_id: str) -> Response:
    """End a secret at once."""
    client = changed_client(client_id)
    secret = _own_secret(client, secret_id)
    revoke_secret(actor=current_actor(), secret=secret)
    db.session.commit()
    message = f"The secret that ends in {secret.hint} is revoked."
    return show_change(client, "settings", message, settings_context)


def _own_secret(client: Client, secret_id: str) -> ClientSecret:
    secret = find_secret(client=client, secret_id=parsed_id(secret_id))
    if secret is None:
        abort(404)
    return secret
