"""Binds the API to an application."""

from flask import Flask

from app.api import me, problems, users
from app.api.description import OpenApi

BLUEPRINTS = (me.blueprint, users.blueprint)


def init_app(app: Flask) -> None:
    """Register the blueprints and describe them in the OpenAPI document."""
    problems.init_app(app)
    api = OpenApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
