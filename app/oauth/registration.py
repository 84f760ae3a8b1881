"""Binds the protocol's endpoints to an application."""

from flask import Flask

from app.oauth import (
    authorization_views,
    consent_views,
    cors,
    gateway_views,
    logout_views,
    metadata,
    resource_metadata,
    token_views,
    userinfo,
)
from app.oauth.answers import problem
from app.web.errors import register_error_renderer

#: Where programs ask: they get a problem document where people would get a page.
PROGRAMS = (
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/userinfo",
    "/oauth/verify",
    "/.well-known/",
)


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    for module in (
        authorization_views,
        consent_views,
        gateway_views,
        logout_views,
        metadata,
        resource_metadata,
        token_views,
        userinfo,
    ):
        app.register_blueprint(module.blueprint)
    cors.init_app(app)
    register_error_renderer(app, PROGRAMS, problem)
