"""A few pages of nobody's, to see what every page gets; they need no database."""

import uuid
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Flask, abort, request, session
from sqlalchemy import text

from app import create_app, web
from app.config import Settings
from app.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.extensions import db

PERSON = web.Person(
    id=uuid.UUID(int=7),
    label="Ada <b>Lovelace</b>",
    email="ada@example.com",
    permissions=frozenset({"view_users"}),
)
MakePages = Callable[..., Flask]
REFUSALS = {
    "missing": NotFoundError("There is no such app."),
    "conflict": ConflictError("That name is taken."),
    "not-allowed": NotAllowedError("You lack view_users."),
    "refused": DomainError("Give it a name."),
}
samples = Blueprint("samples", __name__)


@samples.get("/samples/open")
@web.public
def open_page() -> str:
    return "open"


@samples.get("/samples/signed-in")
@web.requires()
def signed_in_page() -> str:
    return web.current_person().email


@samples.route("/samples/users", methods=["GET", "POST"])
@web.requires("view_users")
def users_page() -> str:
    return "users"


@samples.get("/samples/system")
@web.requires("view_users", "manage_system")
def system_page() -> str:
    return "system"


@samples.get("/samples/class/<name>")
@web.public
def page_of_class(name: str) -> str:
    web.set_page_class(name)
    return "<!doctype html>"


@samples.get("/samples/machine")
@web.page_class("protocol")
@web.public
def machine_endpoint() -> dict[str, str]:
    return {"session": str("signed in" in session) if "ask" in request.args else ""}


@samples.get("/samples/panel")
@web.public
def panel_page() -> object:
    return web.render_panel("web/flashes.html", title="A panel", announce="Done.")


@samples.post("/samples/change")
@web.public
def change() -> object:
    return web.render_change(
        "web/flashes.html", url="/samples/panel", message="Settings saved."
    )


@samples.post("/samples/leave")
@web.public
def leave() -> object:
    return web.redirect_after("/samples/open")


@samples.get("/samples/fail")
@web.public
def fail() -> str:
    raise RuntimeError("the secret is hunter2")


@samples.get("/samples/abort/<int:status>")
@web.public
def abort_with(status: int) -> str:
    abort(status)


@samples.get("/samples/refuse/<kind>")
@web.public
def refuse(kind: str) -> str:
    raise REFUSALS[kind]


@samples.route("/samples/reads", methods=["GET", "POST"])
@web.public
def look() -> str:
    return str(db.session.scalar(text("SELECT 1")))


@samples.get("/samples/writes")
@web.public
@web.writes_on_get
def look_and_maybe_write() -> str:
    return str(db.session.scalar(text("SELECT 1")))


def make_pages(folder: Path, **overrides: object) -> Flask:
    """Return an application with the sample pages."""
    values: dict[str, object] = {
        "app_env": "testing",
        "secret_key": "for-tests-only-" + "0" * 32,
        "database_url": f"sqlite:///{folder / 'pages.sqlite3'}",
    }
    app = create_app(Settings.model_validate(values | overrides))
    app.register_blueprint(samples)
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    web.register_person_loader(app, lambda: None)
    return app
