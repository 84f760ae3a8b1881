"""Turning protocol answers into Flask responses."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Response, render_template, request
from werkzeug.datastructures import Headers

from app.extensions import db, settings
from app.keys.ring import KeysUnusableError
from app.oauth.adapters import ProtocolRequest
from app.oauth.client_authentication import claimed_client_id
from app.oauth.locations import with_answer
from app.oauth.noting import note_error
from app.oauth.parameters import read_form
from app.oauth.server import ProtocolResponse
from app.web import reference_id, set_page_class

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

P = ParamSpec("P")
FORM_POST = "form_post"
#: RFC 6749 §5.1: nothing between us and the client keeps an answer.
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class LiteralRedirect(Response):
    """A redirect whose address goes out letter by letter, as a client registered it.

    Werkzeug would write it anew, and fail at hosts and ports of schemes that have
    rules of their own.
    """

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """Return the headers, with the address as it was given."""
        address = self.headers["Location"]
        del self.headers["Location"]
        headers = super().get_wsgi_headers(environ)
        self.headers["Location"] = headers["Location"] = address
        return headers


def read_protocol_request() -> ProtocolRequest:
    """Return the POST request that has come through the door.

    Raises OAuth2Error where it does not fit.
    """
    form = read_form(
        request.get_data(cache=False),
        content_type=request.mimetype,
        charset=request.mimetype_params.get("charset", "utf-8"),
        query=request.query_string,
    )
    return ProtocolRequest(
        request.method, form, authorization=request.headers.get("Authorization")
    )


def to_response(answer: ProtocolResponse) -> Response:
    """Return a JSON answer of the token endpoint and its kin."""
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    response = Response(body, status=answer.status, mimetype="application/json")
    for name, value in answer.headers:
        if name.lower() != "content-type":
            response.headers[name] = value
    response.headers.update(NO_STORE)
    return response


def to_error(error: OAuth2Error) -> Response:
    """Return an error as RFC 6749 §5.2 spells it."""
    error.redirect_uri = None
    add_reference(error)
    return to_response(ProtocolResponse(*error()))


def add_reference(error: OAuth2Error) -> None:
    """Let the description of a noted error end in this request's reference id.

    That is what every library shows to whoever writes an app; headers get lost. It is
    drawn anew for each request and tells nothing of the cause.
    """
    error.description = with_reference(error.description or "")


def with_reference(description: str) -> str:
    """Return a description that ends in this request's reference id.

    In characters that RFC 6749 §5.2 allows.
    """
    return f"{description} Reference: {reference_id()}".lstrip()


def to_client(
    redirect_uri: str, answer: Mapping[str, str], *, response_mode: str | None
) -> Response:
    """Return the authorization response with our `iss` (RFC 9207 §2).

    By redirect, or by a form that the browser posts (Form Post Response Mode §2).
    """
    answer = {**answer, "iss": settings.issuer}
    if response_mode != FORM_POST:
        return see_other(with_answer(redirect_uri, answer.items()))
    set_page_class("form_post")
    page = render_template(
        "oauth/form_post.html", redirect_uri=redirect_uri, answer=answer
    )
    response = Response(page)
    response.headers.update(NO_STORE)
    return response


def see_other(address: str) -> Response:
    """Return a redirect that turns whatever came into a GET.

    303, so that no browser repeats a POST, and with it a password or a consent, at the
    client (RFC 9700 §4.12).
    """
    response = LiteralRedirect(status=303)
    response.headers["Location"] = address
    response.headers.update(NO_STORE)
    return response


def protocol(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer every refusal of a protocol view in the protocol's own words."""

    @wraps(view)
    def answering(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except OAuth2Error as error:
            authorization = request.headers.get("Authorization")
            note_error(error, claimed=claimed_client_id(authorization))
            return to_error(error)
        except KeysUnusableError as error:
            return _keys_unusable(error)

    return answering


def bearer_error(
    status: int, error: str = "", description: str = "", *, scope: str = ""
) -> Response:
    """Return a refusal with its challenge (RFC 6750 §3).

    Without `error` there was no token at all, and nothing is said about it.
    """
    if description:
        description = with_reference(description)
    said = {"error": error, "error_description": description, "scope": scope}
    parts = [f'{name}="{value}"' for name, value in said.items() if value]
    body = {name: value for name, value in said.items() if value and name != "scope"}
    response = to_response(ProtocolResponse(status, body))
    response.headers["WWW-Authenticate"] = f"Bearer {', '.join(parts)}".strip()
    return response


def _keys_unusable(error: KeysUnusableError) -> Response:
    """Return 503 with a problem (RFC 9457) that names the command."""
    db.session.rollback()
    return problem(503, "Signing keys are missing", error.message)


def problem(status: int, title: str, detail: str) -> Response:
    """Return a problem document (RFC 9457)."""
    body = {
        "title": title,
        "status": status,
        "detail": detail,
        "reference_id": reference_id(),
    }
    response = Response(json.dumps(body), status=status)
    response.headers["Content-Type"] = "application/problem+json"
    response.headers.update(NO_STORE)
    return response
