"""What our protected API says of itself (RFC 9728)."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request
from sqlalchemy import select

from app.access.statements import delegable_names
from app.extensions import csrf, db, settings
from app.kept_connections import kept_connection
from app.oauth.answers import protocol
from app.oauth.metadata import cacheable
from app.tokens.challenges import WELL_KNOWN, resource_metadata_address
from app.web import page_class, public

blueprint = Blueprint("oauth_resource_metadata", __name__)
csrf.exempt(blueprint)
page_class(blueprint, "protocol")


@blueprint.get(WELL_KNOWN)
@blueprint.get(f"{WELL_KNOWN}/<path:resource>")
@public
@protocol
def protected_resource_metadata(resource: str = "") -> Response:
    """RFC 9728 §3; a path in the API's identifier goes behind the well-known one."""
    if resource and request.path != urlsplit(resource_metadata_address()).path:
        abort(404)
    return cacheable(describe_resource())


def describe_resource() -> dict[str, object]:
    """Return the members of RFC 9728 §2; each of them is true."""
    names: str | None = kept_connection(db.engine).scalar(
        select(delegable_names().label("names"))
    )
    scopes = {"scopes_supported": sorted(names.split())} if names else {}
    return {
        "resource": settings.audiences[0],
        "authorization_servers": [settings.issuer],
        # What apps may ask people for; apps that act as themselves hold their own.
        **scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": settings.app_name,
        "resource_documentation": f"{settings.issuer}/api/docs",
    }
