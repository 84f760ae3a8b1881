"""Deactivating and activating a person, and giving them a new password."""

import uuid
from typing import Any

from flask import Response, url_for
from flask_wtf import FlaskForm

from app.access import people
from app.access.blueprint import blueprint
from app.access.escalation import check_may_change
from app.access.forms import OwnAccountForm, QuestionForm, ResetForm
from app.access.impact import impact_on
from app.access.password_pages import show_password
from app.access.user_pages import (
    ask_about_user,
    person_context,
    show_user_change,
    shown_user,
)
from app.accounts import sign_in
from app.accounts.models import User
from app.accounts.sessions import session_count
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_USERS, VIEW_USERS
from app.errors import ConflictError
from app.extensions import db
from app.web import current_person, redirect_after, requires
from app.web.counting import in_number
from app.web.forms import attempting, show_refusal


@blueprint.get("/users/<uuid:user_id>/deactivate")
@requires(VIEW_USERS, MANAGE_USERS)
def confirm_deactivate_user(user_id: uuid.UUID) -> Response:
    """Say what deactivating a person breaks, and ask."""
    user = _changeable(user_id)
    return _ask_to_deactivate(user, _question_about(user, is_sent=False))


@blueprint.post("/users/<uuid:user_id>/deactivate")
@requires(VIEW_USERS, MANAGE_USERS)
def deactivate_user(user_id: uuid.UUID) -> Response:
    """Lock a person out."""
    user = _changeable(user_id)
    form = _question_about(user, is_sent=True)
    if not form.validate():
        return _ask_to_deactivate(user, form, status=422)
    with attempting(form, ConflictError) as attempt:
        people.deactivate_user(
            actor=current_actor(), powers=current_person().permissions, user=user
        )
    if attempt.refusal:
        return _ask_to_deactivate(user, form, status=409)
    db.session.commit()
    if user.id == current_person().id:
        sign_in.forget()
        return redirect_after(sign_in.address(why="signed-out"))
    message = f"{user.label} is deactivated."
    return show_user_change(user, "user", message, person_context)


@blueprint.get("/users/<uuid:user_id>/activate")
@requires(VIEW_USERS, MANAGE_USERS)
def confirm_activate_user(user_id: uuid.UUID) -> Response:
    """Say what activating a person brings back, and ask."""
    user = _changeable(user_id)
    return ask_about_user(
        user,
        "Activate this account?",
        form=QuestionForm(formdata=None),
        button="Activate",
        is_harmless=True,
        points=[
            "They can sign in with the password they had.",
            "Their roles and direct permissions take effect again immediately.",
            "Earlier sessions and tokens are not restored: apps have to ask again.",
        ],
    )


@blueprint.post("/users/<uuid:user_id>/activate")
@requires(VIEW_USERS, MANAGE_USERS)
def activate_user(user_id: uuid.UUID) -> Response:
    """Let a person in again."""
    user = shown_user(user_id)
    people.activate_user(
        actor=current_actor(), powers=current_person().permissions, user=user
    )
    db.session.commit()
    message = f"{user.label} is active again."
    return show_user_change(user, "user", message, person_context)


@blueprint.post("/users/<uuid:user_id>/unlock")
@requires(VIEW_USERS, MANAGE_USERS)
def unlock_user(user_id: uuid.UUID) -> Response:
    """Let a person sign in again after too many failed tries."""
    user = shown_user(user_id)
    people.unlock_user(
        actor=current_actor(), powers=current_person().permissions, user=user
    )
    db.session.commit()
    message = f"{user.label} can sign in again."
    return show_user_change(user, "user", message, person_context, place="lock")


@blueprint.get("/users/<uuid:user_id>/reset")
@requires(VIEW_USERS, MANAGE_USERS)
def confirm_reset_password(user_id: uuid.UUID) -> Response:
    """Say what a new password does, and ask."""
    user = _changeable(user_id)
    return _ask_to_reset(user, ResetForm(formdata=None))


@blueprint.post("/users/<uuid:user_id>/reset")
@requires(VIEW_USERS, MANAGE_USERS)
def reset_password(user_id: uuid.UUID) -> Response:
    """Make a new password and show it, once."""
    user, form = shown_user(user_id), ResetForm()
    with attempting(form, ConflictError) as attempt:
        password = people.reset_password(
            actor=current_actor(),
            powers=current_person().permissions,
            user=user,
            expected_generation=form.expected_generation,
        )
    if attempt.refusal:
        if attempt.is_stale:
            show_refusal(form, attempt.refusal)
        return _ask_to_reset(user, form, status=409)
    db.session.commit()
    return show_password(user, password, is_new=False)


@blueprint.get("/users/<uuid:user_id>/sign-out")
@requires(VIEW_USERS, MANAGE_USERS)
def confirm_sign_user_out(user_id: uuid.UUID) -> Response:
    """Say what signing a person out everywhere ends, and ask."""
    user = _changeable(user_id)
    return ask_about_user(
        user,
        "Sign this person out everywhere?",
        form=QuestionForm(formdata=None),
        button="Sign out everywhere",
        points=[
            *_what_signing_out_ends(user),
            "They can sign in again, and apps can ask them again.",
        ],
        cancel_url=url_for("access.user_sessions", user_id=user.id),
    )


def _changeable(user_id: uuid.UUID) -> User:
    """Return the person, if the actor may change them at all."""
    user = shown_user(user_id)
    powers = current_person().permissions
    check_may_change(actor_permissions=powers, holder_id=user.id)
    return user


def _question_about(user: User, *, is_sent: bool) -> FlaskForm:
    kind = OwnAccountForm if user.id == current_person().id else QuestionForm
    return kind() if is_sent else kind(formdata=None)


def _what_signing_out_ends(user: User) -> list[str]:
    where = in_number(session_count(user.id), "browser", "browsers")
    return [
        f"Signed out immediately: {where}.",
        *impact_on("user", user.id),
    ]


def _ask_to_reset(user: User, form: ResetForm, *, status: int = 200) -> Response:
    form.generation.data = str(user.token_generation)
    return ask_about_user(
        user,
        "Reset this password?",
        status=status,
        form=form,
        button="Reset password",
        points=[
            "The current password stops working immediately.",
            "The new one is random and shown once: send it to them, and ask them to "
            "choose their own under Security.",
            *_what_signing_out_ends(user),
        ],
    )


def _ask_to_deactivate(user: User, form: FlaskForm, *, status: int = 200) -> Response:
    words: dict[str, Any] = {
        "form": form,
        "button": "Deactivate",
        "points": [
            "They cannot sign in, and no app can act for them.",
            *_what_signing_out_ends(user),
            "Their roles, permissions, and apps are kept for when the account is "
            "activated again.",
        ],
    }
    if user.id == current_person().id:
        return ask_about_user(
            user,
            "Deactivate your own account?",
            status=status,
            warning="You will be signed out immediately. Only another administrator "
            "can let you back in.",
            **words,
        )
    return ask_about_user(user, "Deactivate this account?", status=status, **words)
