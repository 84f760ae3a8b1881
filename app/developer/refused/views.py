"""Refused requests in plain words: over all apps, and of one on its Activity tab."""

from dataclasses import replace
from typing import Any

from flask import Response, abort, request, url_for

from app.accounts.sign_in import current_actor
from app.clients.details import details_of
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.registration import update_client
from app.clock import utcnow
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.fields import version_in
from app.developer.pages import (
    parsed_id,
    section_tabs,
    shown_client,
    tab_context,
)
from app.developer.refused.findings import addable_uri, find_refused, shown
from app.developer.refused.listing import (
    RefusedFilters,
    endpoint_choices,
    kind_choices,
)
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.traffic.models import RefusedRequest
from app.traffic.noting import settle
from app.web import (
    paginate,
    render_change,
    render_invalid,
    render_panel,
    requested_page,
    requires,
    signed_in_person,
)

#: A row takes much room: few of them make a page.
PER_PAGE = 10
#: In an address: the app on whose Activity tab the rows are shown.
OF = "of"


@blueprint.before_request
def settle_what_is_read() -> None:
    """Write what was counted and refused, so that who has just seen an error finds it.

    Only for those who may read it: else strangers would make the server write as often
    as they ask, which the pace of the writing is there to prevent.
    """
    person = signed_in_person()
    if person is not None and MANAGE_SYSTEM in person.permissions:
        # It has only been read who asks.
        db.session.rollback()
        settle()


@blueprint.get("/refused")
@requires(MANAGE_SYSTEM)
def refused() -> Response:
    """List what was refused, the latest first."""
    return render_panel("developer/refused/page.html", **_listing(None))


@blueprint.get("/apps/<client_id>/activity/refused")
@requires(MANAGE_SYSTEM)
def activity_refused(client_id: str) -> Response:
    """List what one app was refused."""
    client = shown_client(client_id, tab="activity")
    return render_panel("developer/activity/refused.html", **_listing(client))


@blueprint.post("/refused/<refused_id>/put-aside")
@requires(MANAGE_SYSTEM)
def put_aside(refused_id: str) -> Response:
    """Take a row off the list until the same is refused again."""
    row = _found(refused_id)
    row.dismissed_at = row.dismissed_at or utcnow()
    db.session.commit()
    return _changed("It is put aside. If it happens again, it is shown again.", row)


@blueprint.post("/refused/<refused_id>/take-back")
@requires(MANAGE_SYSTEM)
def take_back(refused_id: str) -> Response:
    """Put a row back on the list."""
    row = _found(refused_id)
    row.dismissed_at = None
    db.session.commit()
    return _changed("It is back on the list.", row)


@blueprint.post("/refused/<refused_id>/add-redirect-uri")
@requires(MANAGE_SYSTEM)
def add_redirect_uri(refused_id: str) -> Response:
    """Register the redirect URI that came, unless the app was changed meanwhile."""
    row = _found(refused_id)
    try:
        uri = _register(row, request.form.get("version", ""))
    except DomainError as refusal:
        db.session.rollback()
        return _not_added(refusal)
    row.dismissed_at = utcnow()
    db.session.commit()
    return _changed(f"{uri} is registered now: the app may send people there.", row)


def _register(row: RefusedRequest, version: str) -> str:
    client = find_client(row.client_id, with_deleted=True) if row.client_id else None
    if client is None or client.deleted_at is not None:
        raise ConflictError("This app is in the trash. Restore it first.")
    uri = addable_uri(row, client)
    if uri is None:
        raise DomainError("This address cannot be added. Its row says why.")
    expected_version = version_in(version)
    if not expected_version:
        raise DomainError("This form is incomplete. Load the page again.")
    details = details_of(client)
    update_client(
        actor=current_actor(),
        client=client,
        details=replace(details, redirect_uris=(*details.redirect_uris, uri)),
        expected_version=expected_version,
    )
    return uri


def _found(refused_id: str) -> RefusedRequest:
    row = find_refused(parsed_id(refused_id))
    if row is None:
        abort(404)
    return row


def _of_client() -> Client | None:
    client_id = request.args.get(OF)
    return find_client(client_id) if client_id else None


def _changed(message: str, row: RefusedRequest) -> Response:
    client = _of_client()
    template, url = _place(client)
    context = _listing(client)
    place = _where_stood(row, [one for one, _ in context["found"].items])
    return render_change(template, url=url, message=message, place=place, **context)


def _where_stood(row: RefusedRequest, rows: list[RefusedRequest]) -> str:
    """Return the place of a row on the list, or where it was before it left."""
    for other in rows:
        if other.id == row.id:
            return f"at-{other.id}"
        if (other.last_seen_at, other.id) < (row.last_seen_at, row.id):
            return f"before-{other.id}"
    return "end"


def _not_added(refusal: DomainError) -> Response:
    client = _of_client()
    template, _ = _place(client)
    context = _listing(client) | {"problem": refusal.message}
    status = 409 if isinstance(refusal, ConflictError) else 422
    return render_invalid(template, status=status, **context)


def _place(client: Client | None) -> tuple[str, str]:
    """Return the template and the address of the list that the form was on."""
    query = RefusedFilters.of(request.args).query | _page()
    if client is None:
        return "developer/refused/page.html", url_for("developer.refused", **query)
    url = url_for("developer.activity_refused", client_id=client.id, **query)
    return "developer/activity/refused.html", url


def _page() -> dict[str, Any]:
    number = requested_page()
    return {"page": number} if number > 1 else {}


def _listing(client: Client | None) -> dict[str, Any]:
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
        # What the forms of rows carry, so that the same list comes back.
        "query": filters.query | _page() | ({OF: str(client.id)} if client else {}),
        "endpoint_choices": endpoint_choices(),
        "kind_choices": kind_choices(),
    }
    if client is None:
        return context | {"title": "Refused requests", "sections": section_tabs()}
    return context | tab_context(client, "activity")
