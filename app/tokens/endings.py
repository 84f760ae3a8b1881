"""What ends a code, a token or a family of tokens: told of a row, asked of a statement.

Validity is derived when it is read: from what was given, its client, its family, its
user and the consent it was given under. Nothing is ever cascaded.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, null, or_

from app.accounts.models import User
from app.clients.models import Client
from app.consents.models import Consent, has_ended
from app.consents.statements import stands
from app.database import AnyRow
from app.tokens.models import AccessToken, TokenFamily

DELETED = "deleted"
DISABLED = "disabled"
DEACTIVATED = "deactivated"
WITHDRAWN = "withdrawn"
CONSENT_EXPIRED = "consent_expired"
REVOKED = "revoked"
SIGNED_OUT = "signed_out"
CLIENT_RENEWED = "client_renewed"
EXPIRED = "expired"


def end_of(row: AnyRow, now: datetime) -> str | None:
    """Return what ended the code or token behind `row`, or null if it is still valid.

    Of several ends it is the first of these, whichever came first. The row has the
    generations that were copied when it was issued, and `columns_of_ends`.
    """
    ends = (
        (DELETED, row.deleted_at is not None),
        (DISABLED, row.disabled_at is not None),
        (DEACTIVATED, row.deactivated_at is not None),
        (WITHDRAWN, row.withdrawn_at is not None),
        (CONSENT_EXPIRED, has_ended(None, row.consent_expires_at, now)),
        (REVOKED, row.revoked_at is not None),
        (SIGNED_OUT, row.user_generation != row.current_user_generation),
        (CLIENT_RENEWED, row.client_generation != row.current_client_generation),
        (EXPIRED, row.ends_at <= now),
    )
    return next((name for name, has_come in ends if has_come), None)


def columns_of_ends(*, ends_at: Any, revoked_at: Any = None) -> list[Any]:
    """Return what `end_of` reads besides the generations of what was given.

    The statement must join Client, User and Consent.
    """
    return [
        Client.deleted_at,
        Client.disabled_at,
        Client.token_generation.label("current_client_generation"),
        User.deactivated_at,
        User.token_generation.label("current_user_generation"),
        Consent.withdrawn_at,
        Consent.expires_at.label("consent_expires_at"),
        (null() if revoked_at is None else revoked_at).label("revoked_at"),
        ends_at.label("ends_at"),
    ]


def is_own_token_active(token: Any) -> ColumnElement[bool]:
    """Return the condition that nothing ended a token with which a client acts itself.

    `token` is AccessToken, or columns alike, joined with Client. This and the next two
    say of a statement what `end_of` tells of a row, but for EXPIRED: with that each
    statement begins by an index of its own.
    """
    return and_(
        Client.deleted_at.is_(None),
        Client.disabled_at.is_(None),
        token.revoked_at.is_(None),
        token.client_generation == Client.token_generation,
    )


def is_active_token(now: Any) -> ColumnElement[bool]:
    """Return the condition that nothing but time ended an access token.

    It is joined with Client, and by outer joins with User, TokenFamily and Consent.
    `now` is a moment, or the parameter of a prepared statement that stands for it.
    """
    return and_(
        is_own_token_active(AccessToken),
        or_(AccessToken.user_id.is_(None), is_user_behind(AccessToken, now)),
    )


def is_user_behind(given: Any, now: Any) -> ColumnElement[bool]:
    """Return the condition that nothing on the user's side ended an access token.

    `given` is AccessToken or TokenFamily, joined with User, TokenFamily and Consent.
    """
    return and_(
        User.deactivated_at.is_(None),
        given.user_generation == User.token_generation,
        TokenFamily.revoked_at.is_(None),
        stands(now),
    )
