"""Commands for tokens."""

import click
from flask.cli import with_appcontext

from app.accounts.services import find_user_by_email
from app.cli import command_actor, refusing
from app.clients.commands import named_client
from app.errors import NotFoundError
from app.extensions import db
from app.tokens.revocation import revoke_client_tokens, revoke_user_client_tokens


@click.command("passport:revoke")
@click.argument("client_id", metavar="ID")
@click.option(
    "--user", "email", help="Only tokens that act for this user; an e-mail address."
)
@with_appcontext
def revoke(*, client_id: str, email: str | None) -> None:
    """Revoke all tokens of the app ID. The app itself does not change."""
    actor = command_actor()
    with refusing():
        client = named_client(client_id, with_deleted=True)
        if email is None:
            revoke_client_tokens(actor=actor, client=client)
        else:
            user = find_user_by_email(email)
            if user is None:
                raise NotFoundError(
                    f"There is no user with the e-mail address {email}."
                )
            revoke_user_client_tokens(
                actor=actor, client=client, user_id=user.id, user_label=user.label
            )
        db.session.commit()
    whose = "all tokens" if email is None else f"all tokens for {email}"
    click.echo(f"Revoked {whose} of {client.name}.")


COMMANDS: tuple[click.Command, ...] = (revoke,)
