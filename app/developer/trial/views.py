"""The Try it tab: the real flows of an app, run with a secret of ten minutes.

What a flow gets is known to the process that runs it, for the length of one request:
it is revoked there, and that very answer shows it, cut down to hints. The code comes
back by a GET, which changes nothing; the person sends it on by a form.
"""

from collections.abc import Callable

from flask import Response, request

from app.accounts.sign_in import current_actor
from app.builtin import MANAGE_SYSTEM
from app.clients import trials as client_trials
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Trial
from app.developer.blueprint import blueprint
from app.developer.pages import changed_client, show_change, shown_client, tab_context
from app.developer.trial.conversation import Conversation
from app.developer.trial.page import (
    form_for_itself,
    form_for_people,
    show_over,
    show_result,
    trial_context,
)
from app.developer.trial.plan import Plan, begin_trial, end_open_trials, end_trial
from app.developer.trial.wire import send
from app.developer.trial.words import explain_refusal
from app.extensions import db, settings
from app.web import current_person, render_invalid, render_panel, requires

PANEL = "developer/trial/page.html"
CALLBACK = "developer/trial/callback.html"
_ANSWERS = ("code", "error", "error_description", "state", "iss")


@blueprint.get("/apps/<client_id>/try")
@requires(MANAGE_SYSTEM)
def trial(client_id: str) -> Response:
    """Offer the flows that the app is registered for."""
    client = shown_client(client_id)
    return render_panel(PANEL, **trial_context(client))


@blueprint.post("/apps/<client_id>/try/as-itself")
@requires(MANAGE_SYSTEM)
def try_as_itself(client_id: str) -> Response:
    """Run the client credentials grant from end to end, and show it."""
    client = changed_client(client_id)
    form = form_for_itself(client, is_sent=True)
    if not form.validate():
        return render_invalid(PANEL, **trial_context(client, for_itself=form))
    plan = begin_trial(
        actor=current_actor(),
        client=client,
        user_id=current_person().id,
        grant_type=CLIENT_CREDENTIALS,
        scope=form.scope,
    )
    client_trials.close_trial(plan.trial_id)
    talk = Conversation(plan=plan, send=send)
    _run(talk, talk.act_as_itself)
    return show_result(client_id, talk)


@blueprint.post("/apps/<client_id>/try/for-a-person")
@requires(MANAGE_SYSTEM)
def try_for_a_person(client_id: str) -> Response:
    """Open a trial of the code flow; its link leads to the consent screen."""
    client = changed_client(client_id)
    form = form_for_people(client, is_sent=True)
    if not form.validate():
        return render_invalid(PANEL, **trial_context(client, for_people=form))
    begin_trial(
        actor=current_actor(),
        client=client,
        user_id=current_person().id,
        grant_type=AUTHORIZATION_CODE,
        scope=form.scope,
    )
    db.session.commit()
    message = "The trial has started. It ends in ten minutes."
    return show_change(client, "trial", message, trial_context, place="for-a-person")


@blueprint.get("/try/callback")
@requires(MANAGE_SYSTEM)
def trial_callback() -> Response:
    """Take the place of the app's redirect URI: show what came, and change nothing."""
    found = _own_trial(request.args.get("state"))
    if found is None:
        return show_over(404)
    client = shown_client(str(found.client_id))
    answered = {name: request.args[name] for name in _ANSWERS if name in request.args}
    return render_panel(
        CALLBACK,
        **tab_context(client, "trial"),
        answered=answered,
        # An app has to notice: an answer of another server is none for us.
        is_ours=answered.get("iss") == settings.issuer,
        refusal=explain_refusal(answered),
        code_ttl=settings.authorization_code_ttl,
    )


@blueprint.post("/apps/<client_id>/try/exchange")
@requires(MANAGE_SYSTEM)
def exchange(client_id: str) -> Response:
    """Exchange the code as the app would, once, and show what came of it."""
    client = changed_client(client_id)
    found, code = _own_trial(request.form.get("state")), request.form.get("code", "")
    if found is None or found.client_id != client.id or not code:
        return show_over(409, client)
    if not client_trials.close_trial(found.id):
        # Sent twice at once: the other one was quicker.
        db.session.rollback()
        return show_over(409, client)
    talk = Conversation(plan=Plan.of(client, found), send=send)
    talk.came_back(code)
    is_refreshed = request.form.get("refresh") == "yes"
    _run(talk, lambda: talk.redeem(code, is_refreshed=is_refreshed))
    return show_result(client_id, talk)


@blueprint.post("/apps/<client_id>/try/finish")
@requires(MANAGE_SYSTEM)
def finish_trial(client_id: str) -> Response:
    """End what this person has open for the app."""
    client = changed_client(client_id)
    end_open_trials(actor=current_actor(), client=client, user_id=current_person().id)
    db.session.commit()
    message = "The trial has ended. Everything in it was revoked."
    return show_change(client, "trial", message, trial_context, place="for-a-person")


def _own_trial(state: str | None) -> Trial | None:
    """Return the open trial with this state, but only to the person who runs it."""
    found = client_trials.find_by_state(state)
    return found if found and found.user_id == current_person().id else None


def _run(talk: Conversation, flow: Callable[[], None]) -> None:
    """Run a flow outside of any transaction, and end whatever came of it.

    Commits before, since the requests must find the trial and the database unlocked,
    and again when everything is revoked, also where the flow broke off.
    """
    actor = current_actor()
    db.session.commit()
    try:
        flow()
    finally:
        trial = db.session.get_one(Trial, talk.plan.trial_id)
        end_trial(actor=actor, trial=trial, token_ids=talk.token_ids)
        db.session.commit()
