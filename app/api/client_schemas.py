"""Clients as the API shows and takes them, in the words of RFC 7591 where it can."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.api.fields import PageFields, PageQuery, Shown, Text
from app.clients.models import BASIC, GRANT_TYPES, NONE, POST
from app.clients.queries import SORTS, STATUSES

_SCOPE_WORDS = (
    "What the app may ask users for, separated by spaces; null means every delegable "
    "permission."
)
_OPTIONAL_SCOPE_WORDS = (
    "What users may decline on the consent screen, separated by spaces."
)
_AUTH_METHOD_WORDS = (
    "How the app must send its secret; null means either way. none means a public app, "
    "which cannot keep a secret. That cannot be changed later."
)


def _seconds(what: str) -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=True,
        metadata={"description": f"{what}, in seconds; null means the default."},
    )


class OwnerSchema(Shown):
    """Who answers for an app."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)


class LifetimesSchema(Shown):
    """The lifetimes in force, in seconds."""

    access_token_ttl = fields.Integer(required=True)
    client_credentials_token_ttl = fields.Integer(required=True)
    refresh_token_idle_ttl = fields.Integer(required=True)
    refresh_token_max_ttl = fields.Integer(required=True)


class ClientChange(Schema):
    """What to change in an app. What is omitted does not change."""

    client_name = Text(
        metadata={
            "description": "The name people see.",
            "examples": ["Invoice Sync"],
        }
    )
    description = Text()
    grant_types = fields.List(
        fields.String(metadata={"enum": list(GRANT_TYPES)}),
        metadata={"description": "One of them, or both."},
    )
    redirect_uris = fields.List(
        Text(metadata={"format": "uri"}),
        metadata={"description": "Needed with the authorization_code grant."},
    )
    token_endpoint_auth_method = fields.String(
        allow_none=True,
        validate=validate.OneOf([BASIC, POST, NONE]),
        metadata={"description": _AUTH_METHOD_WORDS},
    )
    post_logout_redirect_uris = fields.List(
        Text(metadata={"format": "uri"}),
        metadata={
            "description": "Where people may be sent after signing out "
            "(OpenID Connect RP-Initiated Logout)."
        },
    )
    is_pkce_required = fields.Boolean(
        metadata={"description": "May be turned off for a confidential app only."}
    )
    scope = Text(allow_none=True, metadata={"description": _SCOPE_WORDS})
    optional_scope = Text(metadata={"description": _OPTIONAL_SCOPE_WORDS})
    access_token_ttl = _seconds("How long tokens that act for users last")
    client_credentials_token_ttl = _seconds("How long its own tokens last")
    refresh_token_idle_ttl = _seconds("How long refresh tokens last without use")
    refresh_token_max_ttl = _seconds("How long refresh tokens last in total")
    version = fields.Integer(
        strict=True,
        load_only=True,
        metadata={
            "description": "The version that the change starts from. If somebody "
            "changed the app since, the answer is 409. The header If-Match with the "
            "ETag does the same and answers 412."
        },
    )


class NewClient(ClientChange):
    """An app to register."""

    class Meta:
        """There is no version yet."""

        exclude = ("version",)

    client_name = Text(required=True, metadata={"examples": ["Invoice Sync"]})
    grant_types = fields.List(
        fields.String(metadata={"enum": list(GRANT_TYPES)}),
        required=True,
        metadata={"examples": [["client_credentials"]]},
    )
    owner_id = fields.UUID(
        allow_none=True,
        metadata={"description": "By default the user that the token acts for."},
    )


class IdempotencyHeader(Schema):
    """Repeats of a registration."""

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        load_default=None,
        validate=validate.Regexp(
            r"(\"?)[A-Za-z0-9_-]{16,64}\1\Z",
            error="Use 16 to 64 letters, digits, hyphens and underscores.",
        ),
        metadata={
            "description": "Any unique value, with or without quotes. A request sent "
            "again with the same one returns the app registered first, without its "
            "secret. If the request differs, the response is 422 "
            "(draft-ietf-httpapi-idempotency-key-header)."
        },
    )

    @post_load
    def _without_quotes(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        # The draft has a string of RFC 9651 there, which stands in quotes.
        key = data["idempotency_key"]
        return data | {"idempotency_key": key and key.strip('"')}


class ClientSchema(Shown):
    """An app."""

    client_id = fields.UUID(required=True)
    client_id_issued_at = fields.Integer(
        required=True, metadata={"description": "Seconds since 1970 (RFC 7591 §3.2.1)."}
    )
    client_name = fields.String(required=True)
    description = fields.String(required=True)
    grant_types = fields.List(fields.String(), required=True)
    redirect_uris = fields.List(fields.String(), required=True)
    token_endpoint_auth_method = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": _AUTH_METHOD_WORDS},
    )
    post_logout_redirect_uris = fields.List(fields.String(), required=True)
    is_pkce_required = fields.Boolean(required=True)
    scope = fields.String(
        required=True, allow_none=True, metadata={"description": _SCOPE_WORDS}
    )
    optional_scope = fields.String(
        required=True, metadata={"description": _OPTIONAL_SCOPE_WORDS}
    )
    owner = fields.Nested(OwnerSchema, required=True, allow_none=True)
    status = fields.String(required=True, metadata={"enum": list(STATUSES)})
    access_token_ttl = fields.Integer(required=True, allow_none=True)
    client_credentials_token_ttl = fields.Integer(required=True, allow_none=True)
    refresh_token_idle_ttl = fields.Integer(required=True, allow_none=True)
    refresh_token_max_ttl = fields.Integer(required=True, allow_none=True)
    lifetimes = fields.Nested(LifetimesSchema, required=True)
    live_tokens = fields.Integer(
        required=True,
        metadata={"description": "Access tokens that work now, counted to 1000."},
    )
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)
    verified_at = fields.AwareDateTime(required=True, allow_none=True)
    disabled_at = fields.AwareDateTime(required=True, allow_none=True)
    deleted_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class RegisteredClientSchema(ClientSchema):
    """An app as registered, with what is shown only once."""

    client_secret = fields.String(
        metadata={"description": "Shown only in this response. Public apps have none."}
    )
    client_secret_expires_at = fields.Integer(
        metadata={"description": "0: the secret does not expire (RFC 7591 §3.2.1)."}
    )


class ClientPageSchema(PageFields):
    """A page of apps."""

    clients = fields.List(fields.Nested(ClientSchema), required=True)


class ClientQuery(PageQuery):
    """Which apps to list."""

    search = Text(
        load_default="",
        validate=validate.Length(max=254),
        metadata={"description": "Part of the name, or a whole client_id."},
    )
    grant_type = fields.String(load_default=None, validate=validate.OneOf(GRANT_TYPES))
    status = fields.String(
        load_default=None,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "If omitted: all that are not deleted."},
    )
    owner_id = fields.UUID(load_default=None)
    sort = fields.String(load_default=SORTS[0], validate=validate.OneOf(SORTS))


class Transfer(Schema):
    """Whom to transfer an app to."""

    owner_id = fields.UUID(
        required=True,
        metadata={"examples": ["01890a5d-ac96-774b-bcce-b302099a8057"]},
    )
