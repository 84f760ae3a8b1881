"""Commands for people's passwords."""

import sys

import click
from flask.cli import with_appcontext

from app.accounts import services
from app.accounts.passwords import MAX_LENGTH, make_password
from app.cli import command_actor, json_option, print_json, refusing
from app.errors import DomainError, NotFoundError
from app.extensions import db


def read_password() -> str:
    """Return the first line of standard input, without its line break.

    Raises DomainError if it is empty or is no text.
    """
    try:
        line = sys.stdin.readline(MAX_LENGTH + 2)
    except UnicodeDecodeError:
        raise DomainError("Send the password as UTF-8 text.") from None
    password = line.rstrip("\r\n")
    if not password:
        raise DomainError("Send the password as one line on standard input.")
    return password


@click.command("user:password")
@click.argument("email")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of creating a random one.",
)
@json_option
@with_appcontext
def set_password(email: str, password_stdin: bool, as_json: bool) -> None:
    """Give the user EMAIL a new password and sign them out everywhere.

    Without --password-stdin, a random password is created and printed once.
    """
    actor = command_actor()
    with refusing():
        user = services.find_user_by_email(email)
        if user is None:
            raise NotFoundError(f"There is no user with the e-mail address {email}.")
        password = read_password() if password_stdin else make_password()
        services.set_password(actor=actor, user=user, password=password)
        services.sign_out_everywhere(actor=actor, user=user)
        db.session.commit()
    report = {"id": user.id, "email": user.email}
    if as_json:
        print_json(report if password_stdin else report | {"password": password})
        return
    click.echo(f"{user.email} has a new password and is signed out everywhere.")
    if not password_stdin:
        click.echo(f"Password (shown only once): {password}")


COMMANDS: tuple[click.Command, ...] = (set_password,)
