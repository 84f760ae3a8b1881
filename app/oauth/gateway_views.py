"""The check for gateways: may the bearer of this request pass?

A gateway (nginx, Traefik, Caddy, Envoy) asks before it lets a request through to an API
that knows nothing of tokens, and hands on to it what the answer's headers say.
"""

from urllib.parse import quote

from flask import Blueprint, Response, request

from app.access.catalogue import PERMISSION_NAME
from app.access.scopes import join_scope
from app.extensions import csrf, settings
from app.oauth.answers import NO_STORE, protocol
from app.oauth.noting import note_refusal
from app.tokens.bearer import ActiveToken
from app.tokens.challenges import (
    BearerRefusedError,
    authenticate_bearer,
    malformed,
    require_permissions,
)
from app.traffic.request_recorder import count_call
from app.web import page_class, public

blueprint = Blueprint("oauth_gateways", __name__)
csrf.exempt(blueprint)
page_class(blueprint, "protocol")

#: Whatever method the caller used, a gateway may use it here too.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: Visible ASCII but the percent sign, which then means that something is encoded.
_VISIBLE = "".join(map(chr, range(0x21, 0x7F))).replace("%", "")


@public
@protocol
def verification_endpoint(**_called: str) -> Response:
    """Answer 200 and who it is, or as the protected API would refuse.

    All of `permission` must be held and all of `audience` be meant, so that nothing
    that a caller adds to the query widens what the gateway asks for. The body is not
    read: a gateway announces one that it does not send.
    """
    try:
        token = _authenticated()
    except BearerRefusedError as refusal:
        note_refusal(refusal.refusal)
        # Also where the API itself says 400: nginx turns whatever is neither 401 nor
        # 403 into a 500 of its own.
        return _answer(401, {"WWW-Authenticate": refusal.challenge})
    try:
        require_permissions(token, _needed_permissions())
    except BearerRefusedError as refusal:
        note_refusal(refusal.refusal)
        return _answer(refusal.status, {"WWW-Authenticate": refusal.challenge})
    count_call(token.client_id)
    return _answer(200, identity_headers(token))


def identity_headers(token: ActiveToken) -> dict[str, str]:
    """Return who the bearer is, for the API behind a gateway.

    What does not apply is there and empty, so that a gateway overwrites what the caller
    may have sent under the same name.
    """
    return {
        "X-Auth-Client-Id": str(token.client_id),
        "X-Auth-User-Id": str(token.user_id or ""),
        "X-Auth-Subject": str(token.actor_id),
        "X-Auth-Email": _visible(token.user_email or ""),
        "X-Auth-Scope": join_scope(token.current_scope),
        "X-Auth-Permissions": join_scope(token.permissions),
    }


def _authenticated() -> ActiveToken:
    # RFC 9068 §4: an API takes what is meant for it. One that does not say its name is
    # the first.
    audiences = request.args.getlist("audience") or settings.audiences[:1]
    return authenticate_bearer(
        request.headers.get("Authorization", ""),
        audiences=audiences,
        is_sent_elsewhere="access_token" in request.args,
    )


def _needed_permissions() -> frozenset[str]:
    names = request.args.getlist("permission")
    if not all(PERMISSION_NAME.fullmatch(name) for name in names):
        raise malformed("The permission in the address is no name of one.")
    return frozenset(names)


def _visible(text: str) -> str:
    """Return `text` so that it can stand in a header (RFC 9110 §5.5)."""
    return quote(text, safe=_VISIBLE)


def _answer(status: int, headers: dict[str, str]) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    response.headers.update(NO_STORE)
    response.headers.update(headers)
    return response


# Envoy puts the path that was called behind ours.
for _path in ("", "/", "/<path:called>"):
    blueprint.add_url_rule(
        f"/oauth/verify{_path}",
        view_func=verification_endpoint,
        methods=METHODS,
        provide_automatic_options=False,
    )
