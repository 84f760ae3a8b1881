"""`/clients/…/tokens`: the live access tokens of an app, and ending them."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from app.accounts.services import find_user
from app.api.bearer import current_actor, requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.client_documents import find_any
from app.api.fields import Moment, PageFields, PageQuery, Shown
from app.api.paging import page_of
from app.builtin import MANAGE_SYSTEM
from app.errors import NotFoundError
from app.extensions import db
from app.tokens.models import AccessToken
from app.tokens.queries import live_tokens
from app.tokens.revocation import (
    revoke_client_tokens,
    revoke_one_token,
    revoke_user_client_tokens,
)
from app.web.counting import ENOUGH

blueprint = ApiBlueprint("client_tokens", description="The live tokens of an app.")


class TokenUserSchema(Shown):
    """Whom a token acts for."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)


class TokenSchema(Shown):
    """An access token, by what can be told of it."""

    jti = fields.UUID(required=True)
    scope = fields.String(required=True)
    issued_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    user = fields.Nested(TokenUserSchema, required=True, allow_none=True)


class TokenPageSchema(PageFields):
    """A page of tokens, the last to expire first."""

    total = fields.Integer(
        required=True,
        metadata={
            "description": f"Counted to {ENOUGH}, where the list ends; see expires_by."
        },
    )
    tokens = fields.List(fields.Nested(TokenSchema), required=True)


class UserChoice(Schema):
    """Only one user's."""

    user_id = fields.UUID(
        load_default=None,
        metadata={"description": "Only tokens that act for this user."},
    )


class TokenQuery(PageQuery, UserChoice):
    """Which tokens to list."""

    expires_by = Moment(
        load_default=None,
        metadata={
            "description": "Only tokens that expire by then. The list has the "
            f"{ENOUGH} that expire last: to read others, send the expires_at of the "
            "last one."
        },
    )


@blueprint.operation("GET", "/clients/<uuid:client_id>/tokens")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(TokenQuery, location="query")
@blueprint.gives(200, TokenPageSchema, description="A page of tokens.")
def list_tokens(query: Mapping[str, Any], client_id: uuid.UUID) -> dict[str, Any]:
    """List the access tokens of an app that work now."""
    found = live_tokens(find_any(client_id).id)
    if query["user_id"] is not None:
        found = found.where(AccessToken.user_id == query["user_id"])
    if query["expires_by"] is not None:
        found = found.where(AccessToken.expires_at <= query["expires_by"])
    return page_of(
        found,
        page=query["page"],
        per_page=query["per_page"],
        name="tokens",
        most=ENOUGH,
        show=_show,
    )


@blueprint.operation("DELETE", "/clients/<uuid:client_id>/tokens")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(UserChoice, location="query")
@blueprint.gives(204, description="The tokens no longer work.")
def revoke_tokens(query: Mapping[str, Any], client_id: uuid.UUID) -> None:
    """Revoke all of an app's codes and tokens, or those that act for one user."""
    client = find_any(client_id)
    if query["user_id"] is None:
        revoke_client_tokens(actor=current_actor(), client=client)
    else:
        user = find_user(query["user_id"])
        if user is None:
            raise NotFoundError("There is no user with this ID.")
        revoke_user_client_tokens(
            actor=current_actor(),
            client=client,
            user_id=user.id,
            user_label=user.label,
        )
    db.session.commit()


@blueprint.operation("DELETE", "/clients/<uuid:client_id>/tokens/<uuid:jti>")
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(204, description="The token no longer works.")
def revoke_token(client_id: uuid.UUID, jti: uuid.UUID) -> None:
    """Revoke one access token, and the refresh tokens that belong to it."""
    client = find_any(client_id)
    if not revoke_one_token(actor=current_actor(), client=client, token_id=jti):
        raise NotFoundError("This app has no live token with this ID.")
    db.session.commit()


def _show(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            "jti": row.id,
            "scope": row.scope,
            "issued_at": row.issued_at,
            "expires_at": row.expires_at,
            "user": None
            if row.user_id is None
            else {"id": row.user_id, "email": row.user_email, "name": row.user_name},
        }
        for row in rows
    ]
