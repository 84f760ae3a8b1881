"""Commands of keys."""

import os
from collections.abc import Mapping
from pathlib import Path

import click
from flask import has_app_context
from sqlalchemy.exc import SQLAlchemyError

from app.audit.services import record
from app.cli import command_actor, refusing
from app.config import PROJECT_ROOT
from app.database import is_database_there
from app.extensions import db, settings
from app.keys.checking import PUBLIC
from app.keys.published import announce, key_id
from app.keys.reading import MINIMUM_BITS
from app.keys.services import (
    DEFAULT_BITS,
    LONGEST_BITS,
    NewKeys,
    Wishes,
    draw_keys,
    replace_keys,
)

#: For how long others may keep our keys: the metadata say so too.
LEARNING_TIME = "five minutes"


@click.command("passport:keys")
@click.option(
    "--force",
    is_flag=True,
    help="Replace existing keys. Tokens they signed become invalid immediately.",
)
@click.option(
    "--rotate",
    is_flag=True,
    help="Replace the keys and keep the old public key: issued tokens stay valid.",
)
@click.option(
    "--length",
    type=click.IntRange(MINIMUM_BITS, LONGEST_BITS),
    default=DEFAULT_BITS,
    show_default=True,
    metavar="BITS",
    help="Length of the RSA key.",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=PROJECT_ROOT / ".env",
    show_default=".env",
    help="The file to write.",
)
@click.option(
    "--print",
    "is_printed",
    is_flag=True,
    help="Write nothing; print the variables, including the private key.",
)
def passport_keys(
    *, force: bool, rotate: bool, length: int, env_file: Path, is_printed: bool
) -> None:
    """Create the key pair that signs tokens, once per environment.

    It is written to .env as PASSPORT_PRIVATE_KEY and PASSPORT_PUBLIC_KEY; key files in
    storage/ are then removed. Existing keys are kept unless you choose otherwise.
    """
    wishes = Wishes(bits=length, is_forced=force, is_rotation=rotate)
    act = draw_keys if is_printed else replace_keys
    try:
        with refusing():
            new = act(env_file, environment=os.environ, wishes=wishes)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"The keys could not be written: {error}") from None
    if is_printed:
        _print_values(new.values)
    else:
        is_announced = _announce(new, is_rotation=rotate)
        _tell(new, env_file, bits=length)
        _tell_when_to_start(is_rotation=rotate, is_announced=is_announced)


def _print_values(values: Mapping[str, str]) -> None:
    click.echo(
        "Nothing was written. Set these variables where the server runs, and keep "
        "the private key secret.",
        err=True,
    )
    for name, value in values.items():
        click.echo(f"{name}={value}")


def _tell(new: NewKeys, env_file: Path, *, bits: int) -> None:
    click.echo(f"A new {bits}-bit key pair has been written to {env_file}.")
    for file in new.removed:
        click.echo(f"Removed {file}.")
    if new.outranked_by:
        click.echo(
            f"{' and '.join(new.outranked_by)} in the process environment override "
            "the file. Remove them there, or the new keys will not be used.",
            err=True,
        )


def _announce(new: NewKeys, *, is_rotation: bool) -> bool:
    """Tell running servers by their database; return whether it could be reached.

    Where nothing was replaced there is nobody to tell, and maybe no database yet.
    """
    if new.replaced is None or not has_app_context():
        return False
    if not is_database_there(settings.sqlalchemy_url):
        return False
    try:
        announce(replaced=new.replaced, new=new.values[PUBLIC] if is_rotation else None)
        _remember(new, is_rotation=is_rotation)
    except SQLAlchemyError:
        return False
    return True


def _remember(new: NewKeys, *, is_rotation: bool) -> None:
    kids = [
        key_id(text) for text in (new.replaced, new.values[PUBLIC]) if text is not None
    ]
    record(
        actor=command_actor(),
        action="keys.rotated" if is_rotation else "keys.replaced",
        subject_kind="server",
        subject_label="the signing keys",
        details={"kid": kids},
    )
    db.session.commit()


def _tell_when_to_start(*, is_rotation: bool, is_announced: bool) -> None:
    if not is_rotation:
        click.echo("Restart the server to use them.")
    elif is_announced:
        click.echo(
            "The new public key is already published. APIs that verify tokens "
            f"themselves may cache our keys for {LEARNING_TIME}: wait that long, then "
            "restart the servers one at a time."
        )
    else:
        click.echo(
            "The new public key could not be published, because the database cannot "
            "be reached from here. Restart the servers one at a time. APIs that "
            f"verify tokens themselves learn the new key within {LEARNING_TIME}."
        )


COMMANDS: tuple[click.Command, ...] = (passport_keys,)
