"""Registering a redirect URI that came and was refused, and taking it back."""

from dataclasses import replace

from flask import Response, url_for

from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients.details import details_of
from app.clients.lifecycle import IN_TRASH
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.redirect_differences import is_other_origin, place_of
from app.clients.registration import update_client
from app.clock import utcnow
from app.developer.blueprint import blueprint
from app.developer.fields import version_in
from app.developer.impact import impact_of
from app.developer.pages import tab_url
from app.developer.reasons.redirect_uris import addable_uri
from app.developer.refused.forms import AddForm
from app.developer.refused.page import (
    changed,
    found_row,
    list_context,
    list_place,
    listed_client,
    row_query,
    where_stood,
)
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.traffic.models import RefusedRequest
from app.traffic.request_recorder import shows_traffic
from app.web import (
    ask,
    flash_with_undo,
    is_htmx,
    keep_focus_inside,
    redirect_after,
    render_invalid,
    render_panel,
    requires,
)
from app.web.counting import in_number
from app.web.forms import show_refusal

PLACE = "typed"


@blueprint.get("/refused/<refused_id>/add-redirect-uri")
@requires(MANAGE_SYSTEM)
@shows_traffic
def confirm_redirect_uri(refused_id: str) -> Response:
    """Say who is sent where if the redirect URI that came is registered, and ask."""
    row = found_row(refused_id)
    try:
        client, uri = _to_add(row)
    except DomainError:
        # It is registered already, or cannot be: the row says so.
        return redirect_after(list_place(listed_client())[1])
    form = AddForm(formdata=None)
    form.version.data = str(client.version)
    return _ask(row, client, uri, form)


@blueprint.post("/refused/<refused_id>/add-redirect-uri")
@requires(MANAGE_SYSTEM)
@shows_traffic
def add_redirect_uri(refused_id: str) -> Response:
    """Register the redirect URI that came, unless the app was changed meanwhile.

    Anybody can make such a row by sending a link. So one that leads to another place
    than what is registered needs that place typed.
    """
    row, form = found_row(refused_id), AddForm()
    try:
        client, uri = _to_add(row)
        is_elsewhere = is_other_origin(uri, client.redirect_uris)
        if is_elsewhere:
            form.check_place(place_of(uri))
        _register(client, uri, version=form.version.data or "")
    except DomainError as refusal:
        db.session.rollback()
        if refusal.field != PLACE:
            return _not_changed(refusal)
        show_refusal(form, refusal)
        return _ask(row, *_to_add(row), form, status=422)
    row.dismissed_at = utcnow()
    db.session.commit()
    return _added(row, uri, is_elsewhere=is_elsewhere)


@blueprint.post("/refused/<refused_id>/remove-redirect-uri")
@requires(MANAGE_SYSTEM)
@shows_traffic
def remove_redirect_uri(refused_id: str) -> Response:
    """Undo the adding: unregister exactly this URI, and put its row back."""
    row = found_row(refused_id)
    try:
        _unregister(row)
    except DomainError as refusal:
        db.session.rollback()
        return _not_changed(refusal)
    row.dismissed_at = None
    db.session.commit()
    return changed("Removed. The request is open again.", row)


def _to_add(row: RefusedRequest) -> tuple[Client, str]:
    client = _client_of(row)
    uri = addable_uri(row, client)
    if uri is None:
        raise DomainError("This address cannot be added. See the reason below.")
    return client, uri


def _client_of(row: RefusedRequest) -> Client:
    client = find_client(row.client_id, with_deleted=True) if row.client_id else None
    if client is None or client.deleted_at is not None:
        raise ConflictError(f"{IN_TRASH}.")
    return client


def _register(client: Client, uri: str, *, version: str) -> None:
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


def _unregister(row: RefusedRequest) -> None:
    client, uri = _client_of(row), row.facts.get("came")
    details = details_of(client)
    others = tuple(other for other in details.redirect_uris if other != uri)
    if others == details.redirect_uris:
        raise ConflictError("It is no longer registered.")
    update_client(
        actor=current_actor(),
        client=client,
        details=replace(details, redirect_uris=others),
        expected_version=client.version,
    )


def _ask(
    row: RefusedRequest, client: Client, uri: str, form: AddForm, *, status: int = 200
) -> Response:
    listed = listed_client()
    query, place = row_query(listed), place_of(uri)
    form.typed.description = f"Type {place} to confirm."
    return ask(
        f"Let {client.name} send people to {place}?",
        crumbs=[
            ("Refused requests", list_place(listed)[1]),
            (client.name, tab_url(client)),
        ],
        cancel_url=list_place(listed)[1],
        action=url_for("developer.add_redirect_uri", refused_id=row.id, **query),
        button="Add this URI",
        points=[
            f"Whoever controls {place} receives people's authorization codes, and with "
            "them access to what those people allow.",
            *_who_allows(client),
            "Anyone can cause such a request by sending a link. Add the address only "
            "if you control it.",
        ],
        details="developer/refused/adding.html",
        uri=uri,
        registered=client.redirect_uris,
        form=form,
        status=status,
    )


def _who_allows(client: Client) -> list[str]:
    people = impact_of(client).people
    who = in_number(people, "person allows", "people allow")
    return [f"{who} this app access now."] if people else []


def _added(row: RefusedRequest, uri: str, *, is_elsewhere: bool) -> Response:
    """Answer with the list, and the way back beside what was done."""
    listed = listed_client()
    template, url = list_place(listed)
    message = f"{uri} is now registered."
    undo = url_for(
        "developer.remove_redirect_uri", refused_id=row.id, **row_query(listed)
    )
    if not is_htmx():
        flash_with_undo(message, url=undo)
        return redirect_after(url)
    context = list_context(listed)
    context |= {"added": message, "undo_url": undo, "at": where_stood(row, context)}
    keep_focus_inside()
    answer = render_panel(
        template, announce=message, is_only_read_aloud=True, **context
    )
    if is_elsewhere:
        # The question had a page of its own.
        answer.headers["HX-Push-Url"] = url
    return answer


def _not_changed(refusal: DomainError) -> Response:
    listed = listed_client()
    template, _ = list_place(listed)
    context = list_context(listed) | {"problem": refusal.message}
    status = 409 if isinstance(refusal, ConflictError) else 422
    return render_invalid(template, status=status, **context)
