"""What the server says of itself (RFC 8414), and its public keys (RFC 7517)."""

import hashlib
import json

from flask import Blueprint, Response, request
from sqlalchemy import select

from app.access.scopes import OPENID_SCOPES
from app.access.statements import delegable_names
from app.clients.models import (
    AUTHORIZATION_CODE,
    BASIC,
    CLIENT_CREDENTIALS,
    NONE,
    POST,
)
from app.config import Settings
from app.extensions import csrf, db, settings
from app.oauth.answers import protocol
from app.oauth.authorization_rules import PROMPTS, RESPONSE_MODES
from app.tokens import pkce
from app.tokens.jwts import ALGORITHM
from app.tokens.key_set import describe_key_set
from app.web import page_class, public

blueprint = Blueprint("oauth_metadata", __name__)
csrf.exempt(blueprint)
page_class(blueprint, "protocol")

#: How long others may keep our metadata and keys, in seconds.
MAX_AGE = 300


@blueprint.get("/.well-known/oauth-authorization-server")
@public
@protocol
def authorization_server_metadata() -> Response:
    """RFC 8414 §3."""
    return cacheable(describe_server(settings))


@blueprint.get("/.well-known/openid-configuration")
@public
@protocol
def openid_configuration() -> Response:
    """OpenID Connect Discovery §4."""
    return cacheable(describe_server(settings))


@blueprint.get("/.well-known/jwks.json")
@public
@protocol
def jwks() -> Response:
    """RFC 7517 §5: the keys that verify our tokens, present and previous."""
    return cacheable(describe_key_set())


def describe_server(settings: Settings) -> dict[str, object]:
    """Return the members of RFC 8414 §2 and of OpenID Connect Discovery §3.

    Both documents are the same; each member is true.
    """
    issuer = settings.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["code"],
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "scopes_supported": _scopes(),
        "response_modes_supported": list(RESPONSE_MODES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            "name",
            "updated_at",
            "email",
            "email_verified",
        ],
        "prompt_values_supported": sorted(PROMPTS),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        # The default of OpenID Connect Discovery §3 would be true.
        "request_uri_parameter_supported": False,
        "grant_types_supported": [
            AUTHORIZATION_CODE,
            CLIENT_CREDENTIALS,
            "refresh_token",
        ],
        "token_endpoint_auth_methods_supported": [BASIC, POST, NONE],
        "revocation_endpoint_auth_methods_supported": [BASIC, POST, NONE],
        "introspection_endpoint_auth_methods_supported": [BASIC, POST],
        "code_challenge_methods_supported": [pkce.METHOD],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{issuer}/api/docs",
    }


def _scopes() -> list[str]:
    delegable = db.session.scalar(select(delegable_names())) or ""
    return [*sorted(OPENID_SCOPES), *sorted(delegable.split())]


def cacheable(document: object) -> Response:
    """Return a document that is the same for everybody, and may be kept a while."""
    body = json.dumps(document)
    response = Response(body, mimetype="application/json")
    response.cache_control.public = True
    response.cache_control.max_age = MAX_AGE
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response
