"""Trials: an administrator runs an app's own flows with credentials of ten minutes.

The secret, the state and the code verifier of a trial follow from its id for whoever
knows SECRET_KEY. Each request makes them anew, so none of them is kept: not in the
database, which has the digest of the secret, nor in a session, nor on a page.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select, update

from app import digests
from app.access.models import Permission
from app.access.scopes import OPENID_SCOPES, parse_scope
from app.audit.actor import Actor
from app.clients.events import record_on_client
from app.clients.lifecycle import check_is_kept
from app.clients.models import AUTHORIZATION_CODE, Client, ClientSecret, Trial
from app.clock import utcnow
from app.errors import ConflictError
from app.extensions import db, settings
from app.locking import lock
from app.purging import purge_rows
from app.traffic.redaction import LEFT_OUT
from app.web.parsing import uuid_in

LIFETIME = timedelta(minutes=10)
CALLBACK_PATH = "/developer/try/callback"
_STATE, _VERIFIER = "gpt", "gpv"


def callback_address() -> str:
    """Return the redirect URI of trials; it is valid for an open one and no other."""
    return settings.issuer + CALLBACK_PATH


def secret_of(trial_id: uuid.UUID) -> str:
    """Return the client secret that was made for a trial."""
    return _derived(digests.CLIENT_SECRET, "client secret", trial_id)


def code_verifier_of(trial_id: uuid.UUID) -> str:
    """Return the code verifier of a trial."""
    return _derived(_VERIFIER, "code verifier", trial_id)


def state_of(trial_id: uuid.UUID) -> str:
    """Return the state of a trial: its id, and the proof that we spelled it."""
    return f"{trial_id}.{_derived(_STATE, 'state', trial_id)}"


def _derived(prefix: str, what: str, trial_id: uuid.UUID) -> str:
    return digests.derive(
        prefix,
        secret_key=settings.secret_key,
        purpose=f"trial {what}",
        source=str(trial_id),
    )


def start_trial(
    *,
    actor: Actor,
    client: Client,
    user_id: uuid.UUID,
    grant_type: str,
    scope: str = "",
) -> Trial:
    """Open a trial of ten minutes with a secret of its own. Flushes.

    A public client gets no secret. Raises ConflictError where the client cannot run
    the flow as it stands.
    """
    lock(client)
    _check_may_be_tried(client, grant_type)
    now = utcnow()
    trial = Trial(
        client_id=client.id,
        user_id=user_id,
        grant_type=grant_type,
        scope=scope,
        started_at=now,
        expires_at=now + LIFETIME,
    )
    db.session.add(trial)
    db.session.flush()
    if client.is_confidential:
        trial.secret_id = _add_secret(trial)
    _record(actor, "client.trial_started", client, trial)
    db.session.flush()
    return trial


def _add_secret(trial: Trial) -> uuid.UUID:
    plaintext = secret_of(trial.id)
    secret = ClientSecret(
        client_id=trial.client_id,
        digest=digests.digest(plaintext),
        hint=digests.hint(plaintext),
        created_at=trial.started_at,
        created_by_id=trial.user_id,
        expires_at=trial.expires_at,
        is_for_trial=True,
    )
    db.session.add(secret)
    db.session.flush()
    return secret.id


def _check_may_be_tried(client: Client, grant_type: str) -> None:
    check_is_kept(client)
    if client.disabled_at is not None:
        raise ConflictError("This app is disabled. Enable it first.")
    if not client.uses(grant_type):
        raise ConflictError("This app is not registered for this grant any more.")


def open_trials(*, client_id: uuid.UUID, user_id: uuid.UUID) -> Sequence[Trial]:
    """Return the trials of this person and app that are open, newest first."""
    return db.session.scalars(
        select(Trial)
        .where(
            Trial.client_id == client_id,
            Trial.user_id == user_id,
            _is_open(),
        )
        .order_by(Trial.started_at.desc(), Trial.id.desc())
    ).all()


def find_by_state(state: str | None) -> Trial | None:
    """Return the open trial of the code flow that has this state, whoever runs it."""
    spelled, _, proof = (state or "").partition(".")
    trial_id = uuid_in(spelled)
    if trial_id is None:
        return None
    expected = digests.digest(state_of(trial_id).partition(".")[2])
    if not digests.verify(proof, expected):
        return None
    return db.session.scalar(
        select(Trial).where(
            Trial.id == trial_id,
            Trial.grant_type == AUTHORIZATION_CODE,
            _is_open(),
        )
    )


def close_trial(trial_id: uuid.UUID) -> bool:
    """Let nothing begin with a trial any more; tell whether this call closed it.

    Its secret works on until `end_secret` or its ten minutes are over, so that
    whoever closed the trial can do what they closed it for.
    """
    closed = db.session.execute(
        update(Trial)
        .where(Trial.id == trial_id, Trial.closed_at.is_(None))
        .values(closed_at=utcnow())
        .execution_options(synchronize_session=False)
        .returning(Trial.id)
    )
    return closed.first() is not None


def end_secret(*, actor: Actor, trial: Trial) -> None:
    """End the secret of a trial, and with it the trial. Flushes."""
    now = utcnow()
    db.session.execute(
        update(ClientSecret)
        .where(ClientSecret.id == trial.secret_id, ClientSecret.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    client = db.session.get_one(Client, trial.client_id)
    _record(actor, "client.trial_finished", client, trial)
    db.session.flush()


def purge(*, older_than: timedelta = timedelta(0), is_dry_run: bool = False) -> int:
    """Delete trials that ended at least `older_than` ago, and their secrets.

    Returns how many trials. Commits after each batch; with `is_dry_run` they are
    counted only.
    """
    before = utcnow() - older_than
    dead = Trial.expires_at <= before
    count = purge_rows(Trial, dead, is_dry_run=is_dry_run)
    secrets_of_none = (
        ClientSecret.is_for_trial
        & (ClientSecret.expires_at <= before)
        & ~exists().where(Trial.secret_id == ClientSecret.id)
    )
    purge_rows(ClientSecret, secrets_of_none, is_dry_run=is_dry_run)
    return count


def _is_open() -> ColumnElement[bool]:
    return Trial.closed_at.is_(None) & (Trial.expires_at > utcnow())


def _told(scope: str) -> str:
    """Return the scopes that there are; others may be anything that was pasted."""
    names = parse_scope(scope)
    known = db.session.scalars(
        select(Permission.name).where(Permission.name.in_(names))
    )
    there = names & {*known, *OPENID_SCOPES}
    others = [LEFT_OUT] if names - there else []
    return " ".join([*sorted(there), *others])


def _record(actor: Actor, action: str, client: Client, trial: Trial) -> None:
    details = {"grant": trial.grant_type, "scope": _told(trial.scope) or "all"}
    if trial.secret_id is not None:
        details["secret"] = f"…{digests.hint(secret_of(trial.id))}"
    record_on_client(actor, action, client, details)
