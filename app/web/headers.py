"""Headers by class of page: what a browser may do with each kind of answer."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from flask import Blueprint, Flask, Response, current_app, g, request

from app.config import Settings
from app.web.reference import reference_id

Header = tuple[str, str]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class PageClass:
    """What sets one kind of answer apart from the others.

    `has_scripts` admits scripts that carry the request's nonce. `may_leave` lifts
    `form-action`: with 'self' Chromium blocks the redirect to the client that follows
    the form, and Allow seems to do nothing. Such a page may also be a pop-up that the
    client opened, so its window is not cut off from the opener.
    """

    has_scripts: bool = False
    may_leave: bool = False
    is_page: bool = True


CLASSES = {
    "console": PageClass(has_scripts=True),
    "sign_in": PageClass(),
    "sign_in_to_consent": PageClass(may_leave=True),
    "consent": PageClass(may_leave=True),
    "sign_out": PageClass(may_leave=True),
    "form_post": PageClass(has_scripts=True, may_leave=True),
    "error": PageClass(),
    "reference": PageClass(),
    "api": PageClass(is_page=False),
    "protocol": PageClass(is_page=False),
    "static": PageClass(is_page=False),
}
#: Endpoints for programs: no session, no form, no template.
MACHINE_CLASSES = frozenset({"api", "protocol", "static"})
DEFAULT_CLASS = "console"

MACHINE_POLICY = "default-src 'none'; frame-ancestors 'none'"
EVERYWHERE: tuple[Header, ...] = (
    ("X-Content-Type-Options", "nosniff"),
    # `no-referrer` would make Flask-WTF refuse every form over https.
    ("Referrer-Policy", "same-origin"),
)
ON_PAGES: tuple[Header, ...] = (
    ("X-Frame-Options", "DENY"),
    (
        "Permissions-Policy",
        "browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "microphone=(), payment=(), usb=()",
    ),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # The same address gives htmx a panel and everybody else a page.
    ("Vary", "HX-Request, HX-History-Restore-Request"),
)
STRICT_TRANSPORT: Header = ("Strict-Transport-Security", "max-age=31536000")


def policy(name: str, nonce: str = "") -> str:
    """Return the Content-Security-Policy of pages of the class `name`."""
    kind = CLASSES[name]
    if not kind.is_page:
        return MACHINE_POLICY
    return "; ".join(
        [
            "default-src 'none'",
            *([f"script-src 'nonce-{nonce}'"] if kind.has_scripts else []),
            "style-src 'self'",
            "img-src 'self' data:",
            *(["connect-src 'self'"] if kind.has_scripts else []),
            *([] if kind.may_leave else ["form-action 'self'"]),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def headers_for(name: str, *, is_https: bool, nonce: str = "") -> list[Header]:
    """Return the headers that every answer of the class `name` carries.

    It needs no request, so that a shorter way in than Flask's can use it too.
    """
    kind = CLASSES[name]
    headers = [*EVERYWHERE, ("Content-Security-Policy", policy(name, nonce))]
    if kind.is_page:
        headers += ON_PAGES
        if not kind.may_leave:
            headers.append(("Cross-Origin-Opener-Policy", "same-origin"))
    if is_https:
        headers.append(STRICT_TRANSPORT)
    return headers


@overload
def page_class(target: str) -> Callable[[View], View]: ...
@overload
def page_class(target: Blueprint, name: str) -> None: ...
def page_class(
    target: Blueprint | str, name: str = ""
) -> Callable[[View], View] | None:
    """Name the class of a view (as a decorator) or of a whole blueprint's views."""
    if isinstance(target, Blueprint):
        _known(name)
        target.page_class = name  # type: ignore[attr-defined]
        return None
    _known(target)

    def mark(view: View) -> View:
        view.page_class = target  # type: ignore[attr-defined]
        return view

    return mark


def set_page_class(name: str) -> None:
    """Give this one answer another class than its view has."""
    g.page_class = _known(name)


def page_class_of(endpoint: str | None) -> str:
    """Return the class that the view or blueprint behind `endpoint` was given."""
    known: dict[str | None, str] = current_app.extensions["gatepass_page_classes"]
    name = known.get(endpoint)
    if name is None:
        name = known[endpoint] = _find_class(endpoint or "")
    return name


def _find_class(endpoint: str) -> str:
    if endpoint == "static":
        return "static"
    view = current_app.view_functions.get(endpoint)
    blueprint = current_app.blueprints.get(endpoint.rpartition(".")[0])
    own = getattr(view, "page_class", None)
    return own or getattr(blueprint, "page_class", None) or DEFAULT_CLASS


def csp_nonce() -> str:
    """Return the word that lets this page's own scripts run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask, settings: Settings) -> None:
    """Send the headers with every answer of `app`."""
    is_https = settings.is_https
    app.extensions["gatepass_page_classes"] = {}
    prepared = {
        name: headers_for(name, is_https=is_https)
        for name, kind in CLASSES.items()
        if not kind.has_scripts
    }

    @app.after_request
    def send_headers(response: Response) -> Response:
        name = g.get("page_class") or page_class_of(request.endpoint)
        ready = prepared.get(name) or headers_for(
            name, is_https=is_https, nonce=csp_nonce()
        )
        headers = response.headers
        headers.extend(ready)
        headers["X-Reference-Id"] = reference_id()
        # Whoever wants an answer kept says so; all others may hold what is secret.
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response


def _known(name: str) -> str:
    if name not in CLASSES:
        raise ValueError(f"{name!r} is no class of page: {', '.join(CLASSES)}")
    return name
