"""Creating people by command, with the roles that they are to hold."""

import click
from flask.cli import with_appcontext

from app.access import services
from app.access.effective import held_roles
from app.access.escalation import UNLIMITED
from app.access.holders import user_holder
from app.access.models import Role
from app.accounts import services as accounts
from app.accounts.commands import read_password
from app.accounts.passwords import make_password
from app.audit.commanding import command_actor, json_option, print_json, refusing
from app.errors import NotFoundError
from app.extensions import db


def named_role(name: str) -> Role:
    """Return the role `name`, or raise NotFoundError with how to create it."""
    role = services.find_role(name)
    if role is None:
        raise NotFoundError(
            f"There is no role {name}. Create it with permission:create-role."
        )
    return role


@click.command("user:create")
@click.argument("email")
@click.option("--name", default="", help="The person's name.")
@click.option("--role", "roles", multiple=True, help="A role to hold; repeatable.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of making a random one.",
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
    """Create the person EMAIL.

    Without --password-stdin a random password is made and printed once.
    """
    actor = command_actor()
    with refusing():
        held = [named_role(role) for role in roles]
        password = read_password() if password_stdin else make_password()
        user = accounts.create_user(
            actor=actor, email=email, name=name, password=password
        )
        holder = user_holder(user)
        for role in held:
            services.assign_role(
                actor=actor, powers=UNLIMITED, holder=holder, role=role
            )
        db.session.commit()
    report = {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "roles": [role.name for role in held_roles(user.id)],
    }
    if as_json:
        print_json(report if password_stdin else report | {"password": password})
        return
    click.echo(f"Created {user.email}.")
    if not password_stdin:
        click.echo(f"Password (it is shown only now): {password}")
