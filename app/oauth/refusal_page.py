"""Telling of a refused authorization request: to the client, or on a page of ours."""

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Response, make_response, render_template, request

from app.access.signed_in import load_person
from app.clients.queries import find_client
from app.oauth.answers import NO_STORE, to_client
from app.oauth.authorization_rules import UnknownClientError, UnknownRedirectUriError
from app.web import set_page_class


def refuse(error: OAuth2Error) -> Response:
    """Redirect the error to the client if its redirect URI is known to be good.

    RFC 6749 §4.1.2.1: otherwise nobody is redirected; a page says what happened.
    """
    if error.redirect_uri:
        return to_client(
            error.redirect_uri,
            dict(error.get_body()),
            response_mode=getattr(error, "response_mode", None),
        )
    # Also where the request came as a POST, which is no page in itself.
    set_page_class("consent")
    page = render_template(
        "oauth/refused.html",
        error=error,
        is_unknown_client=isinstance(error, UnknownClientError),
        is_unknown_redirect_uri=isinstance(error, UnknownRedirectUriError),
        difference=_difference(error),
    )
    response = make_response(page, 400)
    response.headers.update(NO_STORE)
    return response


def _difference(error: OAuth2Error) -> dict[str, object] | None:
    """Return what came and what is registered, for administrators only."""
    person = load_person()
    if person is None or "manage_system" not in person.permissions:
        return None
    client = find_client(request.args.get("client_id", ""))
    if client is None:
        return None
    return {
        "client": client,
        "came": request.args.get("redirect_uri", ""),
        "registered": client.redirect_uris,
        "description": error.description,
    }
