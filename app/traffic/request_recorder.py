"""How the edges of the product tell of a request: granted, or refused and why."""

import functools
import uuid
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import request

from app import digests
from app.clock import utcnow
from app.extensions import db, settings
from app.traffic import unwritten
from app.traffic.reasons import Endpoint, Refusal
from app.web import lead_reference_id, reference_id

P = ParamSpec("P")
R = TypeVar("R")


def note(endpoint: Endpoint, refusal: Refusal) -> None:
    """Note that this request was refused; its reference id leads to the row from now.

    To be called before the answer is made, since that tells the reference id.
    """
    unwritten.note_refusal(
        db.engine,
        refusal,
        endpoint=endpoint,
        secret_key=settings.secret_key,
        ip_address=(request.remote_addr or "")[:45] or None,
        name=_lead_reference_id,
        now=utcnow(),
    )


def _lead_reference_id(key: str) -> str:
    """Let this request's reference id lead to the row with `key`; return it.

    Bare, the key would tell whoever is refused that two answers have the same cause,
    and so what the answers themselves leave out.
    """
    own = reference_id().rpartition("-")[2]
    masked = digests.mask(key, secret_key=settings.secret_key, salt=own)
    return lead_reference_id(masked)


def count_token(client_id: uuid.UUID) -> None:
    """Count an answer that brought a client a token."""
    unwritten.count_granted(db.engine, client_id, "tokens", now=utcnow())


def count_call(client_id: uuid.UUID) -> None:
    """Count a call of a client that passed the bearer check."""
    unwritten.count_granted(db.engine, client_id, "calls", now=utcnow())


def settle() -> None:
    """Write what is pending before this request reads it.

    It does nothing where the request's own transaction has begun.
    """
    if not db.session().in_transaction():
        unwritten.flush(db.engine)


def shows_traffic(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view find what was counted and refused until now, by any request.

    It belongs below the guard: only for those who may read it is anything written. Else
    strangers would make the server write as often as they ask, which the pace of the
    writing is there to prevent.
    """

    @functools.wraps(view)
    def settled(*args: P.args, **kwargs: P.kwargs) -> R:
        # It has only been read who asks.
        db.session.rollback()
        settle()
        return view(*args, **kwargs)

    return settled
