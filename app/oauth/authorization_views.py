"""The authorization endpoint: where an app sends a person (RFC 6749 §3.1)."""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Blueprint, Response, request, url_for

from app.access.scopes import join_scope
from app.accounts.sign_in import current_actor, current_user, current_user_session
from app.extensions import csrf, db
from app.oauth import pending
from app.oauth.adapters import ProtocolRequest
from app.oauth.answers import read_protocol_request, see_other, to_client
from app.oauth.browser_cookie import browser_secret, remember_browser
from app.oauth.consent_screen import Offer, accept, make_offer
from app.oauth.parameters import Parameters, read_query
from app.oauth.refusal_page import refuse
from app.oauth.server import server
from app.web import page_class, public, writes_on_get

blueprint = Blueprint("oauth_authorization", __name__)
page_class(blueprint, "consent")
#: Names a stored request in place of the parameters themselves.
RESUME = "resume"


@blueprint.get("/oauth/authorize")
@public
@writes_on_get
def authorization_endpoint() -> Response:
    """Judge the request; then sign in, ask for consent, or answer at once."""
    try:
        parameters = _parameters()
        protocol_request = ProtocolRequest("GET", parameters)
        grant = server.get_consent_grant(protocol_request)
    except OAuth2Error as error:
        return refuse(error)
    user, user_session = current_user(), current_user_session()
    if user is None or user_session is None:
        return _sign_in_first()
    offer = make_offer(protocol_request, user=user, redirect_uri=grant.redirect_uri)
    if not offer.is_remembered:
        return _ask(offer, parameters)
    code_request = accept(
        offer,
        protocol_request,
        actor=current_actor(),
        authenticated_at=user_session.authenticated_at,
    )
    answer = server.create_authorization_response(
        protocol_request, grant_user=code_request, grant=grant
    )
    db.session.commit()
    return to_client(answer.location)


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
    secret = browser_secret() or pending.new_browser_secret()
    parameters = protocol_request.payload.data
    kept = pending.keep(parameters=parameters, browser_secret=secret)
    db.session.commit()
    address = url_for(".authorization_endpoint", resume=kept.id)
    return remember_browser(see_other(address), secret)


def _parameters() -> Parameters:
    """Return the request's parameters, or those that were stored for this browser."""
    parameters = read_query(request.query_string)
    secret = browser_secret()
    if RESUME not in parameters or secret is None:
        return parameters
    kept = pending.find_of_browser(request_id=parameters[RESUME], browser_secret=secret)
    return kept.parameters if kept else parameters


def _sign_in_first() -> Response:
    here = f"{request.path}?{request.query_string.decode('ascii')}"
    return see_other(f"/login?{urlencode({'next': here})}")


def _ask(offer: Offer, parameters: Parameters) -> Response:
    secret = browser_secret() or pending.new_browser_secret()
    kept = pending.keep(
        parameters=parameters,
        browser_secret=secret,
        user_id=offer.user.id,
        offered_scope=join_scope(offer.scopes),
    )
    db.session.commit()
    address = url_for("oauth_consent.consent", request_id=str(kept.id))
    return remember_browser(see_other(address), secret)
