"""Gatepass: an OAuth 2 authorization server, its console and a protected API."""

import gc
from copy import copy
from typing import Any

import click
from flask import Flask

from app import composition
from app.config import Settings, SettingsError, load_environment, read_settings
from app.keys.checking import key_problems

#: What runs in an environment with problems, because it mends or reports them.
MENDING_COMMANDS = frozenset({"passport:keys", "passport:install", "passport:doctor"})


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application, whole and ready to serve.

    Without `settings` they are read from the environment; SettingsError names every
    problem that keeps the product from running safely.
    """
    if settings is None:
        settings, problems = _read_environment()
        if problems:
            raise SettingsError(problems)
    return _assemble(settings)


def create_cli_app() -> Flask:
    """Return the application for the `flask` command, with `.env` taken in.

    In an environment with problems only the commands that mend or report them run.
    """
    load_environment()
    settings, problems = _read_environment()
    context = click.get_current_context(silent=True)
    if problems and context is not None and context.parent is not None:
        # One of Flask's own commands (run, shell, routes, db) is already under way.
        raise _Refusal(problems)
    app = _assemble(settings)
    app.extensions["gatepass_problems"] = problems
    if problems:
        _refuse_commands(app, problems)
    spare_what_stays()
    return app


def spare_what_stays() -> None:
    """Let Python's collector pass over all there is now: it stays to the process's end.

    Going through it costs half a second at the end of each command, and a server a
    pause in the middle of a request now and then.
    """
    gc.freeze()


class _Refusal(click.ClickException):
    """The environment cannot be used as it is: exit status 1 and every reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "\n".join(["Gatepass cannot run:", *(f"  - {p}" for p in problems)])
        )


def _read_environment() -> tuple[Settings, list[str]]:
    settings, problems = read_settings()
    return settings, problems + key_problems(settings)


def _assemble(settings: Settings) -> Flask:
    app = Flask(__name__)
    composition.configure(app, settings)
    composition.bind_extensions(app, settings)
    composition.register_blueprints(app)
    composition.register_commands(app)
    return app


def _refuse_commands(app: Flask, problems: list[str]) -> None:
    def refuse(**_arguments: Any) -> None:
        raise _Refusal(problems)

    for name, command in app.cli.commands.items():
        if name not in MENDING_COMMANDS:
            # A copy, since commands are shared by every application of the process.
            refusing = copy(command)
            refusing.callback = refuse
            app.cli.commands[name] = refusing


__all__ = ["create_app", "create_cli_app", "load_environment", "spare_what_stays"]
