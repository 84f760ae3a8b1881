"""Events in plain words: what an action is called, and what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORDS = {
    "client.registered": "registered the app",
    "client.updated": "changed the settings",
    "client.disabled": "disabled the app",
    "client.enabled": "enabled the app",
    "client.verified": "verified the app",
    "client.unverified": "took the verification back",
    "client.transferred": "handed the app over",
    "client.deleted": "deleted the app",
    "client.restored": "restored the app",
    "client.tokens_revoked": "revoked every token",
    "client.token_revoked": "revoked a token",
    "client.user_tokens_revoked": "revoked the tokens for a person",
    "client.trial_started": "began to try the app",
    "client.trial_finished": "ended the trial of the app",
    "client_secret.created": "made a secret",
    "client_secret.expiring": "set the end of a secret",
    "client_secret.revoked": "revoked a secret",
    "role.assigned": "gave a role",
    "role.removed": "took a role away",
    "permission.given": "gave a permission",
    "permission.revoked": "took a permission away",
    "consent.allowed": "allowed the app",
    "consent.withdrawn": "took the consent back",
    "consent.disputed": "says that it was not them who allowed the app",
}
FIELDS = {
    "access_token_ttl": "access token for people, seconds",
    "client_credentials_token_ttl": "access token of its own, seconds",
    "grant_types": "grants",
    "is_confidential": "keeps a secret",
    "is_pkce_required": "PKCE required",
    "others_expire_at": "the others expire",
    "redirect_uris": "redirect URIs",
    "optional_scopes": "people may leave out",
    "post_logout_redirect_uris": "addresses after signing out",
    "refresh_token_idle_ttl": "refresh token without use, seconds",
    "refresh_token_max_ttl": "refresh token in all, seconds",
    "scopes": "may ask users for",
}
SHOWN_LENGTH = 300


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One detail of an event; `before` is null where nothing was replaced."""

    field: str
    before: str | None
    after: str


def in_words(action: str) -> str:
    """Return what an action is called here."""
    return WORDS.get(action, action.replace("_", " ").replace(".", ": "))


def differences(details: Mapping[str, Any]) -> list[Difference]:
    """Return the details of an event as lines to read."""
    return [_difference(field, value) for field, value in details.items()]


def _difference(field: str, value: Any) -> Difference:
    label = FIELDS.get(field, field.replace("_", " "))
    if isinstance(value, list) and len(value) == 2:
        before, after = value
        is_replaced = before not in (None, "", [])
        return Difference(
            field=label,
            before=_shown(before) if is_replaced else None,
            after=_shown(after),
        )
    return Difference(field=label, before=None, after=_shown(value))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"
