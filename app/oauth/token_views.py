"""The token, revocation and introspection endpoints."""

from flask import Blueprint, Response

from app.extensions import csrf, db
from app.keys.published import publish_current_key
from app.oauth.answers import protocol, read_protocol_request, to_response
from app.oauth.client_authentication import authenticate, read_credentials
from app.oauth.introspection import introspect
from app.oauth.noting import authenticated_as
from app.oauth.server import ProtocolResponse, server
from app.tokens.revocation import revoke_token
from app.traffic.request_recorder import count_token
from app.web import page_class, public

blueprint = Blueprint("oauth_tokens", __name__)
csrf.exempt(blueprint)
page_class(blueprint, "protocol")


@blueprint.post("/oauth/token")
@public
@protocol
def token_endpoint() -> Response:
    """RFC 6749 §3.2."""
    publish_current_key()
    request = read_protocol_request()
    answer = server.create_token_response(request)
    if request.client is not None:
        authenticated_as(request.client.record.id)
    if answer.error is not None:
        raise answer.error
    count_token(request.client.record.id)
    return to_response(answer)


@blueprint.post("/oauth/revoke")
@public
@protocol
def revocation_endpoint() -> Response:
    """RFC 7009: 200 whatever the token was, unless the client is not who it says."""
    request = read_protocol_request()
    form = request.payload.data
    client = authenticate(read_credentials(request.authorization, form))
    authenticated_as(client.id)
    # RFC 7009 §2.1: a wrong or unknown token_type_hint changes nothing; we read none.
    revoke_token(token=request.required("token"), client_id=client.id)
    db.session.commit()
    return to_response(ProtocolResponse(200, {}))


@blueprint.post("/oauth/introspect")
@public
@protocol
def introspection_endpoint() -> Response:
    """RFC 7662."""
    request = read_protocol_request()
    form = request.payload.data
    client = authenticate(read_credentials(request.authorization, form))
    authenticated_as(client.id)
    body = introspect(request.required("token"), client=client)
    return to_response(ProtocolResponse(200, body))
