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


_SEND_HEADER = "Send the access token in the header `Authorization: Bearer <token>`."
_START_AGAIN = "Send the person to the authorization endpoint again."

_CLIENT: Texts = {
    R.CLIENT_MISSING: ReasonText(
        "The request has no client ID.",
        "Send the client ID by HTTP Basic or as `client_id` in the form.",
    ),
    R.CLIENT_UNKNOWN: ReasonText(
        "No app here has this client ID.",
        "Compare it with the client ID on the app's page, and check that the app is "
        "registered on this server and not on another one.",
        details=facts.of_client,
    ),
    R.CREDENTIALS_UNREADABLE: ReasonText(
        "The Authorization header cannot be read.",
        "Use HTTP Basic: the client ID, a colon and the secret, encoded in Base64.",
    ),
    R.CREDENTIALS_TWICE: ReasonText(
        "The request identifies the app in two ways.",
        "Send the client ID and secret either by HTTP Basic or in the form, not both.",
    ),
    R.SECRET_MISSING: ReasonText(
        "The secret is missing.",
        "This app needs its secret. Send it by HTTP Basic or in the form.",
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
        "Leave out the secret: a public app has none. If the app runs where it can "
        "keep a secret, register it again as a confidential app.",
    ),
    R.METHOD_WRONG: ReasonText(
        "The secret was right, but sent in the wrong way.",
        "Send it the expected way, or allow either way in the app's settings.",
        details=facts.of_method,
    ),
    R.CLIENT_PUBLIC: ReasonText(
        "A public app used something that needs a secret.",
        "Acting as itself and introspecting tokens need a secret. Register a "
        "confidential app for that.",
    ),
    R.GRANT_NOT_REGISTERED: ReasonText(
        "The app is not registered for this grant.",
        "Add the grant in the app's settings, or use one that is registered.",
        details=facts.of_registered_grant,
        may_lack_facts=True,
    ),
    R.GRANT_UNSUPPORTED: ReasonText(
        "This server does not support that grant.",
        "Use authorization_code, client_credentials or refresh_token as `grant_type`. "
        "The password and implicit grants are not supported.",
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
        "Send `redirect_uri`: it can be left out only if exactly one is registered.",
    ),
}

_CODE: Texts = {
    R.CODE_UNKNOWN: ReasonText(
        "This server did not issue that authorization code.",
        "Send the code exactly as it arrived in the redirect, percent-decoded once.",
    ),
    R.CODE_OF_ANOTHER: ReasonText(
        "The authorization code was issued to another app.",
        "Redeem it with the client ID that requested it. The code is still valid.",
    ),
    R.CODE_EXPIRED: ReasonText(
        "The authorization code had expired.",
        f"Redeem codes right away: they last about a minute. {_START_AGAIN}",
    ),
    R.CODE_REPLAYED: ReasonText(
        "The authorization code was used a second time.",
        "All tokens issued for it were revoked. Redeem each code once: a reloaded page "
        "or a retry must not send it again. If the app did not do this, somebody else "
        "got hold of the code.",
    ),
    R.CODE_REDIRECT_URI: ReasonText(
        "The redirect URI differs from the one in the authorization request.",
        f"Send the same `redirect_uri` both times. The code is used up. {_START_AGAIN}",
        details=facts.of_uri,
    ),
    R.CODE_VERIFIER: ReasonText(
        "The code_verifier does not match the code_challenge.",
        "Keep the verifier in the person's session and send the one the challenge was "
        f"made from. The code is used up. {_START_AGAIN}",
        details=facts.of_verifier,
    ),
    R.CODE_ENDED: ReasonText(
        "The code's consent or app is no longer valid.",
        f"{_START_AGAIN}",
        details=facts.of_ending,
    ),
    R.REFRESH_UNKNOWN: ReasonText(
        "This server did not issue that refresh token.",
        "Send it exactly as it was issued. Each use returns a new one: keep that one.",
    ),
    R.REFRESH_OF_ANOTHER: ReasonText(
        "The refresh token was issued to another app.",
        "Use it with the client ID it was issued to. The token is still valid.",
    ),
    R.REFRESH_REUSED: ReasonText(
        "A refresh token was used a second time.",
        "All tokens from that sign-in were revoked, since one may have been stolen. "
        "Keep the new refresh token of each response, and refresh in one process. "
        f"{_START_AGAIN}",
    ),
    R.REFRESH_ENDED: ReasonText(
        "The refresh token's consent or app is no longer valid.",
        f"{_START_AGAIN}",
        details=facts.of_ending,
    ),
}

