"""Roles: the list, a new one, what it holds, who holds it, and its end."""

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from sqlalchemy import select

from app.access import catalogue
from app.access.blueprint import blueprint
from app.access.boxes import grouped
from app.access.forms import (
    NewRoleForm,
    QuestionForm,
    RoleForm,
    chosen,
    offer_boxes,
)
from app.access.models import Permission, Role
from app.access.offers import permission_offers
from app.access.reach import role_holders, role_reach
from app.access.role_pages import (
    chosen_kind,
    containing,
    head_of,
    holders_page,
    section_tabs,
    shown_role,
)
from app.access.states import check_state, role_state
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.errors import ConflictError
from app.extensions import db
from app.locking import lock
from app.web import (
    Page,
    ask,
    current_person,
    paginate,
    redirect_after,
    render_change_at,
    render_invalid,
    render_list,
    render_panel,
    requested_page,
    requires,
)
from app.web.counting import in_number
from app.web.forms import attempting
from app.web.searching import searched

NEW = "access/new_role.html"
PANEL = "access/role.html"
TABS = (("role", "Details"), ("role_holders_page", "Holders"))


@blueprint.get("/roles")
@requires(MANAGE_SYSTEM)
def roles() -> Response:
    """List roles with how many hold them."""
    query = containing(select(Role).order_by(Role.name), Role.name, Role.description)
    found: Page[Role] = paginate(query, page=requested_page())
    return render_list(
        "access/roles.html",
        title="Roles",
        sections=section_tabs(),
        search=searched(request.args),
        found=found,
        reach=role_reach([role.id for role in found.items]),
    )


@blueprint.get("/roles/new")
@requires(MANAGE_SYSTEM)
def new_role() -> Response:
    """Show the form for a new role."""
    form = NewRoleForm(formdata=None)
    form.new_key()
    return render_panel(NEW, **_offered(form, title="New role"))


@blueprint.post("/roles/new")
@requires(MANAGE_SYSTEM)
def create_role() -> Response:
    """Create a role that nobody holds yet."""
    form = NewRoleForm()
    context = _offered(form, title="New role")
    if not form.validate():
        return render_invalid(NEW, **context)
    with attempting(form) as attempt:
        role = catalogue.create_role(
            actor=current_actor(),
            powers=current_person().permissions,
            role_id=form.new_id,
            name=form.name.data,
            description=form.description.data or "",
            permissions=_ticked(form),
        )
    if attempt.refusal:
        return render_invalid(NEW, **_offered(form, title="New role"))
    db.session.commit()
    return redirect_after(url_for("access.role", role_id=role.id))


@blueprint.get("/roles/<uuid:role_id>")
@requires(MANAGE_SYSTEM)
def role(role_id: uuid.UUID) -> Response:
    """Show a role with what it holds."""
    return render_panel(PANEL, **role_context(shown_role(role_id)))


@blueprint.post("/roles/<uuid:role_id>")
@requires(MANAGE_SYSTEM)
def change_role(role_id: uuid.UUID) -> Response:
    """Save a role, unless somebody else saved meanwhile."""
    role, form = shown_role(role_id), RoleForm()
    context = role_context(role, form)
    if not form.validate():
        return render_invalid(PANEL, **context)
    # Outside: of a role that is deleted meanwhile there is no form to show.
    present = role_state(lock(role))
    with attempting(form) as attempt:
        check_state(form.state.data or "", present)
        catalogue.update_role(
            actor=current_actor(),
            powers=current_person().permissions,
            role=role,
            name=form.name.data,
            description=form.description.data or "",
            permissions=_ticked(form),
        )
    if attempt.is_stale:
        form.state.data = role_state(role)
    if attempt.refusal:
        return render_invalid(PANEL, **attempt.words, **role_context(role, form))
    db.session.commit()
    return render_change_at(
        PANEL,
        url=url_for("access.role", role_id=role.id),
        message="Saved. It applies from each holder's next request.",
        context=lambda: role_context(role),
        place="role",
    )


@blueprint.get("/roles/<uuid:role_id>/holders")
@requires(MANAGE_SYSTEM)
def role_holders_page(role_id: uuid.UUID) -> Response:
    """List the people, or the apps, that hold a role."""
    role, kind = shown_role(role_id), chosen_kind()
    found, holders = holders_page(role_holders(role.id, kind))
    return render_panel(
        "access/role_holders.html",
        **head_of(role, "role_holders_page", TABS),
        kind=kind,
        found=found,
        holders=holders,
    )


@blueprint.get("/roles/<uuid:role_id>/delete")
@requires(MANAGE_SYSTEM)
def confirm_delete_role(role_id: uuid.UUID) -> Response:
    """Say who loses what with a role, and ask."""
    role = shown_role(role_id)
    catalogue.check_may_be_deleted(role)
    return _ask_to_delete(role, QuestionForm(formdata=None))


@blueprint.post("/roles/<uuid:role_id>/delete")
@requires(MANAGE_SYSTEM)
def delete_role(role_id: uuid.UUID) -> Response:
    """Delete a role and take it from everybody."""
    role, form = shown_role(role_id), QuestionForm()
    with attempting(form, ConflictError) as attempt:
        catalogue.delete_role(
            actor=current_actor(), powers=current_person().permissions, role=role
        )
    if attempt.refusal:
        return _ask_to_delete(role, form, status=409)
    db.session.commit()
    flash(f"Deleted the role {role.name}.", "success")
    return redirect_after(url_for("access.roles"))


def _ask_to_delete(role: Role, form: QuestionForm, *, status: int = 200) -> Response:
    reach = role_reach([role.id])[role.id]
    names = ", ".join(permission.name for permission in role.permissions)
    return ask(
        "Delete this role?",
        crumbs=_crumbs(role),
        status=status,
        form=form,
        button="Delete role",
        points=[
            f"People who lose it: {reach.people}. Apps: {reach.apps}.",
            f"Permissions it gives: {names or 'none'}. Anybody who holds them "
            "another way keeps them.",
            "It takes effect with their next request, including existing tokens.",
            "It cannot be restored.",
        ],
    )


def role_context(role: Role, form: RoleForm | None = None) -> dict[str, Any]:
    """Return what the tab shows, with `form` as it was sent or as `role` stands."""
    if form is None:
        form = RoleForm(formdata=None, data={"name": role.name})
        form.description.data = role.description
        form.permissions.data = [str(p.id) for p in role.permissions]
        form.state.data = role_state(role)
    reach = role_reach([role.id])[role.id]
    return (
        _offered(form)
        | head_of(role, "role", TABS)
        | {
            "held_by": [
                in_number(reach.people, "person", "people"),
                in_number(reach.apps, "app", "apps"),
            ]
        }
    )


def _crumbs(role: Role) -> list[tuple[str, str]]:
    return [
        ("Roles", url_for("access.roles")),
        (role.name, url_for("access.role", role_id=role.id)),
    ]


def _offered(form: RoleForm, **words: Any) -> dict[str, Any]:
    offers = permission_offers(current_person().permissions)
    offer_boxes(form.permissions, offers)
    return {"form": form, "permissions": grouped(offers)} | words


def _ticked(form: RoleForm) -> list[Permission]:
    ids = chosen(form.permissions)
    return list(db.session.scalars(select(Permission).where(Permission.id.in_(ids))))
