"""Creating people by command, with the roles that they are to hold."""

import click
from flask.cli import with_appcontext

from app.access import catalogue, people
from app.access.effective import held_roles
from app.access.escalation import UNLIMITED
from app.access.models import Role
from app.accounts.commands import read_password
from app.cli import command_actor, json_option, print_json, refusing
from app.errors import NotFoundError
from app.extensions import db


def named_role(name: str) -> Role:
    """Return the role `name`, or raise NotFoundError with how to create it."""
    role = catalogue.find_role(name)
    if role is None:
        raise NotFoundError(
            f"There is no role {name}. Create it with permission:create-role."
        )
    return role


@click.command("user:create")
@click.argument("email")
@click.option("--name", default="", help="The person's name.")
@click.option("--role", "roles", multiple=True, help="A role to assign; repeatable.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of creating a random one.",
)
@json_option
@with_appcontext
def create_user(
    *,
    email: str,
    name: str,
    roles: tuple[str, ...],
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Create the user EMAIL.

    Without --password-stdin, a random password is created and printed once.
    """
    with refusing():
        held = [named_role(role) for role in roles]
        made = people.create_user(
            actor=command_actor(),
            powers=UNLIMITED,
            email=email,
            name=name,
            password=read_password() if password_stdin else None,
            role_ids=[role.id for role in held],
        )
        db.session.commit()
    user = made.user
    report = {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "roles": [role.name for role in held_roles(user.id)],
    }
    if as_json:
        print_json(report | ({"password": made.password} if made.password else {}))
        return
    click.echo(f"Created {user.email}.")
    if made.password:
        click.echo(f"Password (shown only once): {made.password}")
