"""Users: the list, a new person, and what is known of one."""

import uuid
from typing import Any

from flask import Response, request, url_for

from app.access import people
from app.access.blueprint import blueprint
from app.access.boxes import grouped
from app.access.catalogue import list_roles
from app.access.forms import NewUserForm, UserForm, chosen, offer_boxes
from app.access.listing import UserFilters, administrators_among, roles_of
from app.access.offers import role_offers
from app.access.password_pages import show_password
from app.access.states import user_state
from app.access.user_pages import (
    person_context,
    show_user_change,
    shown_user,
    user_url,
)
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_USERS, VIEW_USERS
from app.errors import NotAllowedError
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
from app.web.forms import attempting

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
    with attempting(form, passing=NotAllowedError) as attempt:
        made = people.create_user(
            actor=current_actor(),
            powers=current_person().permissions,
            user_id=form.new_id,
            email=form.email.data,
            name=form.name.data or "",
            password=form.password.data or None,
            role_ids=chosen(form.roles),
        )
    if attempt.refusal:
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
    with attempting(form, passing=NotAllowedError) as attempt:
        is_different = people.update_user(
            actor=current_actor(),
            powers=current_person().permissions,
            user=user,
            name=form.name.data or "",
            email=form.email.data,
            expected_state=form.state.data or "",
        )
    if attempt.is_stale:
        form.state.data = user_state(user)
    if attempt.refusal:
        return render_invalid(PERSON, **attempt.words, **person_context(user, form))
    db.session.commit()
    message = "Saved." if is_different else "Nothing has changed."
    return show_user_change(user, "user", message, person_context, place="account")


def _created(made: people.Creation) -> Response:
    if made.password is not None:
        return show_password(made.user, made.password, is_new=True)
    if made.is_repeat:
        return render_panel(
            "access/sent_again.html", title="Already created", user=made.user
        )
    return redirect_after(user_url(made.user))


def _offered(form: NewUserForm) -> dict[str, Any]:
    offers = role_offers(current_person().permissions)
    offer_boxes(form.roles, offers)
    return {
        "title": "New user",
        "form": form,
        "roles": grouped(offers),
        "action": url_for("access.create_user"),
    }
