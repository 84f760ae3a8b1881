"""What people see and change of their own: connected apps, password, sessions."""

import uuid
from typing import Any

from flask import Blueprint, Response, abort, url_for

from app.accounts import services as accounts
from app.accounts import sessions, sign_in
from app.accounts.authentication import TooManyFailures, password_is_right
from app.accounts.models import User, UserSession
from app.accounts.sign_in import current_actor
from app.consents import services as consents
from app.errors import DomainError
from app.extensions import db
from app.portal.browsers import in_words
from app.portal.connected_apps import connected_apps as cards_of
from app.portal.forms import PasswordForm
from app.web import (
    navigation,
    redirect_after,
    render_change,
    render_invalid,
    render_panel,
    requires,
)

blueprint = Blueprint("portal", __name__)
navigation.register("Connected apps", "portal.connected_apps", None, 80)
navigation.register("Security", "portal.security", None, 90)

SECURITY = "portal/security.html"
APPS = "portal/apps.html"


@blueprint.get("/account/security")
@requires()
def security() -> Response:
    """Show where the person is signed in, and the form for a new password."""
    return render_panel(SECURITY, **_security(PasswordForm(formdata=None)))


@blueprint.post("/account/security/password")
@requires()
def change_password() -> Response:
    """Set a new password, for whoever knows the old one; end the other sessions."""
    form, (user, here) = PasswordForm(), _signed_in()
    if not form.validate():
        return render_invalid(SECURITY, **_security(form))
    try:
        if not password_is_right(
            actor=current_actor(), user=user, password=form.current_password.data
        ):
            form.current_password.errors = ["This is not your password."]
            return render_invalid(SECURITY, **_security(form))
        accounts.set_password(
            actor=current_actor(), user=user, password=form.password.data
        )
    except TooManyFailures as refusal:
        form.current_password.errors = [refusal.message]
        answer = render_invalid(SECURITY, **_security(form))
        answer.status_code = 429
        answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
    except DomainError as refusal:
        form.password.errors = [refusal.message]
        return render_invalid(SECURITY, **_security(form))
    accounts.end_other_sessions(actor=current_actor(), user=user, keep=here)
    db.session.commit()
    return _security_changed(
        "Your password is changed, and you are signed out everywhere else."
    )


@blueprint.post("/account/security/sessions/<uuid:session_id>/end")
@requires()
def end_session(session_id: uuid.UUID) -> Response:
    """Sign out at one browser; at this one too, if it is the one."""
    user, here = _signed_in()
    found = sessions.find_own_session(user_id=user.id, session_id=session_id)
    if found is None:
        abort(404)
    accounts.end_session(actor=current_actor(), user=user, user_session=found)
    db.session.commit()
    if found.id == here.id:
        sign_in.forget()
        return redirect_after(sign_in.address())
    return _security_changed("That browser is signed out.")


@blueprint.get("/account/security/sign-out-everywhere")
@requires()
def confirm_sign_out_everywhere() -> Response:
    """Say what signing out everywhere does, and ask."""
    user, _ = _signed_in()
    return render_panel(
        "portal/sign_out_everywhere.html",
        title="Sign out everywhere",
        session_count=len(sessions.list_sessions(user.id)),
        apps=cards_of(user.id),
    )


@blueprint.post("/account/security/sign-out-everywhere")
@requires()
def sign_out_everywhere() -> Response:
    """End every session and every token that apps hold for the person."""
    user, _ = _signed_in()
    accounts.sign_out_everywhere(actor=current_actor(), user=user)
    db.session.commit()
    sign_in.forget()
    return redirect_after(sign_in.address())


@blueprint.get("/account/apps")
@requires()
def connected_apps() -> Response:
    """Show the apps that may act for the person, and what each can do."""
    return render_panel(APPS, **_apps())


@blueprint.get("/account/apps/<uuid:consent_id>/remove")
@requires()
def confirm_remove_access(consent_id: uuid.UUID) -> Response:
    """Say what removing one app does, and ask."""
    user, _ = _signed_in()
    apps = [app for app in cards_of(user.id) if app.consent_id == consent_id]
    if not apps:
        abort(404)
    return _ask_to_remove(apps, url_for(".remove_access", consent_id=consent_id))


@blueprint.post("/account/apps/<uuid:consent_id>/remove")
@requires()
def remove_access(consent_id: uuid.UUID) -> Response:
    """Take a consent back: the app's tokens for the person are dead at once."""
    user, _ = _signed_in()
    consent = consents.find_for_user(user_id=user.id, consent_id=consent_id)
    if consent is None:
        abort(404)
    name = consent.client.name
    consents.withdraw(actor=current_actor(), consent=consent)
    db.session.commit()
    return _apps_changed(f"{name} can no longer use your account.")


@blueprint.get("/account/apps/remove-all")
@requires()
def confirm_remove_all() -> Response:
    """Say what removing every app does, and ask."""
    user, _ = _signed_in()
    return _ask_to_remove(cards_of(user.id), url_for(".remove_all"))


@blueprint.post("/account/apps/remove-all")
@requires()
def remove_all() -> Response:
    """Take every consent back."""
    user, _ = _signed_in()
    for consent in consents.list_for_user(user.id):
        consents.withdraw(actor=current_actor(), consent=consent)
    db.session.commit()
    return _apps_changed("No app can use your account any more.")


def _signed_in() -> tuple[User, UserSession]:
    user, here = sign_in.current_user(), sign_in.current_user_session()
    if user is None or here is None:
        raise RuntimeError("nobody is signed in: guard this view")
    return user, here


def _security(form: PasswordForm) -> dict[str, Any]:
    user, here = _signed_in()
    return {
        "title": "Security",
        "form": form,
        "user": user,
        "here": here,
        "sessions": [
            (session, in_words(session.user_agent))
            for session in sessions.list_sessions(user.id)
        ],
    }


def _security_changed(message: str) -> Response:
    context = _security(PasswordForm(formdata=None))
    return render_change(SECURITY, url=url_for(".security"), message=message, **context)


def _apps() -> dict[str, Any]:
    user, _ = _signed_in()
    return {"title": "Connected apps", "apps": cards_of(user.id)}


def _apps_changed(message: str) -> Response:
    url = url_for(".connected_apps")
    return render_change(APPS, url=url, message=message, **_apps())


def _ask_to_remove(apps: object, action: str) -> Response:
    return render_panel(
        "portal/remove_access.html", title="Remove access", apps=apps, action=action
    )
