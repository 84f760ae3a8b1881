"""What a person may do and why: roles, direct permissions, what follows from them."""

import uuid
from typing import Any

from flask import Response, request

from app.access import people
from app.access.blueprint import blueprint
from app.access.boxes import grouped
from app.access.catalogue import find_permission
from app.access.effective import direct_permissions, effective_permissions, held_roles
from app.access.forms import HoldingsForm, chosen, offer_boxes
from app.access.grouping import by_group
from app.access.offers import permission_offers, role_offers
from app.access.reasons import Reasons, reasons_for
from app.access.states import holdings_state
from app.access.user_pages import show_user_change, shown_user, user_context
from app.accounts.models import User
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_USERS, VIEW_USERS
from app.errors import NotAllowedError
from app.extensions import db
from app.web import current_person, render_invalid, render_panel, requires
from app.web.forms import attempting

PANEL = "access/user_permissions.html"
SAVED = (
    "Saved. It takes effect immediately. Existing tokens may lose permissions, but "
    "never gain any."
)


@blueprint.get("/users/<uuid:user_id>/permissions")
@requires(VIEW_USERS)
def user_permissions(user_id: uuid.UUID) -> Response:
    """Show what a person may do, where it comes from, and why or why not."""
    return render_panel(PANEL, **permissions_context(shown_user(user_id)))


@blueprint.post("/users/<uuid:user_id>/permissions")
@requires(VIEW_USERS, MANAGE_USERS)
def change_user_permissions(user_id: uuid.UUID) -> Response:
    """Make a person hold exactly what is ticked; it bites on the next request."""
    user, form = shown_user(user_id), HoldingsForm()
    # It names what may be ticked.
    context = permissions_context(user, form)
    if not form.validate():
        return render_invalid(PANEL, **context)
    with attempting(form, passing=NotAllowedError) as attempt:
        people.change_holdings(
            actor=current_actor(),
            powers=current_person().permissions,
            user=user,
            role_ids=chosen(form.roles),
            permission_ids=chosen(form.permissions),
            expected_state=form.state.data or "",
        )
    if attempt.is_stale:
        form.state.data = holdings_state(user.id)
    if attempt.refusal:
        context = permissions_context(user, form)
        return render_invalid(PANEL, **attempt.words, **context)
    db.session.commit()
    return show_user_change(
        user, "user_permissions", SAVED, permissions_context, place="holdings"
    )


def permissions_context(user: User, form: HoldingsForm | None = None) -> dict[str, Any]:
    """Return what the tab shows, with `form` as it was sent or as `user` stands."""
    powers = current_person().permissions
    effective = effective_permissions(user.id)
    via = {held.name: held.via for held in effective}
    roles, permissions = role_offers(powers), permission_offers(powers, via=via)
    form = form or _holdings_of(user)
    offer_boxes(form.roles, roles)
    offer_boxes(form.permissions, permissions)
    return user_context(user, "user_permissions") | {
        "form": form,
        "role_groups": grouped(roles),
        "permission_groups": grouped(permissions),
        "names": [permission.label for permission in permissions],
        "effective_groups": by_group(effective),
        "reasons": _asked_for(user),
    }


def _holdings_of(user: User) -> HoldingsForm:
    form = HoldingsForm(formdata=None)
    form.roles.data = [str(role.id) for role in held_roles(user.id)]
    form.permissions.data = [str(p.id) for p in direct_permissions(user.id)]
    form.state.data = holdings_state(user.id)
    return form


def _asked_for(user: User) -> Reasons | None:
    permission = find_permission(request.args.get("why", ""))
    return reasons_for(user.id, permission) if permission else None
