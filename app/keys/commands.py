"""Commands of keys."""

import click

COMMANDS: tuple[click.Command, ...] = ()
