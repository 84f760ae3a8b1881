"""The Tokens tab: an app's live tokens, one by one and by person, and their end."""

from typing import Any

from flask import Response, abort, flash, request, url_for

from app.accounts.models import User
from app.accounts.services import find_user, list_users
from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients.models import Client
from app.clock import utcnow
from app.developer.blueprint import blueprint
from app.developer.impact import impact_for_person, impact_of
from app.developer.pages import (
    ask_about,
    changed_client,
    parsed_id,
    shown_client,
    tab_context,
    tab_url,
)
from app.developer.tokens.filters import TokenFilters
from app.extensions import db
from app.extensions import settings as server_settings
from app.tokens.listing import LOOKED_THROUGH, find_live_token, list_people
from app.tokens.revocation import (
    revoke_client_tokens,
    revoke_one_token,
    revoke_user_client_tokens,
)
from app.traffic.request_recorder import shows_traffic
from app.web import paginate, redirect_after, render_panel, requested_page, requires
from app.web.searching import searched
from app.web.times import in_words

#: Their rows are long; a page stays below 30 KB.
TOKENS_A_PAGE, PEOPLE_A_PAGE = 20, 15
#: As far as these lists go on and are counted: each row is joined from five tables.
MOST_SHOWN = 500


@blueprint.get("/apps/<client_id>/tokens")
@requires(MANAGE_SYSTEM)
def tokens(client_id: str) -> Response:
    """List the app's live access tokens, narrowed as the address says."""
    client, filters = shown_client(client_id), TokenFilters.of(request.args)
    person = filters.find_user()
    found = paginate(
        filters.select(client.id, user=person),
        page=requested_page(),
        per_page=TOKENS_A_PAGE,
        most=MOST_SHOWN,
    )
    return render_panel(
        "developer/tokens/page.html",
        **_views(client, "tokens"),
        filters=filters,
        person=person,
        tokens=found,
        looked_through=LOOKED_THROUGH,
        most_shown=MOST_SHOWN,
        own_audience=" ".join(server_settings.audiences),
    )


@blueprint.get("/apps/<client_id>/tokens/people")
@requires(MANAGE_SYSTEM)
def token_people(client_id: str) -> Response:
    """List the people for whom the app can renew its tokens."""
    client = shown_client(client_id)
    search = searched(request.args)
    people = list_people(client.id, among=list_users(search=search))
    return render_panel(
        "developer/tokens/people.html",
        **_views(client, "token_people"),
        search=search,
        people=paginate(
            people,
            page=requested_page(),
            per_page=PEOPLE_A_PAGE,
            most=MOST_SHOWN,
        ),
    )


@blueprint.get("/apps/<client_id>/tokens/<token_id>/revoke")
@requires(MANAGE_SYSTEM)
def confirm_revoke_token(client_id: str, token_id: str) -> Response:
    """Say what revoking one token breaks, and ask."""
    client, wanted = shown_client(client_id), parsed_id(token_id)
    token = find_live_token(client.id, wanted)
    if token is None:
        abort(404)
    whom = (token.user_name or token.user_email) if token.user_id else "itself"
    return ask_about(
        client,
        "tokens",
        question="Revoke this token?",
        button="Revoke the token",
        points=[
            f"The app acts for {whom} with it. The next request with it is refused.",
            f"It would otherwise expire {in_words(token.expires_at, utcnow())}.",
            "The refresh token issued with it is revoked too."
            if token.is_renewed
            else "The app can get a new one. To prevent that, disable the app.",
        ],
    )


@blueprint.post("/apps/<client_id>/tokens/<token_id>/revoke")
@requires(MANAGE_SYSTEM)
def revoke_token(client_id: str, token_id: str) -> Response:
    """End one token, and what was given together with it."""
    client = changed_client(client_id)
    was_there = revoke_one_token(
        actor=current_actor(), client=client, token_id=parsed_id(token_id)
    )
    if not was_there:
        abort(404)
    db.session.commit()
    return _ended(client, "The token has been revoked.")


@blueprint.get("/apps/<client_id>/tokens/revoke-all")
@requires(MANAGE_SYSTEM)
@shows_traffic
def confirm_revoke_all(client_id: str) -> Response:
    """Say what revoking every token breaks, and ask."""
    client = shown_client(client_id)
    return ask_about(
        client,
        "tokens",
        question=f"Revoke all tokens of {client.name}?",
        button="Revoke all tokens",
        points=[
            "All access tokens and refresh tokens stop working immediately.",
            "What people allowed stays allowed: the app can get new tokens for them.",
            "Secrets are kept, so the app can get new tokens for itself.",
        ],
        impact=impact_of(client),
    )


@blueprint.post("/apps/<client_id>/tokens/revoke-all")
@requires(MANAGE_SYSTEM)
def revoke_all_tokens(client_id: str) -> Response:
    """End every code and token of the app."""
    client = changed_client(client_id)
    revoke_client_tokens(actor=current_actor(), client=client)
    db.session.commit()
    return _ended(client, "All tokens have been revoked.")


@blueprint.get("/apps/<client_id>/tokens/of/<user_id>/revoke")
@requires(MANAGE_SYSTEM)
def confirm_revoke_for_person(client_id: str, user_id: str) -> Response:
    """Say what revoking the tokens for one person breaks, and ask."""
    client, user = shown_client(client_id), _person(user_id)
    impact = impact_for_person(client, user.id)
    return ask_about(
        client,
        "tokens",
        question=f"Revoke all tokens for {user.label}?",
        button="Revoke these tokens",
        points=[
            f"Access tokens that stop working: {impact.live_tokens.words}.",
            f"Refresh tokens that stop working: {impact.families.words}.",
            "What the person allowed stays allowed, so the app can get new tokens.",
        ],
    )


@blueprint.post("/apps/<client_id>/tokens/of/<user_id>/revoke")
@requires(MANAGE_SYSTEM)
def revoke_for_person(client_id: str, user_id: str) -> Response:
    """End every token with which the app acts for one person."""
    client, user = changed_client(client_id), _person(user_id)
    revoke_user_client_tokens(
        actor=current_actor(), client=client, user_id=user.id, user_label=user.label
    )
    db.session.commit()
    return _ended(client, f"All tokens for {user.label} have been revoked.")


def _person(user_id: str) -> User:
    user = find_user(parsed_id(user_id))
    if user is None:
        abort(404)
    return user


def _views(client: Client, view: str) -> dict[str, Any]:
    """Return what both views of the tab need, with the way from one to the other."""
    views = (("tokens", "All tokens"), ("token_people", "By person"))
    return tab_context(client, "tokens") | {
        "view": view,
        "views": [
            (key, label, url_for(f"developer.{key}", client_id=client.id))
            for key, label in views
        ],
    }


def _ended(client: Client, message: str) -> Response:
    flash(message, "success")
    return redirect_after(tab_url(client, "tokens"))
