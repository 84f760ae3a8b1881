"""Commands of clients."""

import click

COMMANDS: tuple[click.Command, ...] = ()
