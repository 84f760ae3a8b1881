"""Events in plain words: what an action and what it changed are called."""

#: By group: each action as (what somebody did, the word before what it was done to).
#: Null for that word means that the sentence is complete without.
ACTIONS: dict[str, dict[str, tuple[str, str | None]]] = {
    "Apps": {
        "client.registered": ("registered the app", ""),
        "client.updated": ("changed the settings", "of"),
        "client.reverted": ("put back a change of the settings", "of"),
        "client.disabled": ("disabled the app", ""),
        "client.enabled": ("enabled the app", ""),
        "client.verified": ("verified the app", ""),
        "client.unverified": ("took the verification back", "from"),
        "client.transferred": ("handed over the app", ""),
        "client.deleted": ("deleted the app", ""),
        "client.restored": ("restored the app", ""),
        "client_secret.created": ("made a secret", "for"),
        "client_secret.stored": ("said that they have stored a secret", "of"),
        "client_secret.expiring": ("set the end of a secret", "of"),
        "client_secret.revoked": ("revoked a secret", "of"),
    },
    "Tokens and consents": {
        "client.tokens_revoked": ("revoked every token", "of"),
        "client.token_revoked": ("revoked a token", "of"),
        "client.user_tokens_revoked": ("revoked the tokens for a person", "of"),
        "consent.allowed": ("allowed the app", ""),
        "consent.withdrawn": ("took the consent back", "from"),
        "consent.ended": ("ended a person's consent", "for"),
    },
    "Trials": {
        "client.trial_started": ("started a trial", "of"),
        "client.trial_finished": ("ended a trial", "of"),
        "consent.trial_allowed": ("allowed a trial", "of"),
        "consent.trial_ended": ("ended the consent of a trial", "of"),
    },
    "What looks wrong": {
        "consent.disputed": ("reported the app", ""),
        "consent.dispute_closed": ("closed the case", "about"),
        "authorization_code.replayed": (
            "ended the tokens of a code that was sent twice",
            "by",
        ),
        "refresh_token.reused": (
            "ended the tokens of a refresh token that was used twice",
            "by",
        ),
    },
    "Roles and permissions": {
        "role.assigned": ("gave a role", "to"),
        "role.removed": ("took a role away", "from"),
        "role.created": ("created the role", ""),
        "role.updated": ("changed the role", ""),
        "role.deleted": ("deleted the role", ""),
        "permission.given": ("gave a permission", "to"),
        "permission.revoked": ("took a permission away", "from"),
        "permission.created": ("created the permission", ""),
        "permission.updated": ("changed the permission", ""),
        "permission.deleted": ("deleted the permission", ""),
    },
    "People": {
        "user.created": ("created the account", "of"),
        "user.updated": ("changed the account", "of"),
        "user.activated": ("activated the account", "of"),
        "user.deactivated": ("deactivated the account", "of"),
        "user.unlocked": ("unlocked the account", "of"),
        "user.password_changed": ("set the password", "of"),
        "user.app_ended": ("ended an app's access", "to the account of"),
    },
    "Signing in and out": {
        "user.signed_in": ("signed in", None),
        "user.sign_in_refused": ("refused a sign-in", "as"),
        "user.password_refused": ("gave a wrong password", "for"),
        "user.session_ended": ("ended a session", "of"),
        "user.other_sessions_ended": ("ended the other sessions", "of"),
        "user.signed_out_everywhere": ("ended every session", "of"),
    },
    "The server": {
        "audit.exported": ("exported", ""),
        "keys.rotated": ("rotated the signing keys", None),
        "keys.replaced": ("replaced the signing keys", None),
        "rows.purged": ("deleted dead rows", None),
    },
}
_WORDS = {
    action: words for actions in ACTIONS.values() for action, words in actions.items()
}
FIELDS = {
    "access_token_ttl": "lifetime of access tokens for people, seconds",
    "client_credentials_token_ttl": "lifetime of its own access tokens, seconds",
    "families": "token families ended",
    "grant_types": "grants",
    "is_confidential": "confidential",
    "is_delegable": "delegable",
    "is_pkce_required": "PKCE required",
    "kid": "key ID",
    "optional_scopes": "optional for people",
    "others_expire_at": "other secrets expire",
    "redirect_uris": "redirect URIs",
    "post_logout_redirect_uris": "post-logout redirect URIs",
    "refresh_token_idle_ttl": "idle lifetime of refresh tokens, seconds",
    "refresh_token_max_ttl": "maximum lifetime of refresh tokens, seconds",
    "scopes": "may ask people for",
    "token_endpoint_auth_method": "authentication method",
    "user": "person",
}
#: Details that tell of a change: services write them as [before, after]. Every other
#: list is a fact by itself, also one of two.
CHANGED = frozenset(
    {
        "access_token_ttl",
        "client_credentials_token_ttl",
        "description",
        "email",
        "expires_at",
        "grant_types",
        "group",
        "is_confidential",
        "is_delegable",
        "is_pkce_required",
        "kid",
        "left_out",
        "name",
        "optional_scopes",
        "owner",
        "permissions",
        "post_logout_redirect_uris",
        "redirect_uris",
        "refresh_token_idle_ttl",
        "refresh_token_max_ttl",
        "scope",
        "scopes",
        "token_endpoint_auth_method",
    }
)
#: Of what is new nothing was there before, whatever the details say.
MAKES_NEW = frozenset(
    {
        "client.registered",
        "client_secret.created",
        "permission.created",
        "role.created",
        "user.created",
    }
)
#: By this a person opens a case for administrators.
CASE = "consent.disputed"
#: By this an administrator closes it; its details name it.
CASE_CLOSED = "consent.dispute_closed"
#: Groups of what goes on every day without changing what is set up.
ROUTINE = ("Tokens and consents", "Trials", "Signing in and out")


def is_known(action: str) -> bool:
    """Return whether there are words for an action."""
    return action in _WORDS


def is_routine(action: str) -> bool:
    """Return whether an action is an everyday one that changes nothing set up."""
    return any(action in ACTIONS[group] for group in ROUTINE)


def in_words(action: str) -> str:
    """Return what an action is called here."""
    if action in _WORDS:
        return _WORDS[action][0]
    return action.replace("_", " ").replace(".", ": ")


def joined_by(action: str) -> str | None:
    """Return the word that leads on to the subject; null if it is not to be named."""
    return _WORDS[action][1] if action in _WORDS else ": "
