"""The list of refused requests as an address describes it, and a change of its rows."""

from typing import Any

from flask import Response, abort, request, url_for

from app.audit.queries import has_happened
from app.builtin import VIEW_AUDIT_LOG
from app.clients.models import Client
from app.clients.queries import find_client
from app.developer.pages import parsed_id, section_tabs, tab_context
from app.developer.refused.findings import find_refused, shown
from app.developer.refused.listing import (
    RefusedFilters,
    endpoint_choices,
    kind_choices,
)
from app.text import is_storable
from app.traffic.models import RefusedRequest
from app.web import current_person, paginate, render_change, requested_page

#: A row takes much room: few of them make a page.
PER_PAGE = 10
#: In an address: the app on whose Activity tab the rows are shown.
OF = "of"


def found_row(refused_id: str) -> RefusedRequest:
    """Return the row that an address names, or answer that there is none."""
    row = find_refused(parsed_id(refused_id))
    if row is None:
        abort(404)
    return row


def listed_client() -> Client | None:
    """Return the app on whose tab the form was, or null where it was on the list."""
    client_id = request.args.get(OF)
    return find_client(client_id) if client_id else None


def changed(message: str, row: RefusedRequest) -> Response:
    """Answer a change of a row with the list that the form was on."""
    client = listed_client()
    template, url = list_place(client)
    context = list_context(client)
    place = where_stood(row, context)
    return render_change(template, url=url, message=message, place=place, **context)


def where_stood(row: RefusedRequest, context: dict[str, Any]) -> str:
    """Return the place of a row on the list, or where it was before it left."""
    for other, _ in context["found"].items:
        if other.id == row.id:
            return f"at-{other.id}"
        if (other.last_seen_at, other.id) < (row.last_seen_at, row.id):
            return f"before-{other.id}"
    return "end"


def list_place(client: Client | None) -> tuple[str, str]:
    """Return the template and the address of the list that the form was on."""
    query = RefusedFilters.of(request.args).query | _page()
    if client is None:
        return "developer/refused/page.html", url_for("developer.refused", **query)
    url = url_for("developer.activity_refused", client_id=client.id, **query)
    return "developer/activity/refused.html", url


def _is_in_log(reference: str) -> bool:
    """Tell whether the reference is of something that was done, not refused."""
    return is_storable(reference) and bool(reference) and has_happened(reference)


def row_query(client: Client | None) -> dict[str, Any]:
    """Return what the forms of rows carry, so that the same list comes back."""
    return (
        RefusedFilters.of(request.args).query
        | _page()
        | ({OF: str(client.id)} if client else {})
    )


def _page() -> dict[str, Any]:
    number = requested_page()
    return {"page": number} if number > 1 else {}


def list_context(client: Client | None) -> dict[str, Any]:
    """Return what the list shows as this request's address describes it."""
    filters = RefusedFilters.of(request.args)
    found = paginate(
        filters.select(client=client), page=requested_page(), per_page=PER_PAGE
    )
    context = {
        "client": client,
        "filters": filters,
        "found": found,
        "refusals": shown((row, of) for row, of in found.items),
        "query": row_query(client),
        "may_read_log": VIEW_AUDIT_LOG in current_person().permissions,
        "is_in_log": not found.total and _is_in_log(filters.reference),
        "endpoint_choices": endpoint_choices(),
        "kind_choices": kind_choices(),
    }
    if client is None:
        return context | {"title": "Refused requests", "sections": section_tabs()}
    return context | tab_context(client, "activity")
