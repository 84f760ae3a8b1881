"""The consent screen: a person allows an app, or does not. It works without scripts."""

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Blueprint, Response, make_response, render_template, request, url_for

from app.access.scopes import parse_scope
from app.accounts.models import User
from app.accounts.sign_in import current_actor, signed_in
from app.consents.durations import ALWAYS, MONTH, ONCE
from app.extensions import db, settings
from app.oauth import consent_screen, pending
from app.oauth.adapters import ProtocolRequest
from app.oauth.answers import see_other
from app.oauth.authorization_answers import answer_client
from app.oauth.browser_cookie import browser_secret
from app.oauth.consent_answer import read_answer
from app.oauth.consent_screen import Offer, make_offer
from app.oauth.grants import AuthorizationCodeGrant
from app.oauth.models import AuthorizationRequest
from app.oauth.refusal_page import refuse
from app.oauth.server import server
from app.web import page_class, requires

blueprint = Blueprint("oauth_consent", __name__)
page_class(blueprint, "consent")


@blueprint.get("/oauth/consent")
@requires()
def consent() -> Response:
    """Show what the app asks for."""
    user = signed_in().user
    kept = _find(request.args.get("request_id", ""), user)
    if kept is None:
        return _nothing_to_answer()
    try:
        grant = _judge(kept, user)
    except OAuth2Error as error:
        return refuse(error)
    return make_response(_page(kept, _offer(kept, grant, user)))


@blueprint.post("/oauth/consent")
@requires()
def consent_decision() -> Response:
    """Take the answer, once, and send the browser back to the app."""
    here = signed_in()
    user, user_session = here.user, here.user_session
    kept = _find(request.form.get("request_id", ""), user)
    answer = read_answer(request.form)
    if kept is None or user_session is None or answer is None:
        return _nothing_to_answer()
    try:
        grant = _judge(kept, user)
    except OAuth2Error as error:
        return refuse(error)
    offer = _offer(kept, grant, user)
    if not offer.scopes & answer.left_out <= offer.optional:
        # What could be left out was made a must meanwhile: nobody has agreed to that.
        return see_other(url_for(".consent", request_id=str(kept.id)))
    if not pending.decide(kept):
        db.session.rollback()
        return _nothing_to_answer()
    if not answer.is_allowed:
        return answer_client(grant, None)
    allowed = consent_screen.code_request(
        offer,
        consent_screen.consent_to(offer, answer, actor=current_actor()),
        grant.request,
        scopes=offer.scopes - answer.left_out,
        authenticated_at=user_session.authenticated_at,
    )
    return answer_client(grant, allowed)


def _page(kept: AuthorizationRequest, offer: Offer) -> str:
    stands = offer.consent
    return render_template(
        "oauth/consent.html",
        kept=kept,
        offer=offer,
        client=consent_screen.find_client_of(offer),
        groups=consent_screen.scope_groups(offer),
        known=consent_screen.known_scopes(offer),
        destination=consent_screen.destination(offer.redirect_uri),
        duration=MONTH if stands is not None and stands.expires_at else ALWAYS,
        once_ends_at=consent_screen.end_if(ONCE, offer.client),
        account=settings.app_name,
        resume=url_for("oauth_authorization.authorization_endpoint", resume=kept.id),
    )


def _find(request_id: str, user: User) -> AuthorizationRequest | None:
    secret = browser_secret()
    if secret is None:
        return None
    return pending.find(request_id=request_id, browser_secret=secret, user_id=user.id)


def _judge(kept: AuthorizationRequest, user: User) -> AuthorizationCodeGrant:
    """Judge the stored request again: its client may have changed meanwhile."""
    grant: AuthorizationCodeGrant = server.get_consent_grant(
        ProtocolRequest("GET", kept.parameters, user_id=user.id)
    )
    return grant


def _offer(
    kept: AuthorizationRequest, grant: AuthorizationCodeGrant, user: User
) -> Offer:
    return make_offer(
        grant.request,
        user=user,
        redirect_uri=grant.redirect_uri,
        within=parse_scope(kept.offered_scope),
    )


def _nothing_to_answer() -> Response:
    return make_response(render_template("oauth/nothing_to_answer.html"), 404)
