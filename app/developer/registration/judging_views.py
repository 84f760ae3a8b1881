"""Redirect URIs judged while somebody types them. Nothing is kept."""

from flask import Response, make_response, render_template, request

from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import changed_client
from app.developer.registration.judging import judged
from app.developer.registration.presets import PRESETS
from app.web import is_htmx, requires

FRAGMENT = "developer/registration/judged.html"
SIGNED_OUT = "developer/registration/judged_signed_out.html"
JUDGES = {"developer.judge_new_redirect_uris", "developer.judge_redirect_uris"}


@blueprint.after_request
def stay_on_the_page(answer: Response) -> Response:
    """Lead nobody away whose session ended while they typed: it would all be lost."""
    is_ended = answer.status_code in {400, 401} and is_htmx()
    if is_ended and request.endpoint in JUDGES:
        answer.headers.pop("HX-Redirect", None)
        answer.set_data(render_template(SIGNED_OUT))
    return answer


@blueprint.post("/apps/redirect-uris")
@requires(MANAGE_SYSTEM)
def judge_new_redirect_uris() -> Response:
    """Judge the lines of the form for a new app, by the answer to its question."""
    preset = PRESETS.get(request.form.get("who", ""))
    return _judge(is_confidential=preset is not None and preset.is_confidential)


@blueprint.post("/apps/<client_id>/redirect-uris")
@requires(MANAGE_SYSTEM)
def judge_redirect_uris(client_id: str) -> Response:
    """Judge the lines of an app's settings."""
    return _judge(is_confidential=changed_client(client_id).is_confidential)


def _judge(*, is_confidential: bool) -> Response:
    text = request.form.get("redirect_uris", "")
    judgements = judged(text, is_confidential=is_confidential)
    return make_response(render_template(FRAGMENT, judgements=judgements))
