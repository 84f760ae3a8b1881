"""Apps that may act for a person, and ending what one of them may do."""

import uuid
from typing import Any

from flask import Response, abort
from markupsafe import Markup

from app.access import people
from app.access.blueprint import blueprint
from app.access.connected import connected_apps, find_connected_app, live_tokens
from app.access.escalation import check_may_change
from app.access.forms import QuestionForm
from app.access.user_pages import (
    ask_about_user,
    show_user_change,
    shown_user,
    user_context,
    user_url,
)
from app.accounts.models import User
from app.accounts.sign_in import current_actor
from app.audit.words import in_words
from app.builtin import MANAGE_SYSTEM, MANAGE_USERS, VIEW_USERS
from app.extensions import db
from app.web import current_person, render_panel, requires


@blueprint.get("/users/<uuid:user_id>/apps")
@requires(VIEW_USERS)
def user_apps(user_id: uuid.UUID) -> Response:
    """Show what apps may do for a person, as the person reads it."""
    return render_panel("access/user_apps.html", **apps_context(shown_user(user_id)))


@blueprint.get("/users/<uuid:user_id>/apps/<uuid:client_id>/end")
@requires(VIEW_USERS, MANAGE_USERS)
def confirm_end_app_access(user_id: uuid.UUID, client_id: uuid.UUID) -> Response:
    """Say what ending an app's access does, and ask."""
    user = shown_user(user_id)
    powers = current_person().permissions
    check_may_change(actor_permissions=powers, holder_id=user.id)
    app = find_connected_app(user, client_id) or abort(404)
    ends = Markup("<bdi>{}</bdi> can no longer use this account.")
    return ask_about_user(
        user,
        "Remove this app's access?",
        form=QuestionForm(formdata=None),
        button="Remove access",
        points=[
            ends.format(app.name),
            f"Live tokens that end immediately: {live_tokens(user, app)}.",
            "What it has already done is not undone.",
            "They will see under Security that you did this. The app can ask again, "
            "and they can allow it again.",
        ],
        cancel_url=user_url(user, "user_apps"),
    )


@blueprint.post("/users/<uuid:user_id>/apps/<uuid:client_id>/end")
@requires(VIEW_USERS, MANAGE_USERS)
def end_app_access(user_id: uuid.UUID, client_id: uuid.UUID) -> Response:
    """Take back all that a person lets an app do."""
    user = shown_user(user_id)
    name = people.end_app_access(
        actor=current_actor(),
        powers=current_person().permissions,
        user=user,
        client_id=client_id,
    )
    db.session.commit()
    message = f"{name} can no longer use this account."
    return show_user_change(user, "user_apps", message, apps_context)


def apps_context(user: User) -> dict[str, Any]:
    """Return what the tab shows."""
    return user_context(user, "user_apps") | {
        "apps": connected_apps(user),
        "in_words": in_words,
        "may_open_apps": MANAGE_SYSTEM in current_person().permissions,
    }
