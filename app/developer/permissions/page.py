"""What the Permissions tab shows: lists in groups, as far as a search goes, and why."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import request

from app.access.boxes import Box, BoxGroup
from app.access.catalogue import list_permissions, list_roles
from app.access.effective import (
    EffectivePermission,
    direct_permissions,
    effective_permissions,
    held_roles,
)
from app.access.grouping import by_group
from app.access.models import Permission, Role
from app.access.scopes import IDENTITY_SCOPES
from app.access.states import holdings_state
from app.audit.differences import differences
from app.clients.details import changes_between
from app.clients.models import Client
from app.developer.pages import tab_context
from app.developer.permissions.choices import (
    TokenCounter,
    matches,
    permission_groups,
    role_groups,
    scope_groups,
)
from app.developer.permissions.explanation import explain
from app.developer.permissions.forms import OF_THE_PERSON, HoldingsForm, ScopesForm
from app.tokens.listing import carrying, scopes_of_own_tokens
from app.web.counting import Count
from app.web.searching import searched


def permissions_context(
    client: Client,
    *,
    holdings: HoldingsForm | None = None,
    scopes: ScopesForm | None = None,
) -> dict[str, Any]:
    """Return what the tab shows, with forms as they were sent or as `client` stands."""
    permissions, roles = list_permissions(), list_roles()
    holdings = holdings or _holdings_of(client, roles, permissions)
    scopes = scopes or _scopes_of(client, permissions)
    search = searched(request.args)
    held = effective_permissions(client.id)
    tokens = partial(carrying, scopes_of_own_tokens(client.id))
    return (
        tab_context(client, "permissions")
        | {"search": search, "holdings": holdings, "scopes": scopes}
        | {
            "role_groups": role_groups(
                roles, search=search, ticked=holdings.roles.data or (), tokens=tokens
            ),
            "permission_groups": permission_groups(
                permissions,
                search=search,
                ticked=holdings.permissions.data or (),
                tokens=tokens,
                via={permission.name: permission.via for permission in held},
            ),
            "effective_groups": _with_tokens(held, tokens),
        }
        | _scope_groups(permissions, search)
        | _explanation(client, permissions, roles, held, tokens)
    )


def _with_tokens(
    held: Sequence[EffectivePermission], tokens: TokenCounter
) -> list[tuple[str, list[tuple[EffectivePermission, Count]]]]:
    """Return what is held, by group, each with how many live tokens carry it."""
    return [
        (name, [(item, tokens(frozenset({item.name}))) for item in items])
        for name, items in by_group(held)
    ]


def _scope_groups(permissions: Sequence[Permission], search: str) -> dict[str, Any]:
    """Return what the app may ask for, and what of it people may leave out."""
    delegable = [permission for permission in permissions if permission.is_delegable]
    groups = scope_groups(delegable, search=search)
    return {
        "scope_groups": groups,
        "optional_groups": [*groups, _of_the_person(search)],
    }


def _explanation(
    client: Client,
    permissions: Sequence[Permission],
    roles: Sequence[Role],
    held: Sequence[EffectivePermission],
    tokens: TokenCounter,
) -> dict[str, Any]:
    """Return the answer to what the address asks, and the names that it can ask for."""
    asked = request.args.get("explain", "")
    names = [permission.name for permission in permissions]
    if not asked.strip():
        return {"names": names, "explanation": None}
    explanation = explain(
        client,
        asked,
        permissions=permissions,
        roles=roles,
        effective=held,
        tokens=tokens,
    )
    return {"names": names, "explanation": explanation}


def offered_holdings(form: HoldingsForm) -> HoldingsForm:
    """Return the form with all roles and permissions to choose from."""
    form.offer(list_roles(), list_permissions())
    return form


def offered_scopes(form: ScopesForm) -> ScopesForm:
    """Return the form with all that apps may ask users for."""
    form.offer(list_permissions())
    return form


def ticks_kept(client: Client) -> dict[str, Any]:
    """Return the forms as somebody has ticked them who searches meanwhile.

    htmx sends the ticks along. They keep the state and version that they started from,
    so that saving later still notices what others changed.
    """
    sent, permissions = request.args, list_permissions()
    holdings = _holdings_of(client, list_roles(), permissions)
    scopes = _scopes_of(client, permissions)
    holdings.roles.data = sent.getlist("roles")
    holdings.permissions.data = sent.getlist("permissions")
    holdings.state.data = sent.get("state", "")[:64]
    scopes.ask_for.data = sent.get("ask_for")
    scopes.scopes.data = sent.getlist("scopes")
    scopes.optional_scopes.data = sent.getlist("optional_scopes")
    scopes.version.data = sent.get("version", "")[:9]
    return {"holdings": holdings, "scopes": scopes}


def scopes_change(client: Client, form: ScopesForm) -> dict[str, list[Any]]:
    """Return what saving the form would change, as the audit log would keep it."""
    wanted = {
        "scopes": form.chosen(client),
        "optional_scopes": form.chosen_optional(client),
    }
    return changes_between({name: getattr(client, name) for name in wanted}, wanted)


def scopes_in_words(changes: dict[str, list[Any]]) -> str:
    """Return what was changed as a sentence for whoever has just saved it."""
    if not changes:
        return "Nothing has changed."
    lines = (f"{line.field}: {line.after}" for line in differences(changes))
    return f"Saved: {'; '.join(lines)}. Existing tokens never gain anything by it."


def _holdings_of(
    client: Client, roles: Sequence[Role], permissions: Sequence[Permission]
) -> HoldingsForm:
    form = HoldingsForm(formdata=None)
    form.offer(roles, permissions)
    form.roles.data = [str(role.id) for role in held_roles(client.id)]
    form.permissions.data = [str(p.id) for p in direct_permissions(client.id)]
    form.state.data = holdings_state(client.id)
    return form


def _scopes_of(client: Client, permissions: Sequence[Permission]) -> ScopesForm:
    form = ScopesForm(formdata=None)
    form.offer(permissions)
    form.ask_for.data = "all" if client.scopes is None else "some"
    form.scopes.data = list(client.scopes or ())
    form.optional_scopes.data = list(client.optional_scopes)
    form.version.data = str(client.version)
    return form


def _of_the_person(search: str) -> BoxGroup:
    name = "Who signs in"
    boxes = [
        Box(
            value=scope,
            label=scope,
            about=IDENTITY_SCOPES[scope],
            is_shown=matches(search, scope, IDENTITY_SCOPES[scope], name),
        )
        for scope in OF_THE_PERSON
    ]
    return BoxGroup(name=name, boxes=boxes)
