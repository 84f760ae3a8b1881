"""What an app may know of the person it acts for (OpenID Connect Core §5.3)."""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from flask import Blueprint, Response, request

from app.accounts.services import find_user
from app.extensions import csrf
from app.oauth.answers import bearer_error, protocol, read_protocol_request, to_response
from app.oauth.noting import note_refusal
from app.oauth.server import ProtocolResponse
from app.tokens.bearer import ActiveToken, find_active
from app.tokens.errors import InvalidTokenError
from app.traffic.reasons import Refusal, RefusalReason, refused
from app.traffic.request_recorder import count_call
from app.web import page_class, public

blueprint = Blueprint("oauth_userinfo", __name__)
csrf.exempt(blueprint)
page_class(blueprint, "protocol")


@blueprint.route("/oauth/userinfo", methods=["GET", "POST"])
@public
@protocol
def userinfo_endpoint() -> Response:
    """Answer with the claims that the token's scope covers."""
    token = _bearer()
    if token is None:
        note_refusal(refused(RefusalReason.TOKEN_MISSING))
        return bearer_error(401)
    try:
        active = find_active(token)
    except InvalidTokenError as error:
        note_refusal(error.refusal)
        return bearer_error(401, "invalid_token", error.message)
    if active.user_id is None or "openid" not in active.scope:
        words = "The token does not carry the scope openid for a person."
        note_refusal(_without_openid(active))
        return bearer_error(403, "insufficient_scope", words, scope="openid")
    count_call(active.client_id)
    return to_response(ProtocolResponse(200, _claims(active)))


def _bearer() -> str | None:
    """Return the token of the header, or of a POSTed form (RFC 6750 §2.1, §2.2)."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if header and "access_token" in request.values:
        # RFC 6750 §2: no more than one way of sending the token in each request.
        raise InvalidRequestError("Send the access token in one way only.")
    if header:
        return token.strip() if scheme.lower() == "bearer" else None
    if request.method == "POST" and request.mimetype:
        return read_protocol_request().payload.data.get("access_token")
    return None


def _without_openid(active: ActiveToken) -> Refusal:
    return refused(
        RefusalReason.PERMISSION_MISSING,
        client_id=active.client_id,
        missing=["openid"],
        is_asked_for=False,
        is_for_user=active.user_id is not None,
    )


def _claims(active: ActiveToken) -> dict[str, Any]:
    """Return the claims of OpenID Connect Core §5.1 that the scope covers (§5.4)."""
    claims: dict[str, Any] = {"sub": str(active.user_id)}
    user = find_user(active.user_id) if active.user_id else None
    if user is None:
        return claims
    if "profile" in active.scope:
        claims["name"] = user.label
        claims["updated_at"] = int(user.updated_at.timestamp())
    if "email" in active.scope:
        claims["email"] = user.email
        # No message has been sent to it yet, so nobody has shown that it is theirs.
        claims["email_verified"] = False
    return claims
