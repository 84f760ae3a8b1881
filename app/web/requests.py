"""What is settled for each request before its view runs."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request

from app.database import set_reads_only
from app.web.headers import MACHINE_CLASSES, page_class_of
from app.web.htmx import wants_fragment

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Settle how transactions begin, and turn away text that no database keeps."""
    # Ahead of Flask-WTF's check, which reads these headers and would stumble.
    app.before_request_funcs.setdefault(None, []).insert(0, _refuse_crooked_addresses)
    app.before_request(_promise_to_read_only)
    app.before_request(_refuse_nul)
    app.teardown_request(_forget_the_promise)


def writes_on_get(view: View) -> View:
    """Mark a view whose GET may write, such as the authorization endpoint."""
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


def claim_focus() -> bool:
    """Return whether the caller is the first in this answer to take the focus."""
    if "focus_claimed" in g:
        return False
    g.focus_claimed = True
    return True


def claim_heading_focus() -> bool:
    """Return whether a panel's heading is to take the focus.

    It is when htmx has put the panel in place, so that the next key goes on from there;
    not when a form came back with errors, and not on a page that the browser loaded.
    """
    return wants_fragment() and "is_invalid" not in g and claim_focus()


def _refuse_crooked_addresses() -> None:
    """Refuse a change sent with a host or referrer that is no address at all."""
    if request.method in SAFE_METHODS:
        return
    try:
        for address in (request.host_url, request.referrer or ""):
            _ = urlsplit(address).port
    except ValueError:
        abort(400)


def _promise_to_read_only() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    set_reads_only(
        request.method in SAFE_METHODS and not getattr(view, "writes_on_get", False)
    )


def _forget_the_promise(_error: BaseException | None) -> None:
    # The thread serves other requests, and commands in tests, after this one.
    set_reads_only(False)


def _refuse_nul() -> None:
    """PostgreSQL stores no NUL, and no honest form sends one.

    Protocol and API endpoints answer in their own words and guard themselves.
    """
    if page_class_of(request.endpoint) in MACHINE_CLASSES:
        return
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)
    if request.method == "POST" and any(
        "\0" in text for values in request.form.lists() for text in _texts(values)
    ):
        abort(400)


def _texts(values: tuple[str, list[str]]) -> list[str]:
    return [values[0], *values[1]]
