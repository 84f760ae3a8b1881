"""Binds the API to an application."""

from flask import Flask

from app.api import (
    client_access,
    client_activity,
    client_secrets,
    client_tokens,
    clients,
    docs,
    me,
    problems,
    users,
)
from app.api.description import OpenApi

MODULES = (
    me,
    users,
    clients,
    client_secrets,
    client_access,
    client_tokens,
    client_activity,
)


def init_app(app: Flask) -> None:
    """Register the blueprints and describe them in the OpenAPI document."""
    problems.init_app(app)
    api = OpenApi(app)
    for module in MODULES:
        api.register_blueprint(module.blueprint)
    docs.init_app(app, api.document())
