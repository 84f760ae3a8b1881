"""Commands of operations."""

import click

COMMANDS: tuple[click.Command, ...] = ()
