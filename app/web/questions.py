"""Asking whether somebody means what they are about to do."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.web.focus import keep_focus_inside
from app.web.htmx import render_panel


def ask(
    question: str,
    *,
    crumbs: Sequence[tuple[str, str]],
    button: str,
    points: Sequence[str],
    cancel_url: str = "",
    status: int = 200,
    **words: Any,
) -> Response:
    """Ask `question` and say what follows; the answer goes to the same address.

    The last of the `crumbs` is what it is about, and leads back unless `cancel_url`
    does. `words` may have a `form` with what went wrong, a `warning`, `is_harmless` for
    what ends nothing, `details`: a template that says more, with what that needs, and
    `action` where the answer goes to another address than this one.
    """
    if status != 200:
        keep_focus_inside()
    return render_panel(
        "web/confirm.html",
        status=status,
        title=question,
        question=question,
        crumbs=crumbs,
        button=button,
        points=points,
        cancel_url=cancel_url or crumbs[-1][1],
        **words,
    )
