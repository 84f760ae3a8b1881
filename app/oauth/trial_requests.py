"""Authorization requests of trials, and the one redirect URI that no app registers.

The callback of trials is valid for an open trial of the very client, named by its
state, with that trial's own challenge, at the browser of the person who runs it. For
everybody else it is an unknown redirect URI like any other.
"""

import uuid

from app.clients.models import Trial
from app.clients.statements import ClientRecord
from app.clients.trials import callback_address, code_verifier_of, find_by_state
from app.oauth.parameters import Parameters
from app.tokens.pkce import challenge_for

IS_OVER = (
    "This address works only while a trial is open, and only for the person who "
    "started it. Start the trial again."
)


def is_callback(redirect_uri: str) -> bool:
    """Tell whether a redirect URI is the callback of trials."""
    return redirect_uri == callback_address()


def find_trial(
    client: ClientRecord, parameters: Parameters, *, user_id: uuid.UUID | None
) -> Trial | None:
    """Return the open trial that sent this request, or null.

    Where nobody is signed in yet (`user_id` is null) it may be anybody's: the request
    is judged again once somebody is, and gives nothing before.
    """
    if not is_callback(parameters.get("redirect_uri", "")):
        return None
    trial = find_by_state(parameters.get("state"))
    if trial is None or trial.client_id != client.id:
        return None
    if user_id is not None and trial.user_id != user_id:
        return None
    # Whoever saw the address of this request could not have made another challenge.
    challenge = challenge_for(code_verifier_of(trial.id))
    return trial if parameters.get("code_challenge") == challenge else None
