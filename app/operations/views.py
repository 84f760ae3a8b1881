"""Addresses for load balancers and supervisors."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.operations.readiness import problems_now
from app.web import page_class, public

blueprint = Blueprint("operations", __name__)
page_class(blueprint, "api")


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Say that the process answers; nothing else is asked."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Say whether requests can be served, and if not (503) why."""
    reasons = problems_now()
    if reasons:
        return jsonify(status="unavailable", reasons=reasons), 503
    return jsonify(status="ok")
