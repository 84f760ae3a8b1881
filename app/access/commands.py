"""Commands for roles and permissions, in Spatie's words."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext

from app.access import catalogue, services
from app.access.effective import (
    EffectivePermission,
    effective_permissions,
    held_roles,
)
from app.access.escalation import UNLIMITED
from app.access.holders import Holder, find_holder
from app.access.models import Permission
from app.access.user_commands import create_user, named_role
from app.cli import command_actor, json_option, print_json, refusing
from app.errors import NotFoundError
from app.extensions import db


@click.command("permission:create-permission")
@click.argument("name")
@click.option("--description", default="", help="What people read.")
@click.option("--group", default="", help="The heading it is listed under.")
@click.option("--delegable", is_flag=True, help="Apps may ask users for it.")
@json_option
@with_appcontext
def create_permission(
    *, name: str, description: str, group: str, delegable: bool, as_json: bool
) -> None:
    """Create the permission NAME, such as view_invoices."""
    with refusing():
        permission = catalogue.create_permission(
            actor=command_actor(),
            name=name,
            description=description,
            group=group,
            is_delegable=delegable,
        )
        db.session.commit()
    if as_json:
        print_json(
            {
                "id": permission.id,
                "name": permission.name,
                "description": permission.description,
                "group": permission.group,
                "is_delegable": permission.is_delegable,
            }
        )
    else:
        click.echo(f"Created the permission {permission.name}.")


@click.command("permission:create-role")
@click.argument("name")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    help="A permission it includes; repeatable.",
)
@click.option("--description", default="", help="Who should hold it.")
@json_option
@with_appcontext
def create_role(
    *, name: str, permissions: tuple[str, ...], description: str, as_json: bool
) -> None:
    """Create the role NAME."""
    with refusing():
        role = catalogue.create_role(
            actor=command_actor(),
            powers=UNLIMITED,
            name=name,
            permissions=[_permission(permission) for permission in permissions],
            description=description,
        )
        db.session.commit()
    held = [permission.name for permission in role.permissions]
    if as_json:
        print_json({"id": role.id, "name": role.name, "permissions": held})
    else:
        click.echo(f"Created the role {role.name}.")


@click.command("permission:assign-role")
@click.argument("holder")
@click.argument("role")
@with_appcontext
def assign_role(holder: str, role: str) -> None:
    """Assign ROLE to HOLDER, an e-mail address or a client ID."""
    _change_role(services.assign_role, holder, role, done="now has", same="already has")


@click.command("permission:remove-role")
@click.argument("holder")
@click.argument("role")
@with_appcontext
def remove_role(holder: str, role: str) -> None:
    """Remove ROLE from HOLDER, an e-mail address or a client ID."""
    _change_role(
        services.remove_role, holder, role, done="no longer has", same="does not have"
    )


@click.command("permission:give")
@click.argument("holder")
@click.argument("permission")
@with_appcontext
def give(holder: str, permission: str) -> None:
    """Give PERMISSION directly to HOLDER, an e-mail address or a client ID."""
    with refusing():
        found, thing = _holder(holder), _permission(permission)
        is_new = services.give_permission(
            actor=command_actor(), powers=UNLIMITED, holder=found, permission=thing
        )
        db.session.commit()
    verb = "now holds" if is_new else "already holds"
    click.echo(f"{found.label} {verb} {thing.name} directly.")


@click.command("permission:revoke")
@click.argument("holder")
@click.argument("permission")
@with_appcontext
def revoke(holder: str, permission: str) -> None:
    """Take PERMISSION from HOLDER, an e-mail address or a client ID.

    This removes only what was given directly. Roles that still give it are listed.
    """
    with refusing():
        found, thing = _holder(holder), _permission(permission)
        was_held = services.revoke_permission(
            actor=command_actor(), powers=UNLIMITED, holder=found, permission=thing
        )
        db.session.commit()
    verb = "no longer holds" if was_held else "did not hold"
    click.echo(f"{found.label} {verb} {thing.name} directly.")
    left = [p for p in effective_permissions(found.id) if p.name == thing.name]
    for role in (role for item in left for role in item.via):
        click.echo(f"The role {role} still gives it.")


@click.command("permission:show")
@click.argument("holder", required=False)
@json_option
@with_appcontext
def show(holder: str | None, as_json: bool) -> None:
    """Show what HOLDER may do and why, or, without HOLDER, all roles and permissions.

    HOLDER is an e-mail address or a client ID.
    """
    if holder is None:
        _show_catalogue(as_json)
        return
    with refusing():
        found = _holder(holder)
    roles = [role.name for role in held_roles(found.id)]
    held = effective_permissions(found.id)
    if as_json:
        print_json(
            {
                "holder": {"kind": found.kind, "id": found.id, "label": found.label},
                "roles": roles,
                "permissions": [
                    {"name": p.name, "is_direct": p.is_direct, "via": list(p.via)}
                    for p in held
                ],
            }
        )
        return
    click.echo(f"{found.label} ({found.kind} {found.id})")
    click.echo(f"Roles: {', '.join(roles) or 'none'}")
    click.echo("Permissions:" if held else "Permissions: none")
    for permission in held:
        click.echo(f"  {permission.name}  ({sources_in_words(permission)})")


def sources_in_words(permission: EffectivePermission) -> str:
    """Say where a permission comes from: `direct`, `via role X`, or both."""
    sources = ["direct"] if permission.is_direct else []
    return ", ".join([*sources, *(f"via role {role}" for role in permission.via)])


def _show_catalogue(as_json: bool) -> None:
    roles, permissions = catalogue.list_roles(), catalogue.list_permissions()
    if as_json:
        print_json(
            {
                "roles": [
                    {"name": r.name, "permissions": [p.name for p in r.permissions]}
                    for r in roles
                ],
                "permissions": [
                    {"name": p.name, "is_delegable": p.is_delegable}
                    for p in permissions
                ],
            }
        )
        return
    click.echo("Roles:")
    for role in roles:
        held = ", ".join(permission.name for permission in role.permissions)
        click.echo(f"  {role.name}  ({held or 'no permissions'})")
    click.echo("Permissions:")
    for permission in permissions:
        click.echo(f"  {permission.name}  {permission.description}".rstrip())


def _change_role(
    change: Callable[..., Any], holder: str, role: str, *, done: str, same: str
) -> None:
    with refusing():
        found, thing = _holder(holder), named_role(role)
        is_new = change(
            actor=command_actor(), powers=UNLIMITED, holder=found, role=thing
        )
        db.session.commit()
    click.echo(f"{found.label} {done if is_new else same} the role {thing.name}.")


def _holder(name: str) -> Holder:
    holder = find_holder(name)
    if holder is None:
        raise NotFoundError(f"There is no user or app {name}.")
    return holder


def _permission(name: str) -> Permission:
    permission = catalogue.find_permission(name)
    if permission is None:
        raise NotFoundError(
            f"There is no permission {name}. "
            "Create it with permission:create-permission."
        )
    return permission


COMMANDS: tuple[click.Command, ...] = (
    create_user,
    create_permission,
    create_role,
    assign_role,
    remove_role,
    give,
    revoke,
    show,
)
