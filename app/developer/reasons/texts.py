"""Refusals in plain words: what was wrong with each, and what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.clients.models import Client
from app.developer.reasons import advice, facts, redirect_uris
from app.developer.reasons.advice import Advice
from app.developer.reasons.facts import Facts, Lines
from app.developer.reasons.known import Known
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason

R = RefusalReason


@dataclass(frozen=True, slots=True)
class ReasonText:
    """All that is told of a reason.

    `what` happened and `advice` for whoever runs the app or the server fit every such
    refusal; `details` tells of one what came, and `advise` knows better where it can.
    With `may_lack_facts` there is nothing else to tell as a rule.
    """

    what: str
    advice: str
    details: Callable[[Facts], Lines] | None = None
    advise: Callable[[RefusedRequest, Client, Known], Advice] | None = None
    may_lack_facts: bool = False


#: By the reason.
Texts = Mapping[str, ReasonText]


class Group(NamedTuple):
    """Reasons that the pages filter by together."""

    label: str
    texts: Texts


_SEND_HEADER = (
    "Send the access token in the header Authorization: Bearer, one blank, the token."
)
_START_AGAIN = "Send the person through the authorization endpoint again."

_CLIENT: Texts = {
    R.CLIENT_MISSING: ReasonText(
        "The request names no app.",
        "Send the client ID: by HTTP Basic, or as client_id in the form.",
    ),
    R.CLIENT_UNKNOWN: ReasonText(
        "No app here has this client ID.",
        "Compare it with the client ID on the app's page, letter by letter, and make "
        "sure that the app was registered on this server and not on another one.",
        details=facts.of_client,
    ),
    R.CREDENTIALS_UNREADABLE: ReasonText(
        "The Authorization header cannot be read.",
        "Write it as HTTP Basic: the client ID, a colon and the secret, in base64.",
    ),
    R.CREDENTIALS_TWICE: ReasonText(
        "The app was named in two ways at once.",
        "Send the client ID and the secret either by HTTP Basic or in the form.",
    ),
    R.SECRET_MISSING: ReasonText(
        "The secret is missing.",
        "This app proves by a secret who it is. Send it by HTTP Basic or in the form.",
    ),
    R.SECRET_WRONG: ReasonText(
        "The secret is wrong.",
        "Create a new secret, use it in the app, then end the old one.",
        details=facts.of_secret,
        advise=advice.on_secret,
        may_lack_facts=True,
    ),
    R.SECRET_UNEXPECTED: ReasonText(
        "A public app sent a secret.",
        "Leave client_secret out: a public app has none. If it runs where nobody can "
        "read its secret, register it anew as a confidential app.",
    ),
    R.METHOD_WRONG: ReasonText(
        "The secret was right, but sent in the wrong way.",
        "Send it as the app was registered to, or let the app use either way on its "
        "Settings tab.",
        details=facts.of_method,
    ),
    R.CLIENT_PUBLIC: ReasonText(
        "A public app asked for what only confidential ones may.",
        "An app that acts as itself, or asks about tokens, needs a secret: register "
        "another one that is confidential.",
    ),
    R.GRANT_NOT_REGISTERED: ReasonText(
        "The app is not registered for this grant.",
        "Add the grant on the app's Settings tab, or use the one that it has.",
        details=facts.of_registered_grant,
        may_lack_facts=True,
    ),
    R.GRANT_UNSUPPORTED: ReasonText(
        "This server offers no such grant.",
        "Use authorization_code, client_credentials or refresh_token as grant_type. "
        "Passwords and implicit grants are not offered.",
        details=facts.of_grant,
    ),
}

_REDIRECT: Texts = {
    R.REDIRECT_URI_UNKNOWN: ReasonText(
        "The redirect URI is not registered.",
        "If this address is yours, add it. Otherwise change the app to send the "
        "registered one exactly. Whoever controls an address receives people's "
        "authorization codes.",
        details=facts.of_uri,
        advise=redirect_uris.on_redirect_uri,
    ),
    R.REDIRECT_URI_MISSING: ReasonText(
        "The redirect URI is missing.",
        "Send redirect_uri: it may only be left out where exactly one is registered.",
    ),
}

_CODE: Texts = {
    R.CODE_UNKNOWN: ReasonText(
        "The authorization code is not one of ours.",
        "Send the code exactly as it came in the redirect, percent-decoded once.",
    ),
    R.CODE_OF_ANOTHER: ReasonText(
        "The authorization code was given to another app.",
        "Redeem it with the client ID that asked for it. Nothing was spent.",
    ),
    R.CODE_EXPIRED: ReasonText(
        "The authorization code had expired.",
        f"Redeem it at once: it lives for about a minute. {_START_AGAIN}",
    ),
    R.CODE_REPLAYED: ReasonText(
        "The authorization code was used a second time.",
        "Everything that it gave was revoked. Redeem each code once; a page that is "
        "loaded again, or a retry, must not send it anew. If your app did not do this, "
        "somebody else got hold of the code.",
    ),
    R.CODE_REDIRECT_URI: ReasonText(
        "The redirect URI differs from the one that the code was asked for with.",
        f"Send the same redirect_uri both times. The code is spent. {_START_AGAIN}",
        details=facts.of_uri,
    ),
    R.CODE_VERIFIER: ReasonText(
        "The code_verifier does not fit the code_challenge.",
        "Keep the verifier with the person's session, and send the one whose SHA-256 "
        f"was the challenge. The code is spent. {_START_AGAIN}",
        details=facts.of_verifier,
    ),
    R.CODE_ENDED: ReasonText(
        "What the authorization code stood for had ended.",
        f"{_START_AGAIN}",
        details=facts.of_ending,
    ),
    R.REFRESH_UNKNOWN: ReasonText(
        "The refresh token is not one of ours.",
        "Send it exactly as it came. Each use gives a new one: keep that one.",
    ),
    R.REFRESH_OF_ANOTHER: ReasonText(
        "The refresh token was given to another app.",
        "Use it with the client ID that it was given to. Nothing was spent.",
    ),
    R.REFRESH_REUSED: ReasonText(
        "A refresh token was used a second time.",
        "All tokens that came of it were revoked, since a thief may be using one. Keep "
        "the new refresh token of each answer, and let one process refresh at a time. "
        f"{_START_AGAIN}",
    ),
    R.REFRESH_ENDED: ReasonText(
        "What the refresh token stood for had ended.",
        f"{_START_AGAIN}",
        details=facts.of_ending,
    ),
}

_SCOPE: Texts = {
    R.SCOPE_MALFORMED: ReasonText(
        "The scope cannot be read.",
        "Write names separated by single blanks.",
    ),
    R.SCOPE_NOT_HELD: ReasonText(
        "The app asked for a permission that it does not hold.",
        "Give the app the permission or a role that has it, or change the app to ask "
        "for less.",
        advise=advice.on_scope_of_app,
    ),
    R.SCOPE_NOT_ALLOWED: ReasonText(
        "The app may not ask people for one of these scopes.",
        "Let it ask on its Permissions tab, if the permission is one that apps may ask "
        "for at all; or ask for less.",
        advise=advice.on_scope_for_people,
    ),
    R.SCOPE_EXCEEDED: ReasonText(
        "More was asked for than the person allowed.",
        f"Ask for no more scopes than before. For others: {_START_AGAIN}",
    ),
    R.SCOPE_TOO_LONG: ReasonText(
        "All scopes together are too many for one token.",
        "Name the ones that are needed.",
    ),
    R.RESOURCE_UNKNOWN: ReasonText(
        "The resource is not an API of ours, or was not granted.",
        "Send resource as the identifier of an API that this server serves (see "
        "API_AUDIENCE), or leave it out.",
    ),
    R.PERMISSION_MISSING: ReasonText(
        "The token does not carry the permission that this call needs.",
        "See that the person holds the permission, and that the app may ask people for "
        "it and has asked.",
        details=facts.of_permission,
        advise=advice.on_permission,
    ),
}

_REQUEST: Texts = {
    R.REQUEST_UNREADABLE: ReasonText(
        "The request cannot be read.",
        "Send each parameter once, in UTF-8, in a form-encoded body.",
    ),
    R.PARAMETER_MISSING: ReasonText(
        "A parameter is missing.",
        "Send it; one without a value counts as missing.",
        details=facts.of_parameter,
    ),
    R.PARAMETER_WRONG: ReasonText(
        "A parameter has a value that is not taken.",
        "Change it as the answer says.",
    ),
    R.PARAMETER_NOT_OFFERED: ReasonText(
        "The request uses something that this server does not offer.",
        "Send the parameters themselves, and register the app beforehand.",
    ),
    R.RESPONSE_TYPE_WRONG: ReasonText(
        "The response_type is not code.",
        "Send response_type=code: tokens never travel in an address here.",
    ),
    R.CHALLENGE_MISSING: ReasonText(
        "The request is not protected by PKCE.",
        "Send code_challenge, the SHA-256 of a fresh code_verifier, with "
        "code_challenge_method=S256. Most libraries do it when told.",
    ),
    R.SIGN_IN_NEEDED: ReasonText(
        "Nobody was signed in, and the app did not want to ask.",
        "That is how prompt=none says so; nothing needs mending. To let people sign "
        "in, send the request without it.",
    ),
    R.CONSENT_NEEDED: ReasonText(
        "The person had not allowed this yet, and the app did not want to ask.",
        "That is how prompt=none says so; nothing needs mending. To let people "
        "decide, send the request without it.",
    ),
}

_TOKEN: Texts = {
    R.TOKEN_MISSING: ReasonText(
        "The call brought no access token.",
        _SEND_HEADER,
        details=facts.of_missing_token,
        may_lack_facts=True,
    ),
    R.TOKEN_MALFORMED: ReasonText(
        "The token was sent in a way that cannot be read.",
        _SEND_HEADER,
    ),
    R.TOKEN_FOREIGN: ReasonText(
        "The token is not one of ours, or was changed.",
        "Send the access token, not the ID token or the refresh token, and one that "
        "this server gave: test and production have keys of their own.",
    ),
    R.TOKEN_EXPIRED: ReasonText(
        "The access token had expired.",
        "Get a new one shortly before expires_in is over, or when a call answers 401.",
    ),
    R.TOKEN_ENDED: ReasonText(
        "The access token had been ended before its time.",
        "Get a new one. If that is refused too, its own row here says why.",
    ),
    R.TOKEN_AUDIENCE: ReasonText(
        "The token is meant for another API.",
        "Ask for it with resource set to the identifier of the API that is called.",
    ),
}

#: By the name of the group in an address; reasons in the order in which they are told.
GROUPS: Mapping[str, Group] = {
    "client": Group("Client ID and secret", _CLIENT),
    "redirect": Group("Redirect URI", _REDIRECT),
    "code": Group("Code or refresh token", _CODE),
    "scope": Group("Scope or permission", _SCOPE),
    "request": Group("How it was written", _REQUEST),
    "token": Group("Access token", _TOKEN),
}
TEXTS: Texts = {r: text for group in GROUPS.values() for r, text in group.texts.items()}
