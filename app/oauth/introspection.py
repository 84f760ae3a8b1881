"""Telling a resource server whether a token is active (RFC 7662)."""

from typing import Any

from app.access.scopes import join_scope
from app.builtin import INTROSPECT_TOKENS
from app.clients.statements import ClientRecord
from app.extensions import settings
from app.oauth.client_authentication import refuse_client
from app.oauth.noting import because
from app.tokens.bearer import ActiveToken, find_active
from app.tokens.errors import InvalidTokenError
from app.tokens.refreshing import find_active_refresh_token, granted_scope
from app.traffic.reasons import RefusalReason

_INACTIVE: dict[str, Any] = {"active": False}


def introspect(token: str, *, client: ClientRecord) -> dict[str, Any]:
    """Return the answer for `token` to an authenticated `client`.

    A client may ask about its own tokens, and about everybody's access tokens if it
    holds `introspect_tokens`; of any other it learns no more than of garbage
    (RFC 7662 §2.2, §4). Public clients may not ask: they prove nothing.
    """
    if not client.is_confidential:
        raise because(
            refuse_client("Introspection needs a confidential client."),
            RefusalReason.CLIENT_PUBLIC,
        )
    refresh_token = find_active_refresh_token(token, client=client)
    if refresh_token is not None:
        return _describe_refresh_token(refresh_token, client)
    try:
        active = find_active(token)
    except InvalidTokenError:
        return _INACTIVE
    if active.client_id != client.id and INTROSPECT_TOKENS not in client.permissions:
        return _INACTIVE
    return _describe(active)


def _describe(active: ActiveToken) -> dict[str, Any]:
    """Spell the members of RFC 7662 §2.2 for an access token."""
    audience = active.audience
    username = {"username": active.user_email} if active.user_email else {}
    return username | {
        "active": True,
        "token_type": "Bearer",
        "scope": join_scope(active.current_scope),
        "client_id": str(active.client_id),
        "sub": str(active.actor_id),
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "iss": settings.issuer,
        "iat": int(active.issued_at.timestamp()),
        "exp": int(active.expires_at.timestamp()),
        "jti": str(active.id),
        # What the token's actor holds of its scope at this moment.
        "permissions": sorted(active.permissions),
    }


def _describe_refresh_token(token: Any, client: ClientRecord) -> dict[str, Any]:
    return {
        "active": True,
        "scope": join_scope(granted_scope(token)),
        "client_id": str(client.id),
        "sub": str(token.user_id),
        "iss": settings.issuer,
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
    }
