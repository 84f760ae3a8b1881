"""What is answered while somebody types redirect URIs. Nothing is kept."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, current_app, make_response, render_template, request

from app.developer.blueprint import blueprint
from app.developer.redirect_uris.checks import check_lines
from app.web import is_htmx

CHECKED = "developer/redirect_uris/checked.html"
SIGNED_OUT = "developer/redirect_uris/signed_out.html"
View = TypeVar("View", bound=Callable[..., Any])


def answers_while_typing(view: View) -> View:
    """Mark a view that is asked while somebody types, so that it leads nobody away."""
    view.is_asked_while_typing = True  # type: ignore[attr-defined]
    return view


@blueprint.after_request
def stay_on_the_page(answer: Response) -> Response:
    """Say in place that the session has ended: on another page all would be lost.

    The guard or the form's token ends such a request before its view is called.
    """
    if answer.status_code in {400, 401} and is_htmx():
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, "is_asked_while_typing", False):
            answer.headers.pop("HX-Redirect", None)
            answer.set_data(render_template(SIGNED_OUT))
    return answer


def show_checks(*, is_confidential: bool) -> Response:
    """Answer with what is to be said of each redirect URI that the form sends."""
    text = request.form.get("redirect_uris", "")
    judgements = check_lines(text, is_confidential=is_confidential)
    return make_response(render_template(CHECKED, judgements=judgements))
