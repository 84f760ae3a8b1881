"""Telling of a refused authorization request: to the client, or on a page of ours."""

from typing import Any

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Response, make_response, render_template

from app.access.signed_in import load_person
from app.builtin import MANAGE_SYSTEM
from app.clients.queries import find_client
from app.clients.redirect_differences import explain_difference
from app.oauth.answers import NO_STORE, add_reference, to_client
from app.oauth.authorization_rules import UnknownClientError, UnknownRedirectUriError
from app.oauth.noting import note_error
from app.traffic.reasons import Refusal
from app.web import set_page_class


def refuse(error: OAuth2Error) -> Response:
    """Redirect the error to the client if its redirect URI is known to be good.

    RFC 6749 §4.1.2.1: otherwise nobody is redirected; a page says what happened.
    Either way the refusal is noted.
    """
    refusal = note_error(error)
    if error.redirect_uri:
        add_reference(error)
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
        for_administrators=_for_administrators(refusal),
    )
    response = make_response(page, 400)
    response.headers.update(NO_STORE)
    return response


def _for_administrators(refusal: Refusal) -> dict[str, Any] | None:
    """Return what came and what is registered, for those who may change that."""
    person = load_person()
    if person is None or MANAGE_SYSTEM not in person.permissions:
        return None
    client = find_client(refusal.client_id) if refusal.client_id else None
    came = refusal.facts.get("came")
    registered = client.redirect_uris if client else []
    return {
        "client": client,
        "came": came,
        "registered": registered,
        "difference": explain_difference(came, registered) if came else None,
    }
