"""The way in at `/`."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from app.builtin import MANAGE_SYSTEM
from app.web.requires import public, signed_in_person

blueprint = Blueprint("web", __name__)


@blueprint.get("/")
@public
def home() -> Response:
    """Send people to the page where their work begins."""
    person = signed_in_person()
    if person is None:
        return redirect("/login", 303)
    if MANAGE_SYSTEM in person.permissions:
        return redirect("/developer", 303)
    return redirect("/account/apps", 303)
