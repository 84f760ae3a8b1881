"""Lists whose address says how they are narrowed and sorted."""

from typing import Any

from flask import Response, request

from app.web.htmx import render_panel, wants_fragment
from app.web.pagination import this_page_with


def render_list(template: str, **context: Any) -> Response:
    """Answer as `render_panel`; the address bar drops what narrows nothing."""
    answer = render_panel(template, **context)
    if wants_fragment() and "" in request.args.values():
        answer.headers["HX-Replace-Url"] = this_page_with()
    return answer
