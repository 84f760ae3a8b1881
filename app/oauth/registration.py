"""Binds the protocol's endpoints to an application."""

from flask import Flask

from app.oauth import authorization_views, consent_views, metadata, token_views


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    for module in (authorization_views, consent_views, metadata, token_views):
        app.register_blueprint(module.blueprint)
