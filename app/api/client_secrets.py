"""`/clients/…/secrets`: several may overlap while one is replaced."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from app.api.bearer import current_actor, requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.client_documents import find_any, find_kept
from app.api.fields import Shown
from app.builtin import MANAGE_SYSTEM
from app.clients.models import Client, ClientSecret
from app.clients.secret_lists import find_secret, retired_secrets, secrets_in_use
from app.clients.secrets import add_secret, revoke_secret
from app.clock import utcnow
from app.errors import NotFoundError
from app.extensions import db

TEN_YEARS = 10 * 365 * 86_400
blueprint = ApiBlueprint("client_secrets", description="The secrets of an app.")


class SecretSchema(Shown):
    """A secret; the word itself cannot be read again."""

    id = fields.UUID(required=True)
    hint = fields.String(
        required=True, metadata={"description": "Its last characters."}
    )
    is_live = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True, allow_none=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class NewSecretSchema(SecretSchema):
    """A new secret."""

    client_id = fields.UUID(required=True)
    client_secret = fields.String(
        required=True, metadata={"description": "Shown only in this response."}
    )


class SecretListSchema(Shown):
    """The secrets of an app that work and those that ended of late, oldest first."""

    secrets = fields.List(fields.Nested(SecretSchema), required=True)


class SecretWish(Schema):
    """How long the new secret and the old ones last."""

    expires_in = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, TEN_YEARS),
        metadata={
            "description": "Seconds until it expires. If omitted, it does not expire."
        },
    )
    expire_others_in = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, TEN_YEARS),
        metadata={
            "description": "Seconds until every other secret expires at the latest; "
            "0 ends them now. If omitted, they do not change.",
            "examples": [604_800],
        },
    )


@blueprint.operation("GET", "/clients/<uuid:client_id>/secrets")
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(200, SecretListSchema, description="The app's secrets.")
def list_secrets(client_id: uuid.UUID) -> dict[str, Any]:
    """List an app's secrets, without their values.

    Those that ended are listed for 90 days, and no more than the 50 newest.
    """
    client = find_any(client_id)
    secrets = [(secret, True) for secret in secrets_in_use([client.id])[client.id]]
    secrets += [(secret, False) for secret in retired_secrets(client)]
    secrets.sort(key=lambda pair: (pair[0].created_at, pair[0].id))
    return {"secrets": [_show(secret, is_live=live) for secret, live in secrets]}


@blueprint.operation("POST", "/clients/<uuid:client_id>/secrets")
@requires_permission(MANAGE_SYSTEM)
@blueprint.takes(SecretWish)
@blueprint.gives(201, NewSecretSchema, description="The secret, shown this once.")
def create_secret(
    given: Mapping[str, Any], client_id: uuid.UUID
) -> tuple[dict[str, Any], int]:
    """Add a secret. The old ones keep working unless told otherwise."""
    client = find_kept(client_id)
    now = utcnow()
    ends = {
        name: None if given[name] is None else now + timedelta(seconds=given[name])
        for name in ("expires_in", "expire_others_in")
    }
    secret, plaintext = add_secret(
        actor=current_actor(),
        client=client,
        expires_at=ends["expires_in"],
        expire_others_at=ends["expire_others_in"],
    )
    db.session.commit()
    told = {"client_id": client.id, "client_secret": plaintext}
    return _show(secret, is_live=True) | told, 201


@blueprint.operation("DELETE", "/clients/<uuid:client_id>/secrets/<uuid:secret_id>")
@requires_permission(MANAGE_SYSTEM)
@blueprint.gives(204, description="The secret no longer works.")
def delete_secret(client_id: uuid.UUID, secret_id: uuid.UUID) -> None:
    """Revoke a secret immediately. Tokens issued with it stay valid."""
    revoke_secret(actor=current_actor(), secret=_find(find_any(client_id), secret_id))
    db.session.commit()


def _find(client: Client, secret_id: uuid.UUID) -> ClientSecret:
    secret = find_secret(client=client, secret_id=secret_id)
    if secret is None:
        raise NotFoundError("This app has no secret with this ID.")
    return secret


def _show(secret: ClientSecret, *, is_live: bool) -> dict[str, Any]:
    return {
        "id": secret.id,
        "hint": secret.hint,
        "is_live": is_live,
        "created_at": secret.created_at,
        "created_by": secret.created_by.label if secret.created_by else None,
        "expires_at": secret.expires_at,
        "last_used_at": secret.last_used_at,
        "revoked_at": secret.revoked_at,
    }
