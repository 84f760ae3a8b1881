"""What the pages of Try it show, before a trial and after it."""

from typing import Any

from flask import Response

from app.access.catalogue import list_permissions
from app.access.effective import permission_names
from app.access.scopes import IDENTITY_SCOPES, OPENID_SCOPES, parse_scope
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client
from app.clients.statements import ClientRecord, load_client
from app.clients.trials import callback_address, open_trials, secret_of
from app.clock import utcnow
from app.developer.pages import shown_client, tab_context, tab_url
from app.developer.trial.conversation import Conversation
from app.developer.trial.forms import TrialForm
from app.developer.trial.plan import Plan
from app.developer.trial.words import IS_OVER, Power, claims_of, compare_powers
from app.digests import hint
from app.extensions import db
from app.kept_connections import kept_connection
from app.web import current_person, is_htmx, render_panel

RESULT = "developer/trial/result.html"
OVER = "developer/trial/over.html"
SHOWN_POWERS = 24


def record_of(client: Client) -> ClientRecord | None:
    """Return the client as the protocol sees it; null while it is disabled."""
    return load_client(
        kept_connection(db.engine), client_id=str(client.id), now=utcnow()
    )


def form_for_itself(client: Client, *, is_sent: bool = False) -> TrialForm:
    """Return the form for a token of the app's own."""
    record = record_of(client)
    names = sorted(record.permissions) if record else []
    return TrialForm.of("own", names, is_sent=is_sent)


def form_for_people(client: Client, *, is_sent: bool = False) -> TrialForm:
    """Return the form for a token that acts for a person."""
    record = record_of(client)
    names = sorted(record.delegable) if record else []
    return TrialForm.of("people", [*IDENTITY_SCOPES, *names], is_sent=is_sent)


def sentences() -> dict[str, str]:
    """Return what each scope means, by its name."""
    permissions = {p.name: p.description or p.name for p in list_permissions()}
    return permissions | IDENTITY_SCOPES


def trial_context(
    client: Client,
    *,
    for_itself: TrialForm | None = None,
    for_people: TrialForm | None = None,
) -> dict[str, Any]:
    """Return what the tab shows, with forms as they were sent or empty."""
    context = tab_context(client, "trial") | {"opened": None, "sentences": sentences()}
    if client.uses(CLIENT_CREDENTIALS):
        context["for_itself"] = for_itself or form_for_itself(client)
    if client.uses(AUTHORIZATION_CODE):
        context["for_people"] = for_people or form_for_people(client)
        context["callback"] = callback_address()
    opened = open_trials(client_id=client.id, user_id=current_person().id)
    if opened:
        context |= {
            "opened": opened[0],
            "link": Plan.of(client, opened[0]).authorization_address(),
            "secret_hint": hint(secret_of(opened[0].id)),
        }
    return context


def show_result(client_id: str, talk: Conversation) -> Response:
    """Answer with everything that was said in a trial, and what it means."""
    client = shown_client(client_id, also_in_trash=True)
    powers = _powers_of(client, talk)
    answer = render_panel(
        RESULT,
        **tab_context(client, "trial"),
        announce="Refused. The reason is below."
        if talk.refusal
        else "Done. The details are below.",
        talk=talk,
        tokens=[
            (token.title, claims_of(token.header), claims_of(token.claims))
            for token in talk.tokens
        ],
        powers=powers[:SHOWN_POWERS],
        more_powers=len(powers[SHOWN_POWERS:]),
        acts_for_person=bool(talk.me.get("user")),
    )
    if is_htmx():
        # The address that carried the code leaves the browser's history.
        answer.headers["HX-Replace-Url"] = tab_url(client, "trial")
    return answer


def _powers_of(client: Client, talk: Conversation) -> list[Power]:
    if not talk.tokens:
        return []
    claims, record = talk.tokens[0].claims, record_of(client)
    held: frozenset[str] = frozenset()
    if record is not None and claims["sub"] == claims["client_id"]:
        held = record.permissions
    elif record is not None:
        held = permission_names(talk.plan.user_id) & record.delegable
    return compare_powers(parse_scope(claims["scope"]) - OPENID_SCOPES, held)


def show_over(status: int, client: Client | None = None) -> Response:
    """Say that nothing can be done with a trial any more."""
    return render_panel(
        OVER,
        status=status,
        title="This trial is over",
        client=client,
        explanation=IS_OVER,
    )
