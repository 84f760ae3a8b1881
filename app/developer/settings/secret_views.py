"""Secrets on the Settings tab: a new one, that it is stored, the end of an old one."""

from typing import Any, cast

from flask import Response, abort, redirect, request, url_for

from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients.models import Client, ClientSecret
from app.clients.secret_advice import BUSY
from app.clients.secret_lists import find_secret, live_secrets, newest_secret_id
from app.clients.secrets import mark_stored, revoke_secret, set_end
from app.clock import utcnow
from app.developer.blueprint import blueprint
from app.developer.impact import impact_of
from app.developer.pages import (
    ask_about,
    changed_client,
    parsed_id,
    show_change,
    shown_client,
    tab_url,
)
from app.developer.secrets.forms import (
    NOW,
    NewSecretForm,
    ReplaceForm,
    SecretEndForm,
)
from app.developer.secrets.page import show_secret
from app.developer.secrets.services import add_secret_once
from app.developer.settings.page import PANEL, settings_context
from app.errors import ConflictError
from app.extensions import db
from app.traffic.request_recorder import shows_traffic
from app.web import redirect_after, render_invalid, render_panel, requires
from app.web.forms import attempting
from app.web.times import moment

END = "developer/secrets/end.html"


@blueprint.post("/apps/<client_id>/secrets")
@requires(MANAGE_SYSTEM)
def add_secret(client_id: str) -> Response:
    """Make a secret and show it, once; ask first if working ones shall end now."""
    client, form = changed_client(client_id), NewSecretForm()
    if not form.validate():
        context = settings_context(client, new_secret=form)
        return render_invalid(PANEL, **context)
    if form.ends.data == NOW and live_secrets(client):
        url = url_for("developer.confirm_replace_secrets", client_id=client.id)
        return redirect_after(url)
    with attempting(form, ConflictError) as attempt:
        made = add_secret_once(
            actor=current_actor(),
            client=client,
            newest_known=form.newest.data or "",
            expire_others_at=form.moment(utcnow()),
        )
    if attempt.refusal:
        context = settings_context(client) | {"stale": attempt.refusal.message}
        return render_invalid(PANEL, status=409, **context)
    db.session.commit()
    return show_secret(client, made.row, made.plaintext, others=made.others)


@blueprint.get("/apps/<client_id>/secrets/replace")
@requires(MANAGE_SYSTEM)
@shows_traffic
def confirm_replace_secrets(client_id: str) -> Response:
    """Say which secrets end at once if a new one replaces them, and ask."""
    client = shown_client(client_id)
    if not live_secrets(client):
        return cast("Response", redirect(tab_url(client), 303))
    return _ask_to_replace(client, ReplaceForm(formdata=None))


@blueprint.post("/apps/<client_id>/secrets/replace")
@requires(MANAGE_SYSTEM)
@shows_traffic
def replace_secrets(client_id: str) -> Response:
    """End every secret that works, make another and show it, once."""
    client, form = changed_client(client_id), ReplaceForm()
    with attempting(form, ConflictError) as attempt:
        made = add_secret_once(
            actor=current_actor(),
            client=client,
            newest_known=form.newest.data or "",
            expire_others_at=utcnow(),
        )
    if attempt.refusal:
        return _ask_to_replace(client, form, status=409)
    db.session.commit()
    return show_secret(client, made.row, made.plaintext, others=made.others)


@blueprint.post("/apps/<client_id>/secrets/<secret_id>/stored")
@requires(MANAGE_SYSTEM)
def store_secret(client_id: str, secret_id: str) -> Response:
    """Remember that somebody has stored the secret, and lead on."""
    client = changed_client(client_id)
    secret = _own_secret(client, secret_id)
    mark_stored(actor=current_actor(), secret=secret)
    db.session.commit()
    if request.form.get("from") == "settings":
        message = f"The secret ending in {secret.hint} is marked as saved."
        return show_change(client, "settings", message, settings_context)
    return redirect_after(tab_url(client, "overview"))


@blueprint.get("/apps/<client_id>/secrets/<secret_id>/end")
@requires(MANAGE_SYSTEM)
def ask_for_end(client_id: str, secret_id: str) -> Response:
    """Ask when a secret ends."""
    client = shown_client(client_id)
    secret = _own_secret(client, secret_id)
    form = SecretEndForm.of(secret)
    return render_panel(END, **_end_context(client, secret, form))


@blueprint.post("/apps/<client_id>/secrets/<secret_id>/end")
@requires(MANAGE_SYSTEM)
def end_secret(client_id: str, secret_id: str) -> Response:
    """Set, change or lift the end of a secret."""
    client = changed_client(client_id)
    secret, form = _own_secret(client, secret_id), SecretEndForm()
    if not form.validate():
        return render_invalid(END, **_end_context(client, secret, form))
    with attempting(form, passing=ConflictError) as attempt:
        set_end(actor=current_actor(), secret=secret, ends_at=form.moment(utcnow()))
    if attempt.refusal:
        return render_invalid(END, **_end_context(client, secret, form))
    db.session.commit()
    until = secret.expires_at
    how = "never expires" if until is None else f"expires on {moment(until)}"
    message = f"The secret ending in {secret.hint} {how}."
    return show_change(client, "settings", message, settings_context, place="secrets")


@blueprint.get("/apps/<client_id>/secrets/<secret_id>/revoke")
@requires(MANAGE_SYSTEM)
@shows_traffic
def confirm_revoke_secret(client_id: str, secret_id: str) -> Response:
    """Say what revoking a secret breaks, and when it was last used, and ask."""
    client = shown_client(client_id)
    secret = _own_secret(client, secret_id)
    used = secret.last_used_at
    return ask_about(
        client,
        "settings",
        question=f"Revoke the secret ending in {secret.hint}?",
        button="Revoke secret",
        points=[
            f"It was last used on {moment(used)}."
            if used
            else "It has never been used.",
            "Wherever the app still uses it, it can get no new tokens.",
            "Tokens already issued stay valid until they expire.",
            "A revoked secret cannot be restored.",
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
    message = f"The secret ending in {secret.hint} has been revoked."
    return show_change(client, "settings", message, settings_context, place="secrets")


def _ask_to_replace(
    client: Client, form: ReplaceForm, *, status: int = 200
) -> Response:
    form.newest.data = newest_secret_id(client)
    return ask_about(
        client,
        "settings",
        question="Create a new secret and end all others now?",
        button="End them and create a new one",
        points=[
            *(_what_ends(secret) for secret in live_secrets(client)),
            "Wherever the app still uses one of these, it can get no new tokens until "
            "the new secret is in place.",
            "Tokens already issued stay valid until they expire.",
            "These secrets cannot be restored.",
        ],
        impact=impact_of(client),
        form=form,
        status=status,
    )


def _what_ends(secret: ClientSecret) -> str:
    used = secret.last_used_at
    ends = f"The secret ending in {secret.hint} stops working at once."
    if used is None:
        return f"{ends} It has never been used."
    still = " It is still in use:" if utcnow() - used < BUSY else " It was"
    return f"{ends}{still} last used on {moment(used)}."


def _own_secret(client: Client, secret_id: str) -> ClientSecret:
    secret = find_secret(client=client, secret_id=parsed_id(secret_id))
    if secret is None:
        abort(404)
    return secret


def _end_context(
    client: Client, secret: ClientSecret, form: SecretEndForm
) -> dict[str, Any]:
    form.ends.flags.required = form.ends_at.flags.required = True
    return {
        "title": f"Expiry of the secret ending in {secret.hint}",
        "client": client,
        "secret": secret,
        "form": form,
        "cancel_url": tab_url(client),
    }
