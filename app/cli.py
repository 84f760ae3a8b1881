"""What commands share: who acts, JSON on standard output, and refusals as exit 1."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from app.audit.actor import Actor
from app.errors import DomainError

#: For commands that create or list: the parameter is named `as_json`.
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON value."
)


def command_actor() -> Actor:
    """Return the operator who runs the current command."""
    return Actor.command(click.get_current_context().command.name or "command")


def print_json(value: Any) -> None:
    """Print exactly one JSON value on standard output."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a rule's refusal into its sentence on standard error and exit code 1."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(error.message) from None


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
