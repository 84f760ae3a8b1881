"""One template, two ways to show it: alone for htmx, inside the layout otherwise."""

from typing import Any, cast

from flask import Response, make_response, redirect, render_template, request

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


def render_once(template: str, *, leads_to: str, **context: Any) -> Response:
    """Answer with a panel that shows a secret: nobody keeps it, and it comes once.

    Loading the page again leads to the address `leads_to`; the form is not sent again.
    What it announces is only read aloud: the page says it, and nothing covers it.
    """
    answer = render_panel(template, is_only_read_aloud=True, **context)
    answer.headers["Cache-Control"] = "no-store"
    if wants_fragment():
        answer.headers["HX-Push-Url"] = leads_to
    return answer


def redirect_after(url: str) -> Response:
    """Leave the page after a change: 204 for htmx, 303 otherwise."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return cast("Response", redirect(url, 303))
