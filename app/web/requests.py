"""What is settled for each request before its view runs."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask_wtf.csrf import CSRFError

from app.database import set_reads_only
from app.web.foreign import is_sent_by_foreign_page
from app.web.headers import MACHINE_CLASSES, page_class_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Settle how transactions begin; turn away other sites' forms, and NUL."""
    # Ahead of Flask-WTF's check, which reads host and referrer and would stumble.
    app.before_request_funcs.setdefault(None, []).insert(0, _prepare)
    app.teardown_request(_forget_the_promise)


def writes_on_get(view: View) -> View:
    """Mark a view whose GET may write, such as the authorization endpoint."""
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


def _prepare() -> None:
    # One hook and no more work than needed: every token request pays for it.
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    is_safe = request.method in SAFE_METHODS
    set_reads_only(is_safe and not getattr(view, "writes_on_get", False))
    if page_class_of(endpoint) in MACHINE_CLASSES:
        # Protocol and API endpoints answer in their own words and guard themselves.
        return
    if not is_safe:
        _refuse_crooked_addresses()
        if is_sent_by_foreign_page():
            raise CSRFError("another site's page sent this form")
    _refuse_nul()


def _refuse_crooked_addresses() -> None:
    """Refuse a change sent with a host or referrer that is no address at all."""
    try:
        for address in (request.host_url, request.referrer or ""):
            _ = urlsplit(address).port
    except ValueError:
        abort(400)


def _forget_the_promise(_error: BaseException | None) -> None:
    # The thread serves other requests, and commands in tests, after this one.
    set_reads_only(False)


def _refuse_nul() -> None:
    """PostgreSQL stores no NUL, and no honest form sends one."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)
    if request.method == "POST" and any(
        "\0" in text for values in request.form.lists() for text in _texts(values)
    ):
        abort(400)


def _texts(values: tuple[str, list[str]]) -> list[str]:
    return [values[0], *values[1]]
