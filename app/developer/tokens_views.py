"""The Tokens tab: the live tokens of an app, and their end."""

from typing import Any

from flask import Response, abort, flash

from app.accounts.services import find_user
from app.accounts.sign_in import current_actor
from app.clients.models import Client
from app.developer import services
from app.developer.blueprint import MANAGE_SYSTEM, blueprint
from app.developer.pages import (
    ask,
    changed_client,
    parsed_id,
    shown_client,
    tab_context,
    tab_url,
)
from app.extensions import db
from app.tokens.queries import live_tokens, live_users
from app.tokens.revocation import revoke_client_tokens, revoke_user_client_tokens
from app.web import (
    paginate,
    redirect_after,
    render_panel,
    requested_page,
    requires,
)


@blueprint.get("/apps/<client_id>/tokens")
@requires(MANAGE_SYSTEM)
def tokens(client_id: str) -> Response:
    """List the app's live access tokens and the people it acts for."""
    client = shown_client(client_id)
    return render_panel(
        "developer/tokens.html",
        **tab_context(client, "tokens"),
        tokens=paginate(live_tokens(client.id), page=requested_page()),
        users=live_users(client.id),
    )


@blueprint.get("/apps/<client_id>/tokens/<token_id>/revoke")
@requires(MANAGE_SYSTEM)
def confirm_revoke_token(client_id: str, token_id: str) -> Response:
    """Say what revoking one token breaks, and ask."""
    client, wanted = shown_client(client_id), parsed_id(token_id)
    token = next((t for t in _live(client) if t.id == wanted), None)
    if token is None:
        abort(404)
    return ask(
        client,
        "tokens",
        question="Revoke this token?",
        button="Revoke the token",
        points=[
            "The app's next call with it is refused.",
            "The refresh token that came with it ends too."
            if token.family_id
            else "The app can get another one: disable the app to prevent that.",
        ],
    )


@blueprint.post("/apps/<client_id>/tokens/<token_id>/revoke")
@requires(MANAGE_SYSTEM)
def revoke_token(client_id: str, token_id: str) -> Response:
    """End one token, and what was given together with it."""
    client = changed_client(client_id)
    was_there = services.revoke_one_token(
        actor=current_actor(), client=client, token_id=parsed_id(token_id)
    )
    if not was_there:
        abort(404)
    db.session.commit()
    return _ended(client, "The token is revoked.")


@blueprint.get("/apps/<client_id>/tokens/revoke-all")
@requires(MANAGE_SYSTEM)
def confirm_revoke_all(client_id: str) -> Response:
    """Say what revoking every token breaks, and ask."""
    client = shown_client(client_id)
    impact = services.impact_of(client)
    return ask(
        client,
        "tokens",
        question="Revoke every token of this app?",
        button="Revoke every token",
        points=[
            f"Live tokens that end at once: {impact.live_tokens}.",
            f"People for whom the app must ask for new ones: {impact.users}.",
            "Secrets stay as they are, so the app can get new tokens.",
        ],
    )


@blueprint.post("/apps/<client_id>/tokens/revoke-all")
@requires(MANAGE_SYSTEM)
def revoke_all_tokens(client_id: str) -> Response:
    """End every code and token of the app."""
    client = changed_client(client_id)
    revoke_client_tokens(actor=current_actor(), client=client)
    db.session.commit()
    return _ended(client, "Every token is revoked.")


@blueprint.get("/apps/<client_id>/tokens/of/<user_id>/revoke")
@requires(MANAGE_SYSTEM)
def confirm_revoke_for_person(client_id: str, user_id: str) -> Response:
    """Say what revoking the tokens for one person breaks, and ask."""
    client, user = shown_client(client_id), find_user(parsed_id(user_id))
    if user is None:
        abort(404)
    return ask(
        client,
        "tokens",
        question=f"Revoke every token for {user.label}?",
        button="Revoke these tokens",
        points=[
            "The app can no longer act for this person with what it has.",
            "What the person allowed stays allowed, so the app can ask again.",
        ],
    )


@blueprint.post("/apps/<client_id>/tokens/of/<user_id>/revoke")
@requires(MANAGE_SYSTEM)
def revoke_for_person(client_id: str, user_id: str) -> Response:
    """End every token with which the app acts for one person."""
    client, user = changed_client(client_id), find_user(parsed_id(user_id))
    if user is None:
        abort(404)
    revoke_user_client_tokens(
        actor=current_actor(), client=client, user_id=user.id, user_label=user.label
    )
    db.session.commit()
    return _ended(client, f"Every token for {user.label} is revoked.")


def _ended(client: Client, message: str) -> Response:
    flash(message, "success")
    return redirect_after(tab_url(client, "tokens"))


def _live(client: Client) -> Any:
    return db.session.execute(live_tokens(client.id))
