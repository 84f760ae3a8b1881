"""Gatepass: an OAuth 2 authorization server, its console and a protected API."""

from flask import Flask

from app import composition
from app.config import Settings, SettingsError, load_environment, read_settings
from app.keys.checking import key_problems


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application, whole and ready to serve.

    Without `settings` they are read from the environment; SettingsError names every
    problem that keeps the product from running safely.
    """
    if settings is None:
        settings, problems = read_settings()
        problems += key_problems(settings)
        if problems:
            raise SettingsError(problems)
    app = Flask(__name__)
    composition.configure(app, settings)
    composition.bind_extensions(app, settings)
    composition.register_blueprints(app)
    composition.register_commands(app)
    return app


__all__ = ["create_app", "load_environment"]
