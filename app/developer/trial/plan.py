"""Beginning a trial, and ending it with everything that came of it."""

import base64
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from app.audit.actor import Actor
from app.clients import trials
from app.clients.models import BASIC, POST, Client, Trial
from app.consents.services import end_for_trial
from app.extensions import settings
from app.locking import lock
from app.tokens import pkce
from app.tokens.revocation import (
    END_OF_TRIAL,
    revoke_access_token,
    revoke_by_redirect_uri,
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the requests of a trial are made of, apart from any database session."""

    trial_id: uuid.UUID
    client_id: uuid.UUID
    user_id: uuid.UUID
    #: How the client proves who it is; what may be either is sent in the header.
    auth_method: str
    scope: str

    @classmethod
    def of(cls, client: Client, trial: Trial) -> "Plan":
        """Return the plan of a client's trial."""
        return cls(
            trial_id=trial.id,
            client_id=client.id,
            user_id=trial.user_id,
            auth_method=client.auth_method or BASIC,
            scope=trial.scope,
        )

    @property
    def client_secret(self) -> str:
        """The secret of these ten minutes; a public client sends none."""
        return trials.secret_of(self.trial_id)

    @property
    def code_verifier(self) -> str:
        """The verifier whose challenge the authorization request carries."""
        return trials.code_verifier_of(self.trial_id)

    @property
    def named_scope(self) -> dict[str, str]:
        """The parameter `scope`, unless nothing is named."""
        return {"scope": self.scope} if self.scope else {}

    def authorization_parameters(self) -> dict[str, str]:
        """Return the authorization request.

        The screen is asked for, so that it is seen where a consent stands already.
        """
        return {
            "response_type": "code",
            "client_id": str(self.client_id),
            "redirect_uri": trials.callback_address(),
            **self.named_scope,
            "state": trials.state_of(self.trial_id),
            "code_challenge": pkce.challenge_for(self.code_verifier),
            "code_challenge_method": pkce.METHOD,
            "prompt": "consent",
        }

    def authorization_address(self) -> str:
        """Return where the app would send the person."""
        query = urlencode(self.authorization_parameters())
        return f"{settings.issuer}/oauth/authorize?{query}"

    def credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the headers and the form fields by which the client is known."""
        client_id = str(self.client_id)
        if self.auth_method == BASIC:
            pair = f"{client_id}:{self.client_secret}".encode()
            encoded = base64.b64encode(pair).decode()
            return {"Authorization": f"Basic {encoded}"}, {}
        if self.auth_method == POST:
            return {}, {"client_id": client_id, "client_secret": self.client_secret}
        return {}, {"client_id": client_id}


def begin_trial(
    *,
    actor: Actor,
    client: Client,
    user_id: uuid.UUID,
    grant_type: str,
    scope: str,
) -> Plan:
    """Open a trial; those that this person has open for the app end. Flushes."""
    lock(client)
    end_open_trials(actor=actor, client=client, user_id=user_id)
    trial = trials.start_trial(
        actor=actor,
        client=client,
        user_id=user_id,
        grant_type=grant_type,
        scope=scope,
    )
    return Plan.of(client, trial)


def end_open_trials(*, actor: Actor, client: Client, user_id: uuid.UUID) -> None:
    """End every trial that a person has open for a client. Flushes."""
    for trial in trials.open_trials(client_id=client.id, user_id=user_id):
        trials.close_trial(trial.id)
        end_trial(actor=actor, trial=trial)


def end_trial(
    *, actor: Actor, trial: Trial, token_ids: Iterable[uuid.UUID] = ()
) -> None:
    """Leave nothing of a trial alive: its secret, its tokens, its consent. Flushes.

    A consent is the trial's if it ends when the trial does: one that stood before, or
    was given to the app itself meanwhile, stays.
    """
    for token_id in token_ids:
        revoke_access_token(
            token_id=token_id, client_id=trial.client_id, because=END_OF_TRIAL
        )
    revoke_by_redirect_uri(
        client_id=trial.client_id,
        user_id=trial.user_id,
        redirect_uri=trials.callback_address(),
        because=END_OF_TRIAL,
    )
    end_for_trial(
        actor=actor,
        user_id=trial.user_id,
        client_id=trial.client_id,
        ends_at=trial.expires_at,
    )
    trials.end_secret(actor=actor, trial=trial)
