"""Permissions: the list, a new one, its words, who holds it, and its end."""

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from sqlalchemy import select

from app.access import catalogue
from app.access.blueprint import blueprint
from app.access.forms import NewPermissionForm, PermissionForm, QuestionForm
from app.access.impact import impact_on
from app.access.models import Permission
from app.access.reach import (
    direct_holders,
    direct_reach,
    permission_reach,
    roles_with,
)
from app.access.role_pages import (
    chosen_kind,
    containing,
    head_of,
    holders_page,
    section_tabs,
    shown_permission,
)
from app.access.states import (
    check_state,
    permission_state,
)
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.errors import ConflictError
from app.extensions import db
from app.locking import lock
from app.web import (
    Page,
    ask,
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

NEW = "access/new_permission.html"
PANEL = "access/permission.html"
TABS = (("permission", "Details"), ("permission_holders", "Holders"))
MOST_ROLES = 100


@blueprint.get("/roles/permissions")
@requires(MANAGE_SYSTEM)
def permissions() -> Response:
    """List permissions by group, with how many hold them."""
    query = select(Permission).order_by(Permission.group, Permission.name)
    columns = (Permission.name, Permission.description, Permission.group)
    found: Page[Permission] = paginate(
        containing(query, *columns), page=requested_page(), per_page=40
    )
    return render_list(
        "access/permissions.html",
        title="Permissions",
        sections=section_tabs(),
        search=searched(request.args),
        found=found,
        reach=direct_reach([permission.id for permission in found.items]),
    )


@blueprint.get("/roles/permissions/new")
@requires(MANAGE_SYSTEM)
def new_permission() -> Response:
    """Show the form for a new permission."""
    form = NewPermissionForm(formdata=None)
    form.new_key()
    return render_panel(NEW, title="New permission", form=form)


@blueprint.post("/roles/permissions/new")
@requires(MANAGE_SYSTEM)
def create_permission() -> Response:
    """Create a permission that nobody holds yet."""
    form = NewPermissionForm()
    if not form.validate():
        return render_invalid(NEW, title="New permission", form=form)
    with attempting(form) as attempt:
        permission = catalogue.create_permission(
            actor=current_actor(),
            permission_id=form.new_id,
            name=form.name.data,
            description=form.description.data or "",
            group=form.group.data or "",
            is_delegable=form.is_delegable.data,
        )
    if attempt.refusal:
        return render_invalid(NEW, title="New permission", form=form)
    db.session.commit()
    return redirect_after(_url(permission))


@blueprint.get("/roles/permissions/<uuid:permission_id>")
@requires(MANAGE_SYSTEM)
def permission(permission_id: uuid.UUID) -> Response:
    """Show a permission, and which roles hold it."""
    return render_panel(PANEL, **permission_context(shown_permission(permission_id)))


@blueprint.post("/roles/permissions/<uuid:permission_id>")
@requires(MANAGE_SYSTEM)
def change_permission(permission_id: uuid.UUID) -> Response:
    """Save a permission's words, unless somebody else saved meanwhile."""
    permission, form = shown_permission(permission_id), PermissionForm()
    if not form.validate():
        return render_invalid(PANEL, **permission_context(permission, form))
    # Outside: of a permission that is deleted meanwhile there is no form to show.
    present = permission_state(lock(permission))
    with attempting(form) as attempt:
        check_state(form.state.data or "", present)
        catalogue.update_permission(
            actor=current_actor(),
            permission=permission,
            description=form.description.data or "",
            group=form.group.data or "",
            is_delegable=form.is_delegable.data,
        )
    if attempt.is_stale:
        form.state.data = permission_state(permission)
    if attempt.refusal:
        context = permission_context(permission, form)
        return render_invalid(PANEL, **attempt.words, **context)
    db.session.commit()
    return render_change_at(
        PANEL,
        url=_url(permission),
        message="Saved.",
        context=lambda: permission_context(permission),
        place="permission",
    )


@blueprint.get("/roles/permissions/<uuid:permission_id>/holders")
@requires(MANAGE_SYSTEM)
def permission_holders(permission_id: uuid.UUID) -> Response:
    """List who holds a permission: by which roles, and directly."""
    permission, kind = shown_permission(permission_id), chosen_kind()
    with_it = db.session.scalars(roles_with(permission.id).limit(MOST_ROLES)).all()
    found, holders = holders_page(direct_holders(permission.id, kind))
    reach = permission_reach(permission.id)
    return render_panel(
        "access/permission_holders.html",
        **head_of(permission, "permission_holders", TABS),
        kind=kind,
        found=found,
        holders=holders,
        roles=with_it,
        reach=reach,
        held_by=[
            in_number(reach.people, "person", "people"),
            in_number(reach.apps, "app", "apps"),
        ],
    )


@blueprint.get("/roles/permissions/<uuid:permission_id>/delete")
@requires(MANAGE_SYSTEM)
def confirm_delete_permission(permission_id: uuid.UUID) -> Response:
    """Say who loses a permission, and ask."""
    permission = shown_permission(permission_id)
    catalogue.check_may_be_deleted(permission)
    return _ask_to_delete(permission, QuestionForm(formdata=None))


@blueprint.post("/roles/permissions/<uuid:permission_id>/delete")
@requires(MANAGE_SYSTEM)
def delete_permission(permission_id: uuid.UUID) -> Response:
    """Delete a permission and take it from everybody."""
    permission, form = shown_permission(permission_id), QuestionForm()
    with attempting(form, ConflictError) as attempt:
        catalogue.delete_permission(actor=current_actor(), permission=permission)
    if attempt.refusal:
        return _ask_to_delete(permission, form, status=409)
    db.session.commit()
    flash(f"Deleted the permission {permission.name}.", "success")
    return redirect_after(url_for("access.permissions"))


def _ask_to_delete(
    permission: Permission, form: QuestionForm, *, status: int = 200
) -> Response:
    reach = permission_reach(permission.id)
    return ask(
        "Delete this permission?",
        crumbs=_crumbs(permission),
        status=status,
        form=form,
        button="Delete permission",
        points=[
            f"People who lose it: {reach.people}. Apps: {reach.apps}.",
            f"Roles that lose it: {reach.contains}.",
            *impact_on("permission", permission.id),
            "Tokens that carry it as a scope stay valid but lose this permission with "
            "the next request.",
            "It cannot be restored. A new one with the same name has no holders.",
        ],
    )


def permission_context(
    permission: Permission, form: PermissionForm | None = None
) -> dict[str, Any]:
    """Return what the tab shows, with `form` as it was sent or as the row stands."""
    if form is None:
        form = PermissionForm(formdata=None)
        form.description.data = permission.description
        form.group.data = permission.group
        form.is_delegable.data = permission.is_delegable
        form.state.data = permission_state(permission)
    return head_of(permission, "permission", TABS) | {"form": form}


def _crumbs(permission: Permission) -> list[tuple[str, str]]:
    return [
        ("Permissions", url_for("access.permissions")),
        (permission.name, _url(permission)),
    ]


def _url(permission: Permission) -> str:
    return url_for("access.permission", permission_id=permission.id)
