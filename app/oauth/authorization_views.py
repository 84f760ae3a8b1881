"""The authorization endpoint: where an app sends a person (RFC 6749 §3.1)."""

import uuid
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import MethodNotAllowed

from app.access.scopes import join_scope
from app.accounts.sign_in import current_user, current_user_session
from app.extensions import csrf, db
from app.oauth import pending
from app.oauth.adapters import ProtocolRequest
from app.oauth.answers import read_protocol_request, see_other
from app.oauth.authorization_answers import answer_client
from app.oauth.authorization_rules import for_client, prompts_of
from app.oauth.browser_cookie import browser_secret, remember_browser
from app.oauth.consent_screen import Offer, code_request, make_offer
from app.oauth.grants import AuthorizationCodeGrant
from app.oauth.interaction import (
    ConsentRequiredError,
    Present,
    must_sign_in,
    wants_fresh_sign_in,
)
from app.oauth.models import AuthorizationRequest
from app.oauth.parameters import Parameters, read_query
from app.oauth.refusal_page import refuse
from app.oauth.server import server
from app.web import page_class, public, writes_on_get
from app.web.throttle import throttle

blueprint = Blueprint("oauth_authorization", __name__)
page_class(blueprint, "consent")
#: Names a stored request in place of the parameters themselves.
RESUME = "resume"


@blueprint.get("/oauth/authorize")
@public
@writes_on_get
def authorization_endpoint() -> Response:
    """Judge the request; then sign in, ask for consent, or answer at once.

    HEAD is refused: it is safe (RFC 9110 §9.2.1), and a code would be issued.
    """
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET", "POST"])
    try:
        parameters, kept = _arrived()
        user = current_user()
        grant = server.get_consent_grant(
            ProtocolRequest("GET", parameters, user_id=user.id if user else None)
        )
    except OAuth2Error as error:
        return refuse(error)
    try:
        return _go_on(grant, kept)
    except OAuth2Error as error:
        return refuse(
            for_client(error, redirect_uri=grant.redirect_uri, parameters=parameters)
        )


def _go_on(
    grant: AuthorizationCodeGrant, kept: AuthorizationRequest | None
) -> Response:
    parameters = grant.request.payload.data
    user, user_session = current_user(), current_user_session()
    received_at = kept.received_at if kept else None
    present = Present(user=user, user_session=user_session, received_at=received_at)
    is_sign_in_needed = must_sign_in(parameters, present)
    if is_sign_in_needed or user is None or user_session is None:
        return _sign_in_first(parameters, kept)
    offer = make_offer(grant.request, user=user, redirect_uri=grant.redirect_uri)
    prompts = prompts_of(parameters)
    if offer.consent is None or not offer.is_remembered or "consent" in prompts:
        if "none" in prompts:
            raise ConsentRequiredError("The person has not allowed this yet.")
        return _ask(offer, parameters)
    remembered = code_request(
        offer,
        offer.consent,
        grant.request,
        scopes=offer.expected,
        authenticated_at=user_session.authenticated_at,
    )
    return answer_client(grant, remembered)


@blueprint.post("/oauth/authorize")
@csrf.exempt
@public
@page_class("protocol")
def authorization_endpoint_by_post() -> Response:
    """Store the request and come back by GET.

    A POST from the app's site brings no session cookie (SameSite), so nothing can be
    decided here; the answer binds the request to this browser by a cookie of its own.
    """
    try:
        protocol_request = read_protocol_request()
        server.get_consent_grant(protocol_request)
    except OAuth2Error as error:
        return refuse(error)
    kept, secret = _keep(protocol_request.payload.data)
    address = url_for(".authorization_endpoint", resume=kept.id)
    return remember_browser(see_other(address), secret)


def _arrived() -> tuple[Parameters, AuthorizationRequest | None]:
    """Return the request's parameters, or those that were kept for this browser."""
    parameters = read_query(request.query_string)
    secret = browser_secret()
    if RESUME not in parameters or secret is None:
        return parameters, None
    kept = pending.find_of_browser(request_id=parameters[RESUME], browser_secret=secret)
    return (kept.parameters, kept) if kept else (parameters, None)


def _sign_in_first(
    parameters: Parameters, kept: AuthorizationRequest | None
) -> Response:
    """Lead to the sign-in page and, after it, back here.

    A request that wants a fresh sign-in is kept, so that it is known when it came: any
    sign-in after that is fresh.
    """
    hint = (
        {"login_hint": parameters["login_hint"]} if "login_hint" in parameters else {}
    )
    if kept is None and not wants_fresh_sign_in(parameters):
        here = f"{request.path}?{request.query_string.decode('ascii')}"
        return see_other(f"/login?{urlencode({'next': here} | hint)}")
    secret = browser_secret()
    if kept is None or secret is None:
        kept, secret = _keep(parameters)
    here = url_for(".authorization_endpoint", resume=kept.id)
    address = f"/login?{urlencode({'next': here} | hint)}"
    return remember_browser(see_other(address), secret)


def _ask(offer: Offer, parameters: Parameters) -> Response:
    kept, secret = _keep(
        parameters, user_id=offer.user.id, offered_scope=join_scope(offer.scopes)
    )
    address = url_for("oauth_consent.consent", request_id=str(kept.id))
    return remember_browser(see_other(address), secret)


def _keep(
    parameters: Parameters,
    *,
    user_id: uuid.UUID | None = None,
    offered_scope: str | None = None,
) -> tuple[AuthorizationRequest, str]:
    """Store the request and return it with the secret that binds it to the browser."""
    # Whoever knows a client's id can make us store one, signed in or not.
    throttle("authorization requests", "120 per minute")
    secret = browser_secret() or pending.new_browser_secret()
    kept = pending.keep(
        parameters=parameters,
        browser_secret=secret,
        user_id=user_id,
        offered_scope=offered_scope,
    )
    db.session.commit()
    return kept, secret
