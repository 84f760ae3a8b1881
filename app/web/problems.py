"""Problem documents (RFC 9457) for programs."""

from http import HTTPStatus
from typing import Any

from flask import Response, json

from app.web.headers import set_page_class
from app.web.reference import reference_id


def problem(status: int, title: str, detail: str, **members: Any) -> Response:
    """Return a problem document; `members` are added to it as they are."""
    set_page_class("api")
    document = {
        "type": "about:blank",
        # RFC 9457 §4.2.1: with about:blank the title is that of the status.
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": f"{title}. {detail}".strip(),
        "reference_id": reference_id(),
    }
    return Response(
        json.dumps(document | members),
        status,
        content_type="application/problem+json",
    )
