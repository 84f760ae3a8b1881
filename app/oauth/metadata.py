"""What the server says of itself (RFC 8414), and its public keys (RFC 7517)."""

import hashlib
import json

from flask import Blueprint, Response, request

from app.clients.models import (
    AUTHORIZATION_CODE,
    BASIC,
    CLIENT_CREDENTIALS,
    NONE,
    POST,
)
from app.config import Settings
from app.extensions import csrf, settings
from app.oauth.answers import protocol
from app.tokens import pkce
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


@blueprint.get("/.well-known/jwks.json")
@public
@protocol
def jwks() -> Response:
    """RFC 7517 §5: the keys that verify our tokens, present and previous."""
    return cacheable(describe_key_set())


def describe_server(settings: Settings) -> dict[str, object]:
    """Return the members of RFC 8414 §2; each of them is true."""
    issuer = settings.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
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


def cacheable(document: object) -> Response:
    """Return a document that is the same for everybody, and may be kept a while."""
    body = json.dumps(document)
    response = Response(body, mimetype="application/json")
    response.cache_control.public = True
    response.cache_control.max_age = MAX_AGE
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response
