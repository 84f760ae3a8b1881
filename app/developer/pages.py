"""What the pages of one app share: finding it, its tabs, and how changes are shown."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, abort, redirect, url_for
from flask_wtf import FlaskForm

from app.clients.lifecycle import check_is_kept
from app.clients.models import Client
from app.clients.queries import find_client
from app.developer.impact import Impact
from app.web import ask, render_change_at
from app.web.parsing import uuid_in

TABS = (
    ("overview", "Overview"),
    ("settings", "Settings"),
    ("permissions", "Permissions"),
    ("tokens", "Tokens"),
    ("activity", "Activity"),
    ("trial", "Try it"),
    ("danger", "Danger zone"),
)
#: What is left of them while an app is in the trash.
TRASH_TABS = (("danger", "Trash"), ("activity", "Activity"))
SECTIONS = (
    ("start", "Overview"),
    ("apps", "Apps"),
    ("refused", "Refused requests"),
)


def shown_client(client_id: str, *, also_in_trash: bool = False) -> Client:
    """Return the client that a page is about.

    For a page that is not `also_in_trash` the browser is led to where such an app can
    be restored.
    """
    client = find_client(client_id, with_deleted=True)
    if client is None:
        abort(404)
    if client.deleted_at is not None and not also_in_trash:
        abort(redirect(tab_url(client, "danger"), 303))
    return client


def changed_client(client_id: str) -> Client:
    """Return the client that a form is about; one in the trash cannot be changed."""
    client = find_client(client_id, with_deleted=True)
    if client is None:
        abort(404)
    check_is_kept(client)
    return client


def parsed_id(text: str) -> uuid.UUID:
    """Return the id in an address, or answer that there is nothing there."""
    return uuid_in(text) or abort(404)


def tab_url(client: Client, tab: str = "settings") -> str:
    """Return the address of one of the client's tabs."""
    return url_for(f"developer.{tab}", client_id=client.id)


def tab_context(client: Client, tab: str) -> dict[str, Any]:
    """Return what the head of each tab needs."""
    tabs = TABS if client.deleted_at is None else TRASH_TABS
    return {
        "client": client,
        "tab": tab,
        "title": f"{client.name}: {dict([*TABS, *tabs])[tab]}",
        "tabs": [(key, label, tab_url(client, key)) for key, label in tabs],
    }


def section_tabs() -> list[tuple[str, str, str]]:
    """Return the parts of Developer, as the macro `tabs` takes them."""
    return [(key, label, url_for(f"developer.{key}")) for key, label in SECTIONS]


def show_change(
    client: Client,
    tab: str,
    message: str,
    context: Callable[[Client], dict[str, Any]],
    *,
    place: str = "",
) -> Response:
    """Answer a change with the tab it belongs to and the `message` at its `place`."""
    return render_change_at(
        f"developer/{tab}/page.html",
        url=tab_url(client, tab),
        message=message,
        context=lambda: context(client),
        place=place,
    )


def ask_about(
    client: Client,
    tab: str,
    *,
    question: str,
    button: str,
    points: list[str],
    impact: Impact | None = None,
    form: FlaskForm | None = None,
    status: int = 200,
) -> Response:
    """Ask whether the person means it; cancelling leads back to `tab`.

    With `impact` the page counts what depends on the app now; hidden fields of `form`
    are sent with the answer.
    """
    return ask(
        question,
        crumbs=[
            ("Apps", url_for("developer.apps")),
            (client.name, tab_url(client, tab)),
        ],
        button=button,
        points=points,
        details="developer/impact_now.html" if impact else "",
        impact=impact,
        form=form,
        status=status,
    )
