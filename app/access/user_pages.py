"""What the pages of one person share: finding them, tabs, and what may be done."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, abort, url_for

from app.access.escalation import why_not_change
from app.access.forms import UserForm
from app.access.listing import administrators_among
from app.access.states import user_state
from app.accounts import throttle
from app.accounts.models import User
from app.accounts.services import find_user
from app.builtin import MANAGE_USERS, VIEW_AUDIT_LOG
from app.web import ask, current_person, render_change_at

TABS = (
    ("user", "Person"),
    ("user_permissions", "Roles and permissions"),
    ("user_apps", "Apps"),
    ("user_sessions", "Sessions"),
    ("user_history", "History"),
)
NOT_A_MANAGER = "You can view users. To change them, you need manage_users."


def shown_user(user_id: uuid.UUID) -> User:
    """Return the person whose page is opened."""
    user = find_user(user_id)
    if user is None:
        abort(404)
    return user


def user_url(user: User, tab: str = "user") -> str:
    """Return the address of one of a person's tabs."""
    return url_for(f"access.{tab}", user_id=user.id)


def user_context(user: User, tab: str) -> dict[str, Any]:
    """Return what the head of each tab needs, and why changes are not to be had."""
    permissions = current_person().permissions
    tabs = TABS if VIEW_AUDIT_LOG in permissions else TABS[:-1]
    if MANAGE_USERS in permissions:
        unavailable = why_not_change(permissions, user.id)
    else:
        unavailable = NOT_A_MANAGER
    return {
        "user": user,
        "tab": tab,
        "title": f"{user.label}: {dict(TABS)[tab]}",
        "tabs": [(key, label, user_url(user, key)) for key, label in tabs],
        "unavailable": unavailable,
        "is_self": user.id == current_person().id,
    }


def person_context(user: User, form: UserForm | None = None) -> dict[str, Any]:
    """Return what the tab shows, with `form` as it was sent or as `user` stands."""
    if form is None:
        stands = {"name": user.name, "email": user.email, "state": user_state(user)}
        form = UserForm(formdata=None, data=stands)
    is_administrator = user.id in administrators_among([user.id])
    return user_context(user, "user") | {
        "form": form,
        "is_administrator": is_administrator,
        "locked_until": throttle.locked_until(user.email),
        "most_failures": throttle.MAX_FAILURES,
    }


def show_user_change(
    user: User,
    tab: str,
    message: str,
    context: Callable[[User], dict[str, Any]],
    *,
    place: str = "",
) -> Response:
    """Answer a change with the tab it belongs to and the `message` at its `place`."""
    return render_change_at(
        f"access/{tab}.html",
        url=user_url(user, tab),
        message=message,
        context=lambda: context(user),
        place=place,
    )


def ask_about_user(user: User, question: str, **words: Any) -> Response:
    """Ask whether what is about to happen to a person is meant."""
    crumbs = [("Users", url_for("access.users")), (user.label, user_url(user))]
    return ask(question, crumbs=crumbs, **words)
