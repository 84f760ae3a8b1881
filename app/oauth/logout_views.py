"""Signing out at the request of an app (OpenID Connect RP-Initiated Logout)."""

from collections.abc import Callable
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Blueprint, Response, make_response, render_template, request
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from app.accounts import services, sign_in
from app.errors import DomainError, NotReadyError
from app.extensions import csrf, db
from app.oauth.answers import NO_STORE, read_protocol_request, see_other
from app.oauth.logout import SignOut, judge_sign_out
from app.oauth.parameters import Parameters, read_query
from app.web import page_class, public, set_page_class, writes_on_get

blueprint = Blueprint("oauth_logout", __name__)
page_class(blueprint, "sign_out")
CONFIRMED = "confirmed"


@blueprint.get("/oauth/logout")
@public
@writes_on_get
def logout_endpoint() -> Response:
    """End the session that the app's ID token names; ask where it names none.

    This GET ends a session on purpose (§2): only for whoever holds an ID token of the
    person at this very browser.
    """
    return _judge_and_sign_out(lambda: read_query(request.query_string))


@blueprint.post("/oauth/logout")
@csrf.exempt
@public
@page_class("protocol")
def logout_endpoint_by_post() -> Response:
    """§2: the same by POST. Our own confirmation comes here too, with its token.

    A POST from the app's page brings no session cookie (SameSite): it comes back by
    GET, which does.
    """
    try:
        parameters = read_protocol_request().payload.data
    except OAuth2Error as error:
        return _refused(error.description)
    if CONFIRMED not in parameters:
        return see_other(f"{request.path}?{urlencode(parameters)}")
    try:
        validate_csrf(parameters.get("csrf_token"))
    except ValidationError:
        return _refused("This page was open too long, or in another browser.")
    return _judge_and_sign_out(lambda: parameters, is_confirmed=True)


def _judge_and_sign_out(
    read: Callable[[], Parameters], *, is_confirmed: bool = False
) -> Response:
    try:
        parameters = read()
        sign_out = judge_sign_out(parameters)
    except NotReadyError:
        raise
    except DomainError as error:
        return _refused(error.message)
    except OAuth2Error as error:
        return _refused(error.description)
    user = sign_in.current_user()
    if user is None:
        return _leave(sign_out)
    # §2: without an ID token, or with another person's, the person is asked first.
    if not is_confirmed and sign_out.subject != str(user.id):
        return _ask(sign_out, parameters)
    user_session = sign_in.current_user_session()
    if user_session is not None:
        actor = sign_in.current_actor()
        services.end_session(actor=actor, user=user, user_session=user_session)
        db.session.commit()
    sign_in.forget()
    return _leave(sign_out)


def _leave(sign_out: SignOut) -> Response:
    if sign_out.destination is not None:
        return see_other(sign_out.destination)
    return _page("oauth/signed_out.html", client=sign_out.client)


def _ask(sign_out: SignOut, parameters: Parameters) -> Response:
    return _page(
        "oauth/sign_out.html",
        client=sign_out.client,
        user=sign_in.current_user(),
        parameters={n: v for n, v in parameters.items() if n != "csrf_token"},
    )


def _refused(reason: str) -> Response:
    return _page("oauth/sign_out_refused.html", 400, reason=reason)


def _page(template: str, status: int = 200, **context: object) -> Response:
    # Also where the request came as a POST, which is no page in itself.
    set_page_class("sign_out")
    response = make_response(render_template(template, **context), status)
    response.headers.update(NO_STORE)
    return response
