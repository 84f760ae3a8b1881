"""Binds the protocol's endpoints to an application."""

from flask import Flask

from app.accounts.destinations import register_app_namer
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
from app.oauth.sign_in_words import app_name_of
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
    register_app_namer(app, app_name_of)
    register_error_renderer(app, PROGRAMS, problem)