_SCOPE: Texts = {
    R.SCOPE_MALFORMED: ReasonText(
        "The scope cannot be read.",
        "Separate names with single spaces, without quotes.",
    ),
    R.SCOPE_NOT_HELD: ReasonText(
        "The app asked for a permission it does not have.",
        "Give the app the permission or a role that has it, or change the app to ask "
        "for less.",
        advise=advice.on_scope_of_app,
    ),
    R.SCOPE_NOT_ALLOWED: ReasonText(
        "The app may not ask people for one of these scopes.",
        "Allow it on the app's Permissions tab, if apps may ask people for it, or "
        "change the app to ask for less.",
        advise=advice.on_scope_for_people,
    ),
    R.SCOPE_EXCEEDED: ReasonText(
        "The app asked for more than the person allowed.",
        "Ask for no more scopes than before. To get more, send the person to the "
        "authorization endpoint again.",
    ),
    R.SCOPE_TOO_LONG: ReasonText(
        "The scopes are too many for one token.",
        "Name only the scopes the app needs.",
    ),
    R.RESOURCE_UNKNOWN: ReasonText(
        "The resource is not an API of this server, or was not granted.",
        "Set `resource` to the identifier of an API of this server (see "
        "`API_AUDIENCE`), or leave it out.",
    ),
    R.PERMISSION_MISSING: ReasonText(
        "The token lacks the permission this call needs.",
        "Check that the person has the permission, that the app may ask people for it, "
        "and that it did ask.",
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
        "Send it. A parameter without a value counts as missing.",
        details=facts.of_parameter,
    ),
    R.PARAMETER_WRONG: ReasonText(
        "A parameter has an invalid value.",
        "Change it as the error description says.",
    ),
    R.PARAMETER_NOT_OFFERED: ReasonText(
        "The request uses something this server does not support.",
        "Send the parameters themselves, and register the app first.",
    ),
    R.RESPONSE_TYPE_WRONG: ReasonText(
        "The response_type is not code.",
        "Send `response_type=code`: this server never puts tokens in an address.",
    ),
    R.CHALLENGE_MISSING: ReasonText(
        "The request is not protected by PKCE.",
        "Turn on PKCE in the app's OAuth library, with the method S256. If a "
        "confidential app cannot use PKCE, its settings can lift the requirement.",
    ),
    R.SIGN_IN_NEEDED: ReasonText(
        "Nobody was signed in, and the app sent prompt=none.",
        "This is the normal answer to `prompt=none`; nothing to fix. To let people "
        "sign in, send the request without it.",
    ),
    R.CONSENT_NEEDED: ReasonText(
        "The person has not allowed this yet, and the app sent prompt=none.",
        "This is the normal answer to `prompt=none`; nothing to fix. To let people "
        "decide, send the request without it.",
    ),
}

_TOKEN: Texts = {
    R.TOKEN_MISSING: ReasonText(
        "The call has no access token.",
        _SEND_HEADER,
        details=facts.of_missing_token,
        may_lack_facts=True,
    ),
    R.TOKEN_MALFORMED: ReasonText(
        "The access token cannot be read.",
        _SEND_HEADER,
    ),
    R.TOKEN_FOREIGN: ReasonText(
        "This server did not issue that token, or the token was changed.",
        "Send an access token, not an ID or refresh token, and one issued by this "
        "server: test and production have different keys.",
    ),
    R.TOKEN_EXPIRED: ReasonText(
        "The access token had expired.",
        "Get a new one before `expires_in` is over, or when a call returns 401.",
    ),
    R.TOKEN_ENDED: ReasonText(
        "The access token is no longer valid.",
        "Get a new one. If that is refused too, another row here says why.",
    ),
    R.TOKEN_AUDIENCE: ReasonText(
        "The token is meant for another API.",
        "Request it with `resource` set to the identifier of the API that is called.",
    ),
}

#: By the name of the group in an address; reasons in the order in which they are told.
GROUPS: Mapping[str, Group] = {
    "client": Group("Client ID and secret", _CLIENT),
    "redirect": Group("Redirect URI", _REDIRECT),
    "code": Group("Code or refresh token", _CODE),
    "scope": Group("Scope or permission", _SCOPE),
    "request": Group("Malformed request", _REQUEST),
    "token": Group("Access token", _TOKEN),
}
TEXTS: Texts = {r: text for group in GROUPS.values() for r, text in group.texts.items()}
