"""The OpenAPI document and the page that shows it; both are open to everybody."""

import json
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template

from app.api.problems import KINDS
from app.api.reference import groups_of, schemas_of
from app.web import page_class, public

blueprint = Blueprint("api_docs", __name__)
_EXTENSION = "gatepass_openapi"


def init_app(app: Flask, document: dict[str, Any]) -> None:
    """Serve the document as it is; it does not change while the server runs."""
    app.extensions[_EXTENSION] = document
    app.register_blueprint(blueprint)


@blueprint.get("/api/v1/openapi.json")
@public
@page_class("api")
def openapi_document() -> Response:
    """The description of the API for programs (OpenAPI 3.1)."""
    document = current_app.extensions[_EXTENSION]
    return Response(json.dumps(document, indent=2), mimetype="application/json")


@blueprint.get("/api/docs")
@public
@page_class("reference")
def reference() -> str:
    """The same for people, without anything from elsewhere."""
    document = current_app.extensions[_EXTENSION]
    return render_template(
        "api/docs.html",
        title=document["info"]["title"],
        description=document["info"]["description"],
        groups=groups_of(document),
        schemas=schemas_of(document),
        kinds=KINDS,
    )
