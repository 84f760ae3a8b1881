"""A new app: who acts, then only what that needs; and its secret, shown once."""

from typing import Any

from flask import Response, request, url_for

from app.access.boxes import grouped, permission_box
from app.access.catalogue import list_permissions
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients.registration import KeyReusedError, Registration
from app.developer.blueprint import blueprint
from app.developer.pages import tab_url
from app.developer.redirect_uris.answers import answers_while_typing, show_checks
from app.developer.redirect_uris.checks import RESPELL, check_lines, spell_as_meant
from app.developer.registration.forms import NewAppForm
from app.developer.registration.presets import PRESETS
from app.developer.registration.services import register_app_once
from app.developer.secrets.page import show_secret
from app.extensions import db
from app.web import (
    current_person,
    redirect_after,
    render_invalid,
    render_panel,
    requires,
)
from app.web.forms import attempting

NEW = "developer/registration/new.html"


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
    if RESPELL in request.form:
        line = request.form[RESPELL]
        spell_as_meant(form.redirect_uris, line, is_confidential=form.is_confidential)
        return render_panel(NEW, **_offer(form), is_respelled=True)
    if not form.validate():
        return render_invalid(NEW, **context)
    with attempting(form) as attempt:
        registration = _register(form)
    if attempt.refusal:
        return render_invalid(NEW, **_offer(form))
    db.session.commit()
    return _show_registered(registration)


@blueprint.post("/apps/redirect-uris")
@requires(MANAGE_SYSTEM)
@answers_while_typing
def judge_new_redirect_uris() -> Response:
    """Judge the lines of the form as somebody types, by the answer to its question."""
    preset = PRESETS.get(request.form.get("who", ""))
    return show_checks(is_confidential=preset is not None and preset.is_confidential)


def _register(form: NewAppForm) -> Registration:
    """Register what the form says; one that has registered an app begins another."""
    person, preset = current_person(), form.preset
    try:
        return register_app_once(
            actor=current_actor(),
            powers=person.permissions,
            details=form.details(owner_id=person.id),
            permission_names=form.permissions.data if preset.acts_as_itself else (),
            idempotency_key=form.idempotency_key.data or "",
        )
    except KeyReusedError as reused:
        raise form.begin_another(registered=reused.registered_name) from reused


def _show_registered(registration: Registration) -> Response:
    client, row = registration.client, registration.secret_row
    if registration.secret is not None and row is not None:
        return show_secret(client, row, registration.secret)
    if not client.is_confidential:
        return redirect_after(tab_url(client, "overview"))
    return render_panel(
        "developer/registration/sent_again.html", title=client.name, client=client
    )


def _offer(form: NewAppForm) -> dict[str, Any]:
    permissions = list_permissions()
    form.offer(permissions)
    boxes = [(permission_box(p, by_name=True), p) for p in permissions]
    return {
        "title": "New app",
        "form": form,
        "presets": PRESETS,
        "scope_groups": grouped(box for box, p in boxes if p.is_delegable),
        "permission_groups": grouped(box for box, _ in boxes),
        "judgements": check_lines(
            form.redirect_uris.data, is_confidential=form.is_confidential
        ),
        "action": url_for("developer.register_app"),
        "judge_url": url_for("developer.judge_new_redirect_uris"),
    }
