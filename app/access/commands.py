"""Commands of access."""

import click

COMMANDS: tuple[click.Command, ...] = ()
