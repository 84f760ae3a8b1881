"""What the API answers when it refuses: problem documents (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response
from werkzeug.exceptions import HTTPException

from app.clients.registration import KeyReusedError
from app.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.extensions import db
from app.keys.ring import KeysUnusableError
from app.web import page_class, reference_id, set_page_class
from app.web.errors import OVERTAKEN, give_way, register_error_renderer

CONTENT_TYPE = "application/problem+json"

#: Kinds of problem that say more than their status; `/api/docs` explains each.
INVALID_REQUEST = "invalid-request"
MISSING_TOKEN = "missing-token"
INVALID_TOKEN = "invalid-token"
INSUFFICIENT_SCOPE = "insufficient-scope"
INVALID_INPUT = "invalid-input"
NOT_ALLOWED = "not-allowed"
CONFLICT = "conflict"
STALE = "stale"
KEY_REUSED = "idempotency-key-reused"
KEYS_MISSING = "keys-missing"

KINDS = {
    INVALID_REQUEST: (
        "Malformed request",
        "The token is malformed, or was sent in more than one way.",
    ),
    MISSING_TOKEN: (
        "Access token required",
        "Send an access token in the header: Authorization: Bearer <token>.",
    ),
    INVALID_TOKEN: (
        "Access token not accepted",
        "The token has expired, was revoked, or is for another API. Its app may be "
        "disabled or deleted, or its user may have removed the app. Get a new one.",
    ),
    INSUFFICIENT_SCOPE: (
        "Permission required",
        "The token does not include the permission, or the user or app it acts for "
        "does not hold it. The WWW-Authenticate header names it.",
    ),
    INVALID_INPUT: (
        "Invalid input",
        "The errors member says what to change in each field.",
    ),
    NOT_ALLOWED: (
        "Not allowed",
        "You cannot change an account that holds permissions you do not hold, or "
        "give permissions you do not hold.",
    ),
    CONFLICT: (
        "Conflict",
        "It already exists, or its current state does not allow this.",
    ),
    STALE: (
        "Changed since it was read",
        "It has changed since you read it. Read it again, then retry.",
    ),
    KEY_REUSED: (
        "Idempotency-Key already used",
        "This key was sent with a different request before. Repeat that request "
        "unchanged, or use a new key.",
    ),
    KEYS_MISSING: (
        "Signing keys are missing",
        "The server has no usable key pair. Its operator creates one with: "
        "flask passport:keys.",
    ),
}

_DETAILS = {
    404: "Nothing exists at this address. See /api/docs for those that do.",
    405: "This address does not accept this method. The Allow header lists others.",
    413: "The body is larger than this API accepts.",
    500: "Something went wrong. Mention the reference ID when you report it.",
}
_OF_DOMAIN: tuple[tuple[type[DomainError], int, str], ...] = (
    (ConflictError, 409, CONFLICT),
    (NotAllowedError, 403, NOT_ALLOWED),
    (KeyReusedError, 422, KEY_REUSED),
    (KeysUnusableError, 503, KEYS_MISSING),
)


class ProblemError(Exception):
    """A view refuses, with everything that the answer says."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = errors
        self.headers = headers or {}


def problem(
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    errors: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document with this request's reference id."""
    body: dict[str, Any] = {
        # RFC 9457 §4.2.1: without a kind of its own the status says it all.
        "type": f"/api/docs#problem-{kind}" if kind else "about:blank",
        "title": KINDS[kind][0] if kind else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "reference_id": reference_id(),
    }
    if errors:
        body["errors"] = errors
    response = Response(json.dumps(body), status=status)
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def init_app(app: Flask) -> None:
    """Answer with problems also where no view of ours was reached: 404, 405."""
    register_error_renderer(app, ["/api/"], _outside_of_views)


def answer_with_problems(blueprint: Blueprint) -> None:
    """Let every error of the blueprint's views become a problem document."""
    page_class(blueprint, "api")
    blueprint.register_error_handler(ProblemError, _refused)
    blueprint.register_error_handler(DomainError, _answer_domain_error)
    blueprint.register_error_handler(HTTPException, answer_http_error)
    for kind in OVERTAKEN:
        blueprint.register_error_handler(kind, _overtaken)


def _outside_of_views(status: int, title: str, message: str) -> Response:
    set_page_class("api")
    return problem(status, _DETAILS.get(status) or f"{title}. {message}".strip())


def _refused(error: ProblemError) -> Response:
    db.session.rollback()
    return problem(
        error.status,
        error.detail,
        kind=error.kind,
        errors=error.errors,
        headers=error.headers,
    )


def _answer_domain_error(error: DomainError) -> Response:
    """Return the problem document for a rule's refusal; nothing of it is kept."""
    db.session.rollback()
    errors = {error.field: [error.message]} if error.field else None
    for refusal, status, kind in _OF_DOMAIN:
        if isinstance(error, refusal):
            return problem(status, error.message, kind=kind, errors=errors)
    if isinstance(error, NotFoundError) and error.field is None:
        return problem(404, error.message)
    return problem(422, error.message, kind=INVALID_INPUT, errors=errors)


def _overtaken(error: Exception) -> Response:
    give_way(error)
    return problem(409, KINDS[STALE][1], kind=STALE)


def answer_http_error(error: HTTPException) -> Response:
    """Return the problem document for what Flask, Werkzeug or webargs refused."""
    db.session.rollback()
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages")
    if messages:
        return problem(
            status,
            "The request is invalid. See errors.",
            kind=INVALID_INPUT,
            errors=_flat(messages),
        )
    return problem(status, _sentence(error), headers=_kept_headers(error))


def _sentence(error: HTTPException) -> str:
    status = error.code or 500
    return _DETAILS.get(status) or error.description or HTTPStatus(status).description


def _kept_headers(error: HTTPException) -> dict[str, str]:
    # RFC 9110 §15.5.6 asks for Allow with 405, §10.2.3 for Retry-After where it helps.
    return {
        name: value
        for name, value in error.get_headers()
        if name in {"Allow", "Retry-After"}
    }


def _flat(messages: Mapping[str, Any]) -> dict[str, Any]:
    """Return webargs' messages without the layer that says where a field was sent."""
    errors: dict[str, Any] = {}
    for fields in messages.values():
        errors |= fields if isinstance(fields, Mapping) else {"_schema": fields}
    return errors
