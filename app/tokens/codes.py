"""Authorization codes: issued to a client for a user, redeemed at most once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app import digests
from app.access.scopes import join_scope, parse_scope
from app.accounts.models import User
from app.audit.actor import SERVER, Actor
from app.clients.models import Client
from app.clients.statements import ClientRecord
from app.clock import utcnow
from app.consents.models import Consent
from app.database import AnyRow
from app.extensions import db, settings
from app.tokens import pkce
from app.tokens.audiences import narrow_audience
from app.tokens.endings import columns_of_ends, end_of
from app.tokens.errors import AudienceExceededError, InvalidGrantError
from app.tokens.families import insert_family, insert_refresh_token
from app.tokens.id_tokens import id_token_for
from app.tokens.issuing import IssuedTokens, issue_user_token
from app.tokens.models import AuthorizationCode
from app.tokens.revocation import end_after_replay
from app.traffic.reasons import RefusalReason, refused
from app.traffic.redaction import kept_uri

_UNKNOWN = "The authorization code is unknown, expired or already used."


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """What a code is bound to when it is issued (RFC 6749 §4.1.2, RFC 7636 §4.4)."""

    client: ClientRecord
    user: User
    consent: Consent
    scope: str
    redirect_uri: str
    is_redirect_uri_named: bool
    code_challenge: str | None
    nonce: str | None
    authenticated_at: datetime
    #: The APIs that were asked for, by blanks; null means all (RFC 8707 §2).
    audience: str | None = None


def issue_code(request: CodeRequest) -> str:
    """Issue an authorization code and return it; only its digest is kept.

    It lives `AUTHORIZATION_CODE_TTL` seconds. Flushes; the caller commits.
    """
    code = digests.generate(digests.AUTHORIZATION_CODE)
    now = utcnow()
    db.session.add(
        AuthorizationCode(
            digest=digests.digest(code),
            client_id=request.client.id,
            user_id=request.user.id,
            consent_id=request.consent.id,
            scope=request.scope,
            redirect_uri=request.redirect_uri,
            is_redirect_uri_named=request.is_redirect_uri_named,
            code_challenge=request.code_challenge,
            audience=request.audience,
            nonce=request.nonce,
            client_generation=request.client.token_generation,
            user_generation=request.user.token_generation,
            authenticated_at=request.authenticated_at,
            issued_at=now,
            expires_at=now + timedelta(seconds=settings.authorization_code_ttl),
        )
    )
    db.session.flush()
    return code


def redeem_code(
    *,
    code: str,
    client: ClientRecord,
    redirect_uri: str | None,
    code_verifier: str | None,
    resources: Sequence[str] = (),
    actor: Actor = SERVER,
) -> IssuedTokens:
    """Exchange `code` for the first tokens of a new family, and commit.

    `resources` narrows the access token to some of the APIs that the code is for; the
    family keeps them all (RFC 8707 §2.2). `actor` is who notices a replay, with the
    origin of the request.

    Raises AudienceExceededError, which leaves the code usable, or InvalidGrantError.
    Then the code of another client is untouched; the client's own is spent by a wrong
    verifier or redirect URI; and if it had been redeemed before, all that it gave is
    revoked (RFC 6749 §4.1.2). Either is committed although the request fails.
    """
    found = _find(code)
    if found is None:
        raise InvalidGrantError(_UNKNOWN, refused(RefusalReason.CODE_UNKNOWN))
    # RFC 6749 §5.2: a code that was issued to another client; it stays usable.
    if found.client_id != client.id:
        raise InvalidGrantError(_UNKNOWN, refused(RefusalReason.CODE_OF_ANOTHER))
    now = utcnow()
    if not _claim(found.id, now):
        end_after_replay(
            actor=actor, code_id=found.id, client=client, user_id=found.user_id
        )
        db.session.commit()
        raise InvalidGrantError(_UNKNOWN, refused(RefusalReason.CODE_REPLAYED))
    problem = _explain_refusal(
        found, redirect_uri=redirect_uri, code_verifier=code_verifier, now=now
    ) or _explain_end(found, now)
    if problem is not None:
        db.session.commit()
        raise problem
    try:
        audience = narrow_audience(found.audience, resources)
    except AudienceExceededError:
        db.session.rollback()
        raise
    issued = _start_family(found, client=client, audience=audience, now=now)
    db.session.commit()
    return issued


def _find(code: str) -> AnyRow | None:
    if not digests.is_well_formed(code, digests.AUTHORIZATION_CODE):
        return None
    columns = AuthorizationCode.__table__.c
    return db.session.execute(
        select(
            *columns,
            Consent.scopes.label("consent_scopes"),
            *columns_of_ends(ends_at=columns.expires_at),
        )
        .join(Client, Client.id == columns.client_id)
        .join(User, User.id == columns.user_id)
        .join(Consent, Consent.id == columns.consent_id)
        .where(columns.digest == digests.digest(code))
    ).first()


def _claim(code_id: uuid.UUID, now: datetime) -> bool:
    """Take the code; exactly one of many concurrent tries succeeds."""
    claimed = db.session.execute(
        update(AuthorizationCode)
        .where(AuthorizationCode.id == code_id, AuthorizationCode.redeemed_at.is_(None))
        .values(redeemed_at=now)
        .execution_options(synchronize_session=False)
        .returning(AuthorizationCode.id)
    )
    return claimed.first() is not None


def _explain_refusal(
    code: AnyRow,
    *,
    redirect_uri: str | None,
    code_verifier: str | None,
    now: datetime,
) -> InvalidGrantError | None:
    if code.expires_at <= now:
        return InvalidGrantError(_UNKNOWN, refused(RefusalReason.CODE_EXPIRED))
    # RFC 6749 §4.1.3: identical to the one of the request, if that named one.
    if redirect_uri is None and code.is_redirect_uri_named:
        return InvalidGrantError(
            "Send the redirect_uri that the authorization request named.",
            refused(RefusalReason.CODE_REDIRECT_URI, expected=code.redirect_uri),
        )
    if redirect_uri is not None and redirect_uri != code.redirect_uri:
        return InvalidGrantError(
            "The redirect_uri differs from that of the authorization request.",
            refused(
                RefusalReason.CODE_REDIRECT_URI,
                came=kept_uri(redirect_uri, known=[code.redirect_uri]),
                expected=code.redirect_uri,
            ),
        )
    if not pkce.matches(code_verifier, code.code_challenge):
        return InvalidGrantError(
            "The code_verifier does not answer the code_challenge.",
            refused(
                RefusalReason.CODE_VERIFIER,
                is_sent=code_verifier is not None,
                is_expected=code.code_challenge is not None,
            ),
        )
    return None


def _explain_end(code: AnyRow, now: datetime) -> InvalidGrantError | None:
    end = end_of(code, now)
    if end is None:
        return None
    return InvalidGrantError(_UNKNOWN, refused(RefusalReason.CODE_ENDED, ended=end))


def _start_family(
    code: AnyRow, *, client: ClientRecord, audience: Sequence[str], now: datetime
) -> IssuedTokens:
    # The person may have taken something back since the code was issued.
    scope = join_scope(parse_scope(code.scope).intersection(code.consent_scopes))
    refresh_token = digests.generate(digests.REFRESH_TOKEN)
    connection = db.session.connection()
    family_id, family_end = insert_family(
        connection, code, client=client, scope=scope, now=now
    )
    insert_refresh_token(
        connection,
        refresh_token,
        client=client,
        family_id=family_id,
        family_end=family_end,
        position=0,
        now=now,
    )
    issued = issue_user_token(
        connection,
        code,
        client=client,
        family_id=family_id,
        scope=scope,
        audience=audience,
        no_later_than=family_end,
    )
    id_token = id_token_for(
        issued,
        client=client,
        user_id=code.user_id,
        granted_scope=scope,
        authenticated_at=code.authenticated_at,
        nonce=code.nonce,
    )
    return replace(issued, refresh_token=refresh_token, id_token=id_token)
