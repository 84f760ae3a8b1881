"""Redirect URIs judged while somebody types them. Nothing is kept."""

import functools
from collections.abc import Callable

from flask import Response, make_response, render_template, request

from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.judging import judged
from app.developer.pages import changed_client
from app.developer.presets import PRESETS
from app.web import requires

FRAGMENT = "developer/judged.html"
SIGNED_OUT = "developer/judged_signed_out.html"


def staying(view: Callable[..., Response]) -> Callable[..., Response]:
    """Keep the page open when the session has ended: what was typed is still there."""

    @functools.wraps(view)
    def stay(*args: str, **kwargs: str) -> Response:
        answer = view(*args, **kwargs)
        if "HX-Redirect" not in answer.headers:
            return answer
        return make_response(render_template(SIGNED_OUT), answer.status_code)

    return stay


@blueprint.post("/apps/redirect-uris")
@staying
@requires(MANAGE_SYSTEM)
def judge_new_redirect_uris() -> Response:
    """Judge the lines of the form for a new app, by the answer to its question."""
    preset = PRESETS.get(request.form.get("who", ""))
    return _judge(is_confidential=preset is not None and preset.is_confidential)


@blueprint.post("/apps/<client_id>/redirect-uris")
@staying
@requires(MANAGE_SYSTEM)
def judge_redirect_uris(client_id: str) -> Response:
    """Judge the lines of an app's settings."""
    return _judge(is_confidential=changed_client(client_id).is_confidential)


def _judge(*, is_confidential: bool) -> Response:
    text = request.form.get("redirect_uris", "")
    judgements = judged(text, is_confidential=is_confidential)
    return make_response(render_template(FRAGMENT, judgements=judgements))
