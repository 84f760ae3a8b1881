"""What people see and change of their own: password, sessions, what happened."""

import uuid
from typing import Any

from flask import Response, abort, url_for

from app.accounts import services as accounts
from app.accounts import sessions, sign_in
from app.accounts.authentication import TooManyFailures, password_is_right
from app.accounts.browsers import in_words
from app.accounts.sign_in import current_actor
from app.errors import DomainError
from app.extensions import db
from app.portal import apps_views  # noqa: F401 - it puts its pages into the blueprint
from app.portal.blueprint import blueprint, signed_in
from app.portal.connected_apps import connected_apps as cards_of
from app.portal.forms import PasswordForm
from app.portal.history import last_sign_in, recent_happenings
from app.web import (
    redirect_after,
    render_change,
    render_invalid,
    render_panel,
    requires,
)
from app.web.counting import Count

__all__ = ["blueprint"]

SECURITY = "portal/security.html"


@blueprint.get("/account/security")
@requires()
def security() -> Response:
    """Show where the person is signed in, and the form for a new password."""
    return render_panel(SECURITY, **_security(PasswordForm(formdata=None)))


@blueprint.post("/account/security/password")
@requires()
def change_password() -> Response:
    """Set a new password, for whoever knows the old one; end the other sessions."""
    form, (user, here) = PasswordForm(), signed_in()
    if not form.validate():
        return render_invalid(SECURITY, **_security(form))
    try:
        if not password_is_right(
            actor=current_actor(), user=user, password=form.current_password.data
        ):
            form.current_password.errors = ["Wrong password."]
            return render_invalid(SECURITY, **_security(form))
        accounts.set_password(
            actor=current_actor(), user=user, password=form.password.data
        )
    except TooManyFailures as refusal:
        form.current_password.errors = [refusal.message]
        answer = render_invalid(SECURITY, status=429, **_security(form))
        answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
    except DomainError as refusal:
        form.password.errors = [refusal.message]
        return render_invalid(SECURITY, **_security(form))
    accounts.end_other_sessions(actor=current_actor(), user=user, keep=here)
    db.session.commit()
    return _security_changed(
        "Password changed. You are signed out everywhere else.",
        place="password",
    )


@blueprint.post("/account/security/sessions/<uuid:session_id>/end")
@requires()
def end_session(session_id: uuid.UUID) -> Response:
    """Sign out at one browser; at this one too, if it is the one."""
    user, here = signed_in()
    found = sessions.find_own_session(user_id=user.id, session_id=session_id)
    if found is None:
        abort(404)
    accounts.end_session(actor=current_actor(), user=user, user_session=found)
    db.session.commit()
    if found.id == here.id:
        sign_in.forget()
        return redirect_after(sign_in.address(why="signed-out"))
    return _security_changed("That browser is signed out.", place="sessions")


@blueprint.post("/account/security/sessions/end-others")
@requires()
def end_other_sessions() -> Response:
    """Sign out at every browser but this one; what apps hold stays as it is."""
    user, here = signed_in()
    accounts.end_other_sessions(actor=current_actor(), user=user, keep=here)
    db.session.commit()
    return _security_changed("Other browsers are signed out.", place="sessions")


@blueprint.get("/account/security/sign-out-everywhere")
@requires()
def confirm_sign_out_everywhere() -> Response:
    """Say what signing out everywhere does, and ask."""
    user, _ = signed_in()
    return render_panel(
        "portal/sign_out_everywhere.html",
        title="Sign out everywhere",
        session_count=sessions.session_count(user.id),
        apps=cards_of(user),
    )


@blueprint.post("/account/security/sign-out-everywhere")
@requires()
def sign_out_everywhere() -> Response:
    """End every session and every token that apps hold for the person."""
    user, _ = signed_in()
    accounts.sign_out_everywhere(actor=current_actor(), user=user)
    db.session.commit()
    sign_in.forget()
    return redirect_after(sign_in.address(why="signed-out"))


def _security(form: PasswordForm) -> dict[str, Any]:
    user, here = signed_in()
    others = sessions.session_count(user.id, but=here.id)
    most = sessions.MOST_LISTED - 1
    shown = [here, *sessions.list_sessions(user.id, but=here.id, most=most)]
    return {
        "title": "Security",
        "form": form,
        "user": user,
        "here": here,
        "sessions": [(session, in_words(session.user_agent)) for session in shown],
        "others": others,
        "hidden": Count(max(0, others - most), is_more=others.is_more),
        "last_sign_in": last_sign_in(user, before=here.authenticated_at),
        "happenings": recent_happenings(user),
    }


def _security_changed(message: str, *, place: str) -> Response:
    return render_change(
        SECURITY,
        url=url_for(".security"),
        message=message,
        place=place,
        **_security(PasswordForm(formdata=None)),
    )
