"""Commands of keys."""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from app.audit.commanding import refusing
from app.config import PROJECT_ROOT
from app.keys.reading import MINIMUM_BITS
from app.keys.services import (
    DEFAULT_BITS,
    LONGEST_BITS,
    NewKeys,
    Wishes,
    draw_keys,
    replace_keys,
)


@click.command("passport:keys")
@click.option(
    "--force",
    is_flag=True,
    help="Replace keys that exist; tokens that they signed are invalid at once.",
)
@click.option(
    "--rotate",
    is_flag=True,
    help="Replace the keys and keep the old public one: issued tokens stay valid.",
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
    help="Write nothing; print the variables, also the private key.",
)
def passport_keys(
    *, force: bool, rotate: bool, length: int, env_file: Path, is_printed: bool
) -> None:
    """Make the key pair that signs tokens, once for each environment.

    It is written to .env as PASSPORT_PRIVATE_KEY and PASSPORT_PUBLIC_KEY; key files in
    storage/ are removed afterwards. Keys that exist are kept unless told otherwise.
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
        _tell(new, env_file, bits=length)


def _print_values(values: Mapping[str, str]) -> None:
    click.echo(
        "Nothing was written. Set these variables where the server runs, and keep "
        "the private key secret.",
        err=True,
    )
    for name, value in values.items():
        click.echo(f"{name}={value}")


def _tell(new: NewKeys, env_file: Path, *, bits: int) -> None:
    click.echo(f"A new key pair of {bits} bits is written to {env_file}.")
    for file in new.removed:
        click.echo(f"Removed {file}.")
    if new.outranked_by:
        click.echo(
            f"{' and '.join(new.outranked_by)} in the process's environment win over "
            "the file: remove them there, or the new keys are not used.",
            err=True,
        )
    click.echo("Start the server again, so that it uses them.")


COMMANDS: tuple[click.Command, ...] = (passport_keys,)
