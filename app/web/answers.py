"""Answers to a form that stay on its page: what is wrong, or done, where it is seen."""

from collections.abc import Callable
from typing import Any, cast

from flask import Response, flash, g, get_flashed_messages, redirect

from app.web.focus import keep_focus_inside
from app.web.htmx import PAGE, render_panel, wants_fragment

#: The id of what is said in place, and the category of flashes that will be.
DONE = "done"


def render_invalid(
    template: str, *, page: str = PAGE, status: int = 422, **context: Any
) -> Response:
    """Answer with the form again, as it was sent.

    The first invalid field takes the focus, or the urgent notice that says more. The
    `status` is 409 where the form was overtaken, and 200 where nothing was to be saved.
    """
    keep_focus_inside()
    return render_panel(template, page=page, status=status, **context)


def render_change(
    template: str,
    *,
    url: str,
    message: str,
    place: str = "",
    page: str = PAGE,
    **context: Any,
) -> Response:
    """Answer a change that stays on its page with the panel and the `message`.

    Without JavaScript the browser is sent to `url`, which shows the message once.
    With a `place` it stands where the macro `done` names it, and takes the focus, so
    that the page stays where it is; without, the page is read from its heading.
    Never for a secret: the message then travels in a cookie that can be read.
    """
    if wants_fragment():
        if place:
            g.done = {"place": place, "text": message}
            keep_focus_inside()
        return render_panel(template, page=page, announce=message, **context)
    if not place:
        flash(message, "success")
        return cast("Response", redirect(url, 303))
    flash({"place": place, "text": message}, DONE)  # type: ignore[arg-type]
    return cast("Response", redirect(f"{url}#{DONE}", 303))


def render_change_at(
    template: str,
    *,
    url: str,
    message: str,
    context: Callable[[], dict[str, Any]],
    place: str = "",
) -> Response:
    """Answer as `render_change`, and lead the address bar to `url` too.

    For a form that may have been on a page of its own. `context` is asked for only if
    the panel is rendered.
    """
    if not wants_fragment():
        return render_change(template, url=url, message=message, place=place)
    answer = render_change(template, url=url, message=message, place=place, **context())
    answer.headers["HX-Push-Url"] = url
    return answer


def done_at(place: str) -> str:
    """Return what is to be said at `place`, if anything: once in an answer."""
    done = _not_said_yet()
    if done is None or done["place"] != place:
        return ""
    g.done, g.is_said_in_place = None, True
    return done["text"]


def done_elsewhere() -> str:
    """Return what no place of the page has said; asked for when all have been."""
    done = _not_said_yet()
    return done["text"] if done else ""


def is_said_in_place() -> bool:
    """Tell whether the answer shows already what it announces."""
    return "is_said_in_place" in g


def _not_said_yet() -> dict[str, str] | None:
    if "done" not in g:
        # Reading flashes drops them all, and only whole pages show the others.
        flashes = (
            [] if wants_fragment() else get_flashed_messages(category_filter=[DONE])
        )
        g.done = flashes[-1] if flashes else None
    return cast("dict[str, str] | None", g.done)
