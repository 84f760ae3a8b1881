"""Connected apps: what each may do, removing one or all, and *this wasn't me*."""

import uuid
from typing import Any

from flask import Response, abort, url_for

from app.accounts.sign_in import current_actor
from app.audit.words import in_words
from app.clients.models import Client
from app.consents import services as consents
from app.consents.cases import closing_of
from app.consents.models import Consent
from app.extensions import db
from app.portal.blueprint import blueprint, signed_in
from app.portal.connected_apps import ConnectedApp
from app.portal.connected_apps import connected_apps as cards_of
from app.portal.disputes import dispute, find_case
from app.web import redirect_after, render_change, render_panel, requires

APPS = "portal/apps.html"


@blueprint.get("/account/apps")
@requires()
def connected_apps() -> Response:
    """Show the apps that may act for the person, and what each can do."""
    return render_panel(APPS, **_apps())


@blueprint.get("/account/apps/<uuid:consent_id>/remove")
@requires()
def confirm_remove_access(consent_id: uuid.UUID) -> Response:
    """Say what removing one app does, and ask."""
    action = url_for(".remove_access", consent_id=consent_id)
    return _ask_to_remove([_card(consent_id)], action)


@blueprint.post("/account/apps/<uuid:consent_id>/remove")
@requires()
def remove_access(consent_id: uuid.UUID) -> Response:
    """Take back all that an app may do: its tokens for the person are dead at once."""
    user, _ = signed_in()
    consent = _standing(consent_id)
    name = consent.client.name
    consents.withdraw_app(
        actor=current_actor(), user_id=user.id, client_id=consent.client_id
    )
    db.session.commit()
    return _apps_changed(f"{name} can no longer use your account.")


@blueprint.get("/account/apps/remove-all")
@requires()
def confirm_remove_all() -> Response:
    """Say what removing every app does, and ask."""
    user, _ = signed_in()
    return _ask_to_remove(cards_of(user), url_for(".remove_all"))


@blueprint.post("/account/apps/remove-all")
@requires()
def remove_all() -> Response:
    """Take every consent back."""
    user, _ = signed_in()
    consents.withdraw_all(actor=current_actor(), user_id=user.id)
    db.session.commit()
    return _apps_changed("No app can use your account any more.")


@blueprint.get("/account/apps/<uuid:consent_id>/dispute")
@requires()
def confirm_dispute(consent_id: uuid.UUID) -> Response:
    """Say what *this wasn't me* does, and ask."""
    app = _card(consent_id)
    action = url_for(".dispute_app", consent_id=consent_id)
    return render_panel(
        "portal/dispute.html", title="This wasn't me", app=app, action=action
    )


@blueprint.post("/account/apps/<uuid:consent_id>/dispute")
@requires()
def dispute_app(consent_id: uuid.UUID) -> Response:
    """End everything of the app and the other sessions, and open a case."""
    user, here = signed_in()
    client = _client_of(consent_id)
    case = dispute(actor=current_actor(), user=user, here=here, client=client)
    if case is None:
        abort(404)
    number = case.reference_id
    db.session.commit()
    return redirect_after(url_for(".show_case", number=number))


@blueprint.get("/account/cases/<number>")
@requires()
def show_case(number: str) -> Response:
    """Show the person what was ended, the case's number, and what to do now."""
    user, _ = signed_in()
    case = find_case(user, number)
    if case is None:
        abort(404)
    return render_panel(
        "portal/case.html",
        title=f"Case {number}",
        case=case,
        closing=closing_of(case),
    )


def _card(consent_id: uuid.UUID) -> ConnectedApp:
    """Return the card of the app that the person's standing consent is for."""
    user, _ = signed_in()
    client_id = _standing(consent_id).client_id
    found = (app for app in cards_of(user) if app.client_id == client_id)
    return next(found, None) or abort(404)


def _standing(consent_id: uuid.UUID) -> Consent:
    user, _ = signed_in()
    consent = consents.find_for_user(user_id=user.id, consent_id=consent_id)
    return consent or abort(404)


def _client_of(consent_id: uuid.UUID) -> Client:
    """Return the app that the person allowed, also where they took it back since."""
    user, _ = signed_in()
    consent = db.session.get(Consent, consent_id)
    if consent is None or consent.user_id != user.id:
        abort(404)
    return consent.client


def _apps() -> dict[str, Any]:
    user, _ = signed_in()
    apps = cards_of(user)
    return {"title": "Connected apps", "apps": apps, "in_words": in_words}


def _apps_changed(message: str) -> Response:
    url = url_for(".connected_apps")
    return render_change(APPS, url=url, message=message, place="apps", **_apps())


def _ask_to_remove(apps: object, action: str) -> Response:
    return render_panel(
        "portal/remove_access.html", title="Remove access", apps=apps, action=action
    )
