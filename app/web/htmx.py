"""One template, two ways to show it: alone for htmx, inside the layout otherwise."""

from collections.abc import Callable
from typing import Any, cast

from flask import Response, flash, g, make_response, redirect, render_template, request

PAGE = "web/page.html"


def wants_fragment() -> bool:
    """Return whether htmx asks for a part of a page."""
    return (
        request.headers.get("HX-Request") == "true"
        # Going back fetches the whole page again.
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


is_htmx = wants_fragment


def render_panel(
    template: str,
    *,
    page: str = PAGE,
    status: int = 200,
    announce: str = "",
    **context: Any,
) -> Response:
    """Answer with the panel `template`, alone for htmx or inside `page` otherwise.

    `page` includes the template named `panel`. `announce` is a sentence for the one
    place of the page that is read aloud; `title` in the context names the document.
    """
    context |= {"panel": template, "announce": announce}
    outer = "web/fragment.html" if wants_fragment() else page
    return make_response(render_template(outer, **context), status)


def render_invalid(template: str, *, page: str = PAGE, **context: Any) -> Response:
    """Answer 422 with the form again: its first invalid field takes the focus."""
    g.is_invalid = True
    return render_panel(template, page=page, status=422, **context)


def render_change(
    template: str, *, url: str, message: str, page: str = PAGE, **context: Any
) -> Response:
    """Answer a change that stays on its page with the panel and the `message`.

    Without JavaScript the browser is sent to `url`, which shows the message once.
    Never for a secret: the message then travels in a cookie that can be read.
    """
    if wants_fragment():
        return render_panel(template, page=page, announce=message, **context)
    flash(message, "success")
    return cast("Response", redirect(url, 303))


def render_change_at(
    template: str,
    *,
    url: str,
    message: str,
    context: Callable[[], dict[str, Any]],
) -> Response:
    """Answer as `render_change`, and lead the address bar to `url` too.

    For a form that may have been on a page of its own. `context` is asked for only if
    the panel is rendered.
    """
    if not wants_fragment():
        return render_change(template, url=url, message=message)
    answer = render_change(template, url=url, message=message, **context())
    answer.headers["HX-Push-Url"] = url
    return answer


def render_once(template: str, *, leads_to: str, **context: Any) -> Response:
    """Answer with a panel that shows a secret: nobody keeps it, and it comes once.

    Loading the page again leads to the address `leads_to`; the form is not sent again.
    """
    answer = render_panel(template, **context)
    answer.headers["Cache-Control"] = "no-store"
    if wants_fragment():
        answer.headers["HX-Push-Url"] = leads_to
    return answer


def redirect_after(url: str) -> Response:
    """Leave the page after a change: 204 for htmx, 303 otherwise."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return cast("Response", redirect(url, 303))
