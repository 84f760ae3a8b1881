"""Refusals in plain words: what was wrong with each, and what to do about it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.traffic.reasons import Endpoint, RefusalReason

R = RefusalReason


class Words(NamedTuple):
    """What happened, and what whoever runs the app or the server can do."""

    what: str
    advice: str


ENDPOINTS: Mapping[str, str] = {
    Endpoint.AUTHORIZE: "sending a person here",
    Endpoint.TOKEN: "asking for a token",
    Endpoint.REVOKE: "revoking a token",
    Endpoint.INTROSPECT: "asking about a token",
    Endpoint.USERINFO: "asking who the person is",
    Endpoint.GATEWAY: "calling an API behind a gateway",
    Endpoint.API: "calling the API",
}

_SEND_HEADER = (
    "Send the access token in the header Authorization: Bearer, one blank, the token."
)
_START_AGAIN = "Send the person through the authorization endpoint again."

WORDS: Mapping[str, Words] = {
    R.CLIENT_MISSING: Words(
        "The request names no app.",
        "Send the client ID: by HTTP Basic, or as client_id in the form.",
    ),
    R.CLIENT_UNKNOWN: Words(
        "No app here has this client ID.",
        "Compare it with the client ID on the app's page, letter by letter, and make "
        "sure that the app was registered on this server and not on another one.",
    ),
    R.CREDENTIALS_UNREADABLE: Words(
        "The Authorization header cannot be read.",
        "Write it as HTTP Basic: the client ID, a colon and the secret, in base64.",
    ),
    R.CREDENTIALS_TWICE: Words(
        "The app was named in two ways at once.",
        "Send the client ID and the secret either by HTTP Basic or in the form.",
    ),
    R.SECRET_MISSING: Words(
        "The secret is missing.",
        "This app proves by a secret who it is. Send it by HTTP Basic or in the form.",
    ),
    R.SECRET_WRONG: Words(
        "The secret does not work.",
        "Make a new secret, put it in place, and end the old one afterwards.",
    ),
    R.SECRET_UNEXPECTED: Words(
        "A public app sent a secret.",
        "Leave client_secret out: a public app has none. If it runs where nobody can "
        "read its secret, register it anew as a confidential app.",
    ),
    R.METHOD_WRONG: Words(
        "The secret was right, but sent in the wrong way.",
        "Send it as the app was registered to, or let the app use either way on its "
        "Settings tab.",
    ),
    R.CLIENT_PUBLIC: Words(
        "A public app asked for what only confidential ones may.",
        "An app that acts as itself, or asks about tokens, needs a secret: register "
        "another one that is confidential.",
    ),
    R.GRANT_NOT_REGISTERED: Words(
        "The app is not registered for this grant.",
        "Add the grant on the app's Settings tab, or use the one that it has.",
    ),
    R.GRANT_UNSUPPORTED: Words(
        "This server offers no such grant.",
        "Use authorization_code, client_credentials or refresh_token as grant_type. "
        "Passwords and implicit grants are not offered.",
    ),
    R.REDIRECT_URI_UNKNOWN: Words(
        "The redirect URI is not registered.",
        "Let the app send the registered address, letter by letter, or add this one. "
        "Whoever holds an address receives people's codes: add none but your own.",
    ),
    R.REDIRECT_URI_MISSING: Words(
        "The redirect URI is missing.",
        "Send redirect_uri: it may only be left out where exactly one is registered.",
    ),
    R.CODE_UNKNOWN: Words(
        "The authorization code is not one of ours.",
        "Send the code exactly as it came in the redirect, percent-decoded once.",
    ),
    R.CODE_OF_ANOTHER: Words(
        "The authorization code was given to another app.",
        "Redeem it with the client ID that asked for it. Nothing was spent.",
    ),
    R.CODE_EXPIRED: Words(
        "The authorization code had expired.",
        f"Redeem it at once: it lives for about a minute. {_START_AGAIN}",
    ),
    R.CODE_REPLAYED: Words(
        "The authorization code was used a second time.",
        "Everything that it gave was revoked. Redeem each code once; a page that is "
        "loaded again, or a retry, must not send it anew. If your app did not do this, "
        "somebody else got hold of the code.",
    ),
    R.CODE_REDIRECT_URI: Words(
        "The redirect URI differs from the one that the code was asked for with.",
        f"Send the same redirect_uri both times. The code is spent. {_START_AGAIN}",
    ),
    R.CODE_VERIFIER: Words(
        "The code_verifier does not fit the code_challenge.",
        "Keep the verifier with the person's session, and send the one whose SHA-256 "
        f"was the challenge. The code is spent. {_START_AGAIN}",
    ),
    R.CODE_ENDED: Words(
        "What the authorization code stood for had ended.",
        f"{_START_AGAIN}",
    ),
    R.REFRESH_UNKNOWN: Words(
        "The refresh token is not one of ours.",
        "Send it exactly as it came. Each use gives a new one: keep that one.",
    ),
    R.REFRESH_OF_ANOTHER: Words(
        "The refresh token was given to another app.",
        "Use it with the client ID that it was given to. Nothing was spent.",
    ),
    R.REFRESH_REUSED: Words(
        "A refresh token was used a second time.",
        "All tokens that came of it were revoked, since a thief may be using one. Keep "
        "the new refresh token of each answer, and let one process refresh at a time. "
        f"{_START_AGAIN}",
    ),
    R.REFRESH_ENDED: Words(
        "What the refresh token stood for had ended.",
        f"{_START_AGAIN}",
    ),
    R.SCOPE_MALFORMED: Words(
        "The scope cannot be read.",
        "Write names separated by single blanks.",
    ),
    R.SCOPE_NOT_HELD: Words(
        "The app asked for a permission that it does not hold.",
        "Give the app the permission or a role that has it, or ask for less.",
    ),
    R.SCOPE_NOT_ALLOWED: Words(
        "The app may not ask people for one of these scopes.",
        "Let it ask on its Permissions tab, if the permission is one that apps may ask "
        "for at all; or ask for less.",
    ),
    R.SCOPE_EXCEEDED: Words(
        "More was asked for than the person allowed.",
        f"Ask for no more scopes than before. For others: {_START_AGAIN}",
    ),
    R.SCOPE_TOO_LONG: Words(
        "All scopes together are too many for one token.",
        "Name the ones that are needed.",
    ),
    R.RESOURCE_UNKNOWN: Words(
        "The resource is not an API of ours, or was not granted.",
        "Send resource as the identifier of an API that this server serves (see "
        "API_AUDIENCE), or leave it out.",
    ),
    R.PERMISSION_MISSING: Words(
        "The token does not carry the permission that this call needs.",
        "See that the person holds the permission, and that the app may ask people for "
        "it and has asked.",
    ),
    R.REQUEST_UNREADABLE: Words(
        "The request cannot be read.",
        "Send each parameter once, in UTF-8, in a form-encoded body.",
    ),
    R.PARAMETER_MISSING: Words(
        "A parameter is missing.",
        "Send it; one without a value counts as missing.",
    ),
    R.PARAMETER_WRONG: Words(
        "A parameter has a value that is not taken.",
        "Change it as the answer says.",
    ),
    R.PARAMETER_NOT_OFFERED: Words(
        "The request uses something that this server does not offer.",
        "Send the parameters themselves, and register the app beforehand.",
    ),
    R.RESPONSE_TYPE_WRONG: Words(
        "The response_type is not code.",
        "Send response_type=code: tokens never travel in an address here.",
    ),
    R.CHALLENGE_MISSING: Words(
        "The request is not protected by PKCE.",
        "Send code_challenge, the SHA-256 of a fresh code_verifier, with "
        "code_challenge_method=S256. Most libraries do it when told.",
    ),
    R.SIGN_IN_NEEDED: Words(
        "Nobody was signed in, and the app did not want to ask.",
        "That is how prompt=none says so; nothing needs mending. To let people sign "
        "in, send the request without it.",
    ),
    R.CONSENT_NEEDED: Words(
        "The person had not allowed this yet, and the app did not want to ask.",
        "That is how prompt=none says so; nothing needs mending. To let people "
        "decide, send the request without it.",
    ),
    R.TOKEN_MISSING: Words(
        "The call brought no access token.",
        _SEND_HEADER,
    ),
    R.TOKEN_MALFORMED: Words(
        "The token was sent in a way that cannot be read.",
        _SEND_HEADER,
    ),
    R.TOKEN_FOREIGN: Words(
        "The token is not one of ours, or was changed.",
        "Send the access token, not the ID token or the refresh token, and one that "
        "this server gave: test and production have keys of their own.",
    ),
    R.TOKEN_EXPIRED: Words(
        "The access token had expired.",
        "Get a new one shortly before expires_in is over, or when a call answers 401.",
    ),
    R.TOKEN_ENDED: Words(
        "The access token had been ended before its time.",
        "Get a new one. If that is refused too, its own row here says why.",
    ),
    R.TOKEN_AUDIENCE: Words(
        "The token is meant for another API.",
        "Ask for it with resource set to the identifier of the API that is called.",
    ),
}

#: What was found out of a client ID that no enabled app has.
_OF_CLIENTS: Mapping[str, Words] = {
    "disabled": Words(
        "The app is disabled.",
        "Enable it in its Danger zone if it is to be used again.",
    ),
    "deleted": Words(
        "The app is in the trash.",
        "Restore it if it is to be used again; it then needs a new secret.",
    ),
    # The finding itself says what to send instead.
    "misspelt": Words("No app here has this client ID.", ""),
    "name": Words("No app here has this client ID.", ""),
}


def words_of(reason: str, findings: Sequence[Mapping[str, Any]]) -> Words:
    """Return the words for a reason, with what was found out last."""
    usual = WORDS.get(reason, Words("It was refused.", ""))
    if reason == R.CLIENT_UNKNOWN and findings:
        return _OF_CLIENTS.get(findings[0]["is"], usual)
    return usual


#: The groups that the page filters by: each from its first reason on.
_GROUPS = (
    ("client", "Client ID and secret", R.CLIENT_MISSING),
    ("redirect", "Redirect URI", R.REDIRECT_URI_UNKNOWN),
    ("code", "Code or refresh token", R.CODE_UNKNOWN),
    ("scope", "Scope or permission", R.SCOPE_MALFORMED),
    ("request", "How it was written", R.REQUEST_UNREADABLE),
    ("token", "Access token", R.TOKEN_MISSING),
)


def _kinds() -> dict[str, tuple[str, tuple[RefusalReason, ...]]]:
    reasons = list(R)
    begins = [reasons.index(first) for _, _, first in _GROUPS]
    ends = [*begins[1:], len(reasons)]
    return {
        key: (label, tuple(reasons[begin:end]))
        for (key, label, _), begin, end in zip(_GROUPS, begins, ends, strict=True)
    }


KINDS = _kinds()
