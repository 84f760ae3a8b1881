"""The Overview tab: what an app is, how it is doing, and how to use it."""

from dataclasses import replace
from typing import Any

from flask import Response

from app.access.reach import does_anybody_hold
from app.builtin import MANAGE_SYSTEM
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client
from app.clock import utcnow
from app.developer.blueprint import blueprint
from app.developer.health.facts import facts_of_all
from app.developer.health.hints import hints_for
from app.developer.health.links import hint_url
from app.developer.pages import shown_client, tab_context, tab_url
from app.developer.snippets.code import snippets_for
from app.extensions import settings
from app.oauth.metadata import describe_server
from app.tokens.queries import live_token_counts
from app.traffic.counts import by_hour
from app.traffic.request_recorder import shows_traffic
from app.web import render_panel, requires

ENDPOINTS = (
    ("authorization_endpoint", "Authorization"),
    ("token_endpoint", "Token"),
    ("userinfo_endpoint", "User info"),
    ("introspection_endpoint", "Introspection"),
    ("revocation_endpoint", "Revocation"),
    ("jwks_uri", "Signing keys"),
    ("end_session_endpoint", "Sign out"),
)
GRANT_TITLES = (
    (CLIENT_CREDENTIALS, "As itself: client credentials"),
    (AUTHORIZATION_CODE, "For people: authorization code with PKCE"),
)


@blueprint.get("/apps/<client_id>")
@requires(MANAGE_SYSTEM)
@shows_traffic
def overview(client_id: str) -> Response:
    """Show ids, endpoints, snippets, what was asked for lately and what is odd."""
    client = shown_client(client_id)
    return render_panel("developer/overview/page.html", **overview_context(client))


def overview_context(client: Client) -> dict[str, Any]:
    """Return what the tab shows."""
    facts = facts_of_all([client])[client.id]
    facts = replace(facts, is_askable=does_anybody_hold(facts.may_ask_for))
    server = describe_server(settings)
    return tab_context(client, "overview") | {
        "hints": [
            (hint, hint_url(client, hint))
            for hint in hints_for(client, facts, utcnow())
        ],
        "secrets": facts.secrets,
        "live_tokens": live_token_counts([client.id])[client.id],
        "hours": by_hour(client.id),
        "issuer": settings.issuer,
        "endpoints": [(label, server[key]) for key, label in ENDPOINTS],
        "snippets": [
            (title, snippets_for(client, grant, may_ask_for=facts.may_ask_for))
            for grant, title in GRANT_TITLES
            if client.uses(grant)
        ],
        "settings_url": tab_url(client, "settings"),
    }
