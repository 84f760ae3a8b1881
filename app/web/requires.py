"""Who may open a page. Every route carries a guard or says that it is public."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request

from app.web.htmx import wants_fragment
from app.web.person import Person

View = TypeVar("View", bound=Callable[..., Any])
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
    person = signed_in_person()
    if person is None:
        raise RuntimeError("nobody is signed in: guard this view with @requires()")
    return person


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
    """Send the person to the sign-in page and remember where they wanted to go."""
    address = "/login?" + urlencode({"next": _way_back()})
    if not wants_fragment():
        return cast("Response", redirect(address, 303))
    # htmx would follow a redirect and paint the sign-in page inside the panel.
    return Response(status=401, headers={"HX-Redirect": address})


def _way_back() -> str:
    """Return a local address that a GET can open again after signing in."""
    if request.method in {"GET", "HEAD"} and not wants_fragment():
        return _local(request.full_path.rstrip("?"))
    page = request.headers.get("HX-Current-URL") or request.referrer or "/"
    try:
        parts = urlsplit(page)
    except ValueError:
        return "/"
    if parts.netloc != request.host:
        return "/"
    return _local(parts.path + (f"?{parts.query}" if parts.query else ""))


def _local(address: str) -> str:
    # Two slashes at the start would name another host.
    return address if address.startswith("/") and address[1:2] not in "/\\" else "/"
