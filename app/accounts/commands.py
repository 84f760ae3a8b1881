"""Commands of accounts."""

import click

COMMANDS: tuple[click.Command, ...] = ()
