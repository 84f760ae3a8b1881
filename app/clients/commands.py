"""Commands for clients, in Passport's words."""

import re
from datetime import timedelta
from typing import Any

import click
from flask.cli import with_appcontext

from app.access.catalogue import find_permission, find_role
from app.access.escalation import UNLIMITED
from app.access.services import assign_role, give_permission
from app.cli import command_actor, json_option, print_json, refusing
from app.clients import secrets
from app.clients.details import ClientDetails
from app.clients.holders import client_holder
from app.clients.lifecycle import IN_TRASH, restore_client
from app.clients.models import BASIC, GRANT_TYPES, POST, Client
from app.clients.queries import find_client, search_clients
from app.clients.registration import register_client
from app.clients.representation import describe_client, describe_holdings
from app.clock import utcnow
from app.errors import NotFoundError
from app.extensions import db

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_KEEP_IT = "Save the secret now: it cannot be shown again."


class Duration(click.ParamType[timedelta]):
    """A time span such as 7d, 12h, 30m or 0."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        spelled = re.fullmatch(r"([0-9]{1,6})([smhd])|0", value)
        if spelled is None:
            self.fail("Use a number with s, m, h, or d, such as 7d.", param, ctx)
        if spelled[1] is None:
            return timedelta()
        return timedelta(**{_UNITS[spelled[2]]: int(spelled[1])})


@click.command("passport:client")
@click.argument("name")
@click.option(
    "--grant",
    "grant_types",
    multiple=True,
    required=True,
    type=click.Choice(GRANT_TYPES),
    help="How it gets tokens; repeatable.",
)
@click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    help="Where people return; repeatable. Required with authorization_code.",
)
@click.option(
    "--public", is_flag=True, help="It cannot keep a secret (mobile, single-page)."
)
@click.option(
    "--auth-method",
    "token_endpoint_auth_method",
    type=click.Choice((BASIC, POST)),
    help="The only way it may send its secret. Default: either.",
)
@click.option("--role", "roles", multiple=True, help="A role to assign; repeatable.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    help="A permission to give directly; repeatable.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="What it may ask users for; repeatable. Default: every delegable permission.",
)
@click.option(
    "--optional-scope",
    "optional_scopes",
    multiple=True,
    help="What users may decline on the consent screen; repeatable.",
)
@click.option("--description", default="", help="What it is for.")
@json_option
@with_appcontext
def register(
    *,
    roles: tuple[str, ...],
    permissions: tuple[str, ...],
    scopes: tuple[str, ...],
    public: bool,
    as_json: bool,
    **details: Any,
) -> None:
    """Register the app NAME and print its ID and, once, its secret."""
    with refusing():
        registration = register_client(
            actor=command_actor(),
            details=ClientDetails(
                is_confidential=not public, scopes=scopes or None, **details
            ),
        )
        _give(registration.client, roles=roles, permissions=permissions)
        db.session.commit()
    client, secret = registration.client, registration.secret
    if as_json:
        proof = {"client_secret": secret} if secret else {}
        print_json(describe_client(client) | describe_holdings(client) | proof)
        return
    click.echo(f"Registered {client.name}.")
    click.echo(f"client_id      {client.id}")
    if secret:
        click.echo(f"client_secret  {secret}")
        click.echo(_KEEP_IT)


@click.command("passport:clients")
@click.option("--deleted", is_flag=True, help="List apps in the trash.")
@json_option
@with_appcontext
def list_clients(*, deleted: bool, as_json: bool) -> None:
    """List the registered apps by name."""
    query = search_clients(status="deleted" if deleted else None)
    clients = db.session.scalars(query).all()
    if as_json:
        print_json([describe_client(c) | describe_holdings(c) for c in clients])
        return
    if not clients:
        click.echo(
            "The trash is empty."
            if deleted
            else "No apps are registered. Register one with flask passport:client."
        )
    for client in clients:
        grants = ", ".join(client.grant_types)
        state = "" if client.disabled_at is None else "  (disabled)"
        click.echo(f"{client.id}  {client.name}  {grants}{state}")


@click.command("passport:restore")
@click.argument("client_id", metavar="ID")
@with_appcontext
def restore(client_id: str) -> None:
    """Restore the app ID from the trash. Old tokens and secrets are not restored."""
    with refusing():
        client = named_client(client_id, with_deleted=True)
        restore_client(actor=command_actor(), client=client)
        db.session.commit()
    click.echo(f"Restored {client.name}.")
    if client.is_confidential:
        click.echo(f"Give it a new secret with: flask passport:secret {client.id}")


@click.command("passport:secret")
@click.argument("client_id", metavar="ID")
@click.option(
    "--expire-others-in",
    "overlap",
    type=Duration(),
    help="Expire its other secrets after this time, such as 7d, 12h, or 0 for now.",
)
@json_option
@with_appcontext
def add_secret(*, client_id: str, overlap: timedelta | None, as_json: bool) -> None:
    """Create another secret for the app ID and print it once."""
    expire_others_at = None if overlap is None else utcnow() + overlap
    with refusing():
        client = named_client(client_id)
        _, secret = secrets.add_secret(
            actor=command_actor(), client=client, expire_others_at=expire_others_at
        )
        db.session.commit()
    if as_json:
        print_json(
            {
                "client_id": client.id,
                "client_secret": secret,
                "others_expire_at": expire_others_at,
            }
        )
        return
    click.echo(f"client_id      {client.id}")
    click.echo(f"client_secret  {secret}")
    click.echo(_KEEP_IT)
    if expire_others_at is not None:
        click.echo(
            f"Its other secrets expire at {expire_others_at:%Y-%m-%d %H:%M} UTC."
        )


def named_client(client_id: str, *, with_deleted: bool = False) -> Client:
    """Return the client with this id, or raise NotFoundError."""
    client = find_client(client_id, with_deleted=with_deleted)
    if client is not None:
        return client
    if find_client(client_id, with_deleted=True):
        raise NotFoundError(f"{IN_TRASH} with: flask passport:restore {client_id}")
    raise NotFoundError(
        "There is no app with this ID. List all with: flask passport:clients"
    )


def _give(
    client: Client, *, roles: tuple[str, ...], permissions: tuple[str, ...]
) -> None:
    holder = client_holder(client)
    for name in roles:
        role = find_role(name)
        if role is None:
            raise NotFoundError(f"There is no role {name}.")
        assign_role(actor=command_actor(), powers=UNLIMITED, holder=holder, role=role)
    for name in permissions:
        permission = find_permission(name)
        if permission is None:
            raise NotFoundError(f"There is no permission {name}.")
        give_permission(
            actor=command_actor(),
            powers=UNLIMITED,
            holder=holder,
            permission=permission,
        )


COMMANDS: tuple[click.Command, ...] = (
    register,
    list_clients,
    restore,
    add_secret,
)
