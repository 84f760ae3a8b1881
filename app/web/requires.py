"""Who may open a page. Every route carries a guard or says that it is public."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, g, redirect, request

from app.web.htmx import wants_fragment
from app.web.person import Person
from app.web.requests import SAFE_METHODS
from app.web.way_back import local, page_before

View = TypeVar("View", bound=Callable[..., Any])
_Found = TypeVar("_Found")
PersonLoader = Callable[[], Person | None]


def register_person_loader(app: Flask, load: PersonLoader) -> None:
    """Tell `app` how it learns who is signed in at the browser that asks."""
    app.extensions["gatepass_person_loader"] = load


def signed_in_person() -> Person | None:
    """Return who is signed in, asked for at most once a request."""
    if "signed_in_person" not in g:
        load = current_app.extensions.get("gatepass_person_loader")
        g.signed_in_person = load() if load else None
    return cast("Person | None", g.signed_in_person)


def current_person() -> Person:
    """Return who is signed in; only for views that are guarded."""
    return behind_guard(signed_in_person())


def behind_guard(found: _Found | None) -> _Found:
    """Return what is known of whoever is signed in; only for views that are guarded."""
    if found is None:
        raise RuntimeError("nobody is signed in: guard this view with @requires()")
    return found


def requires(*permissions: str) -> Callable[[View], View]:
    """Open a view only to people who are signed in and hold all `permissions`."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = signed_in_person()
            if person is None:
                return ask_to_sign_in()
            if not person.permissions.issuperset(permissions):
                abort(403)
            return view(*args, **kwargs)

        guarded.guard = permissions or ("signed in",)  # type: ignore[attr-defined]
        return cast("View", guarded)

    return guard


def public(view: View) -> View:
    """Mark a view that is open to everybody on purpose."""
    return guarded_by("public")(view)


def guarded_by(what: str) -> Callable[[View], View]:
    """Mark a view that checks by itself who asks, and say by what."""

    def mark(view: View) -> View:
        view.guard = (what,)  # type: ignore[attr-defined]
        return view

    return mark


def ask_to_sign_in() -> Response:
    """Send the person to the sign-in page and remember where they wanted to go.

    It says why, where somebody was at work already: see `accounts.sign_in.REASONS`.
    """
    query = {"next": _way_back()}
    if request.method not in SAFE_METHODS:
        query["why"] = "not-saved"
    elif wants_fragment():
        query["why"] = "ended"
    address = "/login?" + urlencode(query)
    if not wants_fragment():
        return cast("Response", redirect(address, 303))
    # htmx would follow a redirect and paint the sign-in page inside the panel.
    return Response(status=401, headers={"HX-Redirect": address})


def _way_back() -> str:
    """Return a local address that a GET can open again after signing in."""
    if request.method in SAFE_METHODS:
        # What htmx asks for in place is a page of its own, too.
        return local(request.full_path.rstrip("?")) or "/"
    return page_before() or "/"
