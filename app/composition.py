"""The steps of `create_app`: the only place that knows every package."""

from datetime import timedelta

from flask import Flask

from app import database, web
from app.access import commands as access_commands
from app.access import views as access_views
from app.access.connected import AppsOfPeople, register_apps
from app.access.impact import register_impact
from app.access.signed_in import load_person
from app.accounts import commands as accounts_commands
from app.accounts import sign_in
from app.accounts import views as accounts_views
from app.api import registration as api
from app.audit import views as audit_views
from app.clients import commands as clients_commands
from app.config import PROJECT_ROOT, Settings
from app.consents.services import withdraw_app
from app.developer import views as developer_views
from app.extensions import csrf, db, limiter, login_manager, migrate
from app.keys import commands as keys_commands
from app.oauth import registration as oauth
from app.operations import commands as operations_commands
from app.operations import views as operations_views
from app.portal import views as portal_views
from app.portal.connected_apps import connected_apps
from app.tokens import commands as tokens_commands
from app.tokens import impact as tokens_impact
from app.tokens.queries import live_token_count_for
from app.web.session_cookie import BroughtSessionInterface


def configure(app: Flask, settings: Settings) -> None:
    """Turn our settings into Flask's and its extensions'."""
    app.extensions["gatepass_settings"] = settings
    app.session_interface = BroughtSessionInterface()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-gatepass" if settings.is_https else "gatepass",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=500,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.sqlalchemy_url),
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=settings.ratelimit_storage_uri,
        RATELIMIT_ENABLED=settings.ratelimit_enabled,
        RATELIMIT_STORAGE_OPTIONS={"wrap_exceptions": True},
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]


def bind_extensions(app: Flask, settings: Settings) -> None:
    """Bind Flask's extensions and everything a page needs to `app`."""
    db.init_app(app)
    with app.app_context():
        database.prepare_engine(
            db.engine, sqlite_synchronous=settings.sqlite_synchronous
        )
    migrate.init_app(
        app, db, directory=str(PROJECT_ROOT / "migrations"), render_as_batch=True
    )
    # Its init_app would read the session after every request, for a remember-me cookie
    # that we do not have, and ask for the person on every page, error pages included.
    app.login_manager = login_manager  # type: ignore[attr-defined]
    csrf.init_app(app)
    # It takes itself for bound and leaves out its hooks, a cost to every request:
    # `app.web.throttle` asks it only where a limit is due.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    web.init_app(app, settings)
    sign_in.init_app(app)
    web.register_person_loader(app, load_person)
    register_impact("user", tokens_impact.impact_on_user)
    register_impact("permission", tokens_impact.impact_on_permission)
    register_apps(
        AppsOfPeople(
            list_for=connected_apps,
            count_live_tokens=live_token_count_for,
            end=withdraw_app,
        )
    )


def register_blueprints(app: Flask) -> None:
    """Give every address its view."""
    for blueprint in (
        accounts_views.blueprint,
        access_views.blueprint,
        audit_views.blueprint,
        developer_views.blueprint,
        portal_views.blueprint,
        operations_views.blueprint,
    ):
        app.register_blueprint(blueprint)
    oauth.init_app(app)
    api.init_app(app)


def register_commands(app: Flask) -> None:
    """Give the `flask` command ours."""
    for module in (
        keys_commands,
        accounts_commands,
        access_commands,
        clients_commands,
        tokens_commands,
        operations_commands,
    ):
        for command in module.COMMANDS:
            app.cli.add_command(command)
