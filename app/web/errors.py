"""Errors in plain words, each with the reference id that the log has too."""

import re
import traceback
from collections.abc import Callable, Sequence
from http import HTTPStatus

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException

from app.errors import (
    ConflictError,
    DomainError,
    NotAllowedError,
    NotFoundError,
    NotReadyError,
)
from app.extensions import db
from app.web.headers import set_page_class
from app.web.htmx import wants_fragment
from app.web.reference import reference_id
from app.web.way_back import page_before

#: Answers an error at some addresses: status, title and message to an answer.
Renderer = Callable[[int, str, str], Response]

WORDS: dict[int, tuple[str, str]] = {
    400: (
        "This request could not be read",
        "Part of it is missing or malformed. Go back and try again.",
    ),
    401: ("Sign in to continue", "You need to sign in to see this page."),
    403: (
        "You don't have access",
        "Your account does not have the permission this page needs. "
        "If you think it should, ask an administrator.",
    ),
    404: (
        "Page not found",
        "The address may be mistyped, or the page may have been removed.",
    ),
    405: (
        "This page cannot be opened this way",
        "Open it from the page that links to it.",
    ),
    409: (
        "This cannot be done",
        "It has changed in the meantime. Reload the page to see how it is now.",
    ),
    413: (
        "Too much data",
        "What you sent is larger than this page accepts. Send less and try again.",
    ),
    414: ("This address is too long", "Shorten it and try again."),
    422: ("There is a problem", "Something in the form is not valid."),
    429: (
        "Too many attempts",
        "Wait a moment, then try again.",
    ),
    500: (
        "Something went wrong",
        "You did nothing wrong, and the error has been logged. Try again in a moment.",
    ),
    503: (
        "Service unavailable",
        "The server cannot answer right now. Try again in a moment.",
    ),
}
CSRF_WORDS = (
    "This form is no longer valid",
    "It was open too long, you signed in or out in the meantime, your browser blocks "
    "cookies for this site, or another site sent the form. Reload the page and send it "
    "again.",
)
OVERTAKEN_WORDS = (
    "Somebody else changed this first",
    "It was changed or deleted at the same moment, and your changes were not saved. "
    "Reload the page to see how it is now.",
)
#: What is raised where rows are no longer as they were when they were looked at.
OVERTAKEN = (StaleDataError, ObjectDeletedError, IntegrityError)
STATUS_OF = {
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    NotReadyError: 503,
}
_TARGET = re.compile(r"(?:[a-z]+#)?([a-z][a-z0-9-]{0,63})")


def init_app(app: Flask) -> None:
    """Give `app` its error pages."""
    app.extensions["gatepass_error_renderers"] = []
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(CSRFError, answer_csrf_error)
    app.register_error_handler(DomainError, answer_refusal)
    app.register_error_handler(OperationalError, answer_unreachable_database)
    for kind in OVERTAKEN:
        app.register_error_handler(kind, answer_overtaken)
    app.register_error_handler(500, answer_failure)


def register_error_renderer(
    app: Flask, prefixes: Sequence[str], render: Renderer
) -> None:
    """Answer errors at addresses that begin with one of `prefixes` by `render`."""
    renderers = app.extensions["gatepass_error_renderers"]
    renderers[:0] = [(prefix, render) for prefix in prefixes]


def answer_http_error(error: HTTPException) -> Response | HTTPException:
    """Answer what a view aborted with, or what Werkzeug found wrong."""
    if error.response is not None or error.code is None or error.code < 400:
        return error
    title, message = WORDS.get(error.code, (HTTPStatus(error.code).phrase, ""))
    response = render_error(error.code, title, message)
    for name, value in error.get_headers():
        # Such as `Allow` (RFC 9110 §15.5.6) and `Retry-After`.
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def answer_csrf_error(_error: CSRFError) -> Response:
    """Answer a form whose token does not belong to this browser's session."""
    return render_error(400, *CSRF_WORDS, again=page_before())


def answer_refusal(error: DomainError) -> Response:
    """Answer a rule's refusal that no form was there to show."""
    db.session.rollback()
    status = next((s for kind, s in STATUS_OF.items() if isinstance(error, kind)), 422)
    return render_error(status, WORDS[status][0], error.message)


def answer_unreachable_database(error: OperationalError) -> Response:
    """Answer while the database takes no more connections, is locked or is away."""
    db.session.rollback()
    current_app.logger.error("The database answers with an error", exc_info=error)
    response = render_error(503, *WORDS[503])
    response.headers["Retry-After"] = "5"
    return response


def answer_overtaken(error: Exception) -> Response:
    """Answer where another has changed or deleted rows between a look and a write."""
    give_way(error)
    return render_error(409, *OVERTAKEN_WORDS)


def give_way(error: Exception) -> None:
    """Undo what was begun, and log where another was quicker.

    Only where: what the database says of it quotes rows, which hold what people typed.
    """
    db.session.rollback()
    current_app.logger.error(
        "%s, answered with 409 and the reference %s:\n%s",
        type(error).__name__,
        reference_id(),
        "".join(traceback.format_tb(error.__traceback__)),
    )


def answer_failure(_error: Exception) -> Response:
    """Answer a fault of ours; the page says nothing of what it was."""
    db.session.rollback()
    current_app.logger.error("The failure above has the reference %s", reference_id())
    return render_error(500, *WORDS[500])


def render_error(status: int, title: str, message: str, *, again: str = "") -> Response:
    """Answer with an error as this address answers them: JSON, fragment or page.

    `again` is the address of the page that is to be loaded again.
    """
    for prefix, render in current_app.extensions["gatepass_error_renderers"]:
        if request.path.startswith(prefix):
            answer: Response = render(status, title, message)
            return answer
    set_page_class("error")
    template = "errors/fragment.html" if wants_fragment() else "errors/page.html"
    page = render_template(
        template,
        status=status,
        title=title,
        message=message,
        again=again,
        target=_target(),
    )
    return make_response(page, status)


def _target() -> str:
    """Return the id of the element that the fragment replaces, so that it stays."""
    found = _TARGET.fullmatch(request.headers.get("HX-Target", ""))
    return found[1] if found else "panel"
