"""Users: the list, a new person, and what is known of one."""

import uuid
from typing import Any

from flask import Response, request, url_for

from app.access import people
from app.access.blueprint import blueprint
from app.access.catalogue import list_roles
from app.access.forms import NewUserForm, UserForm, chosen, offer_boxes
from app.access.listing import UserFilters, administrators_among, roles_of
from app.access.offers import Offer, role_offers
from app.access.showing_passwords import show_password
from app.access.states import ChangedMeanwhileError, user_state
from app.access.user_pages import (
    show_user_change,
    shown_user,
    user_context,
    user_url,
)
from app.accounts.models import User
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_USERS, VIEW_USERS
from app.errors import DomainError, NotAllowedError
from app.extensions import db
from app.web import (
    current_person,
    paginate,
    redirect_after,
    render_invalid,
    render_list,
    render_panel,
    requested_page,
    requires,
)
from app.web.forms import show_refusal

NEW = "access/new_user.html"
PERSON = "access/user.html"


@blueprint.get("/users")
@requires(VIEW_USERS)
def users() -> Response:
    """List people, narrowed and sorted as the address says."""
    filters = UserFilters.of(request.args)
    found = paginate(filters.select(), page=requested_page())
    ids = [user.id for user in found.items]
    return render_list(
        "access/users.html",
        title="Users",
        filters=filters,
        found=found,
        every_role=list_roles(),
        roles_of=roles_of(ids),
        administrators=administrators_among(ids),
        may_create=MANAGE_USERS in current_person().permissions,
    )


@blueprint.get("/users/new")
@requires(VIEW_USERS, MANAGE_USERS)
def new_user() -> Response:
    """Show the form for a new person."""
    form = NewUserForm(formdata=None)
    form.new_key()
    return render_panel(NEW, **_offered(form))


@blueprint.post("/users/new")
@requires(VIEW_USERS, MANAGE_USERS)
def create_user() -> Response:
    """Create a person; a password that was made for them is shown, once."""
    form = NewUserForm()
    context = _offered(form)
    if not form.validate():
        return render_invalid(NEW, **context)
    try:
        made = people.create_user(
            actor=current_actor(),
            powers=current_person().permissions,
            user_id=form.new_id,
            email=form.email.data,
            name=form.name.data or "",
            password=form.password.data or None,
            role_ids=chosen(form.roles),
        )
    except NotAllowedError:
        raise
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(NEW, **_offered(form))
    db.session.commit()
    return _created(made)


@blueprint.get("/users/<uuid:user_id>")
@requires(VIEW_USERS)
def user(user_id: uuid.UUID) -> Response:
    """Show what is known of a person."""
    return render_panel(PERSON, **person_context(shown_user(user_id)))


@blueprint.post("/users/<uuid:user_id>")
@requires(VIEW_USERS, MANAGE_USERS)
def change_user(user_id: uuid.UUID) -> Response:
    """Save name and address, unless somebody else saved meanwhile."""
    user, form = shown_user(user_id), UserForm()
    if not form.validate():
        return render_invalid(PERSON, **person_context(user, form))
    try:
        is_different = people.update_user(
            actor=current_actor(),
            powers=current_person().permissions,
            user=user,
            name=form.name.data or "",
            email=form.email.data,
            expected_state=form.state.data or "",
        )
    except NotAllowedError:
        raise
    except ChangedMeanwhileError as refusal:
        db.session.rollback()
        form.state.data = user_state(user)
        context = person_context(user, form)
        return render_invalid(PERSON, status=409, stale=refusal.message, **context)
    except DomainError as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return render_invalid(PERSON, **person_context(user, form))
    db.session.commit()
    message = "Saved." if is_different else "Nothing has changed."
    return show_user_change(user, "user", message, person_context, place="account")


def person_context(user: User, form: UserForm | None = None) -> dict[str, Any]:
    """Return what the tab shows, with `form` as it was sent or as `user` stands."""
    if form is None:
        stands = {"name": user.name, "email": user.email, "state": user_state(user)}
        form = UserForm(formdata=None, data=stands)
    is_administrator = user.id in administrators_among([user.id])
    return user_context(user, "user") | {
        "form": form,
        "is_administrator": is_administrator,
    }


def _created(made: people.Creation) -> Response:
    if made.password is not None:
        return show_password(made.user, made.password, is_new=True)
    if made.is_repeat:
        return render_panel(
            "access/sent_again.html", title="Sent twice", user=made.user
        )
    return redirect_after(user_url(made.user))


def _offered(form: NewUserForm) -> dict[str, Any]:
    offers: list[Offer] = role_offers(current_person().permissions)
    offer_boxes(form.roles, offers)
    return {
        "title": "New user",
        "form": form,
        "roles": offers,
        "action": url_for("access.create_user"),
    }
