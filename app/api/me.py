"""`/me`: who the token is, for whom it acts and what it may do at this moment."""

import json

from flask import Response
from marshmallow import fields

from app.access.scopes import join_scope
from app.api.bearer import current_token, requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.fields import Shown

blueprint = ApiBlueprint("me", description="Whom the token belongs to.")


class PersonSchema(Shown):
    """The person that a token acts for."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)


class MeSchema(Shown):
    """An access token as this API sees it now."""

    client_id = fields.UUID(required=True)
    client_name = fields.String(required=True)
    user = fields.Nested(
        PersonSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null where the app acts as itself."},
    )
    scope = fields.String(
        required=True,
        metadata={"description": "What the token was issued for, once and for all."},
    )
    permissions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What a request with it may do at this moment."},
    )


@blueprint.operation("GET", "/me")
@requires_permission()
@blueprint.describes(200, MeSchema, description="The token, its app and its user.")
def show_token() -> Response:
    """Who the token is, for whom it acts and what it may do now.

    Every active token for this API may ask, whatever its scope.
    """
    # Every integration calls this often, so it is written without the schema's detour.
    token = current_token()
    user = None
    if token.user_id is not None:
        user = {
            "id": str(token.user_id),
            "email": token.user_email,
            "name": token.user_name,
        }
    body = {
        "client_id": str(token.client_id),
        "client_name": token.client_name,
        "user": user,
        "scope": join_scope(token.scope),
        "permissions": sorted(token.permissions),
    }
    return Response(json.dumps(body), mimetype="application/json")
