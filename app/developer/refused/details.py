"""What came and what was expected, of one refused request, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from app.clients.models import BASIC, POST
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason

R = RefusalReason
_WAYS = {BASIC: "by HTTP Basic", POST: "in the form", None: "either way"}
ENDED = {
    "deactivated": "The person's account was deactivated.",
    "withdrawn": "The person took their consent back.",
    "consent_expired": "The person's consent had run out.",
    "revoked": "It was revoked.",
    "signed_out": "The person ended everything that acted for them.",
    "client_renewed": "Every token of the app was revoked.",
    "disabled": "The app was disabled.",
    "deleted": "The app is in the trash.",
    "expired": "It had expired.",
    "unknown": "It ended so long ago that nothing is kept of it.",
}


def details_of_row(row: RefusedRequest) -> list[tuple[str, str]]:
    facts = row.facts
    tell = _DETAILS.get(row.reason)
    details = tell(facts) if tell and facts else []
    if tell and not facts and row.reason not in _ALSO_WITHOUT:
        details = [("What came", "Too many different things to keep them apart.")]
    if "said" in facts:
        details.append(("What the app was told", facts["said"]))
    return details


def _of_client(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "came" in facts:
        return [("What came", facts["came"])]
    return [
        (
            "What came",
            f"{facts.get('length', 0)} characters that are no client ID. They are not "
            "kept, since they could be a secret.",
        )
    ]


def _of_method(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("What came", _WAYS[facts.get("came")]),
        ("Expected", _WAYS[facts.get("expected")]),
    ]


def _of_uri(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    came = [] if facts.get("came") else [("What came", "none")]
    expected = [("Expected", facts["expected"])] if came and "expected" in facts else []
    return came + expected


def _of_verifier(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    came = "a code_verifier" if facts.get("is_sent") else "no code_verifier"
    expected = "the one that fits" if facts.get("is_expected") else "none"
    return [("What came", came), ("Expected", expected)]


def _of_ending(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("What ended it", ENDED.get(facts.get("ended", ""), "It had ended."))]


def _of_missing_token(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if facts.get("sent_elsewhere"):
        return [("What came", "a token in the address or in a form")]
    return [("What came", "an Authorization header of another kind")]


def _of_permission(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    token = (
        "The token of a person" if facts.get("is_for_user") else "The app's own token"
    )
    if not facts.get("is_asked_for"):
        return [("What came", f"{token}, without it in its scope.")]
    whose = "the person or the app" if facts.get("is_for_user") else "the app"
    return [("What came", f"{token}, which has it, but {whose} does not hold it now.")]


def _of_grant(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = [("Client ID", facts["named"])] if "named" in facts else []
    return [("Asked for", facts["grant"]), *named]


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], list[tuple[str, str]]]] = {
    R.CLIENT_UNKNOWN: _of_client,
    R.METHOD_WRONG: _of_method,
    R.REDIRECT_URI_UNKNOWN: _of_uri,
    R.CODE_REDIRECT_URI: _of_uri,
    R.CODE_VERIFIER: _of_verifier,
    R.CODE_ENDED: _of_ending,
    R.REFRESH_ENDED: _of_ending,
    R.PERMISSION_MISSING: _of_permission,
    R.GRANT_UNSUPPORTED: _of_grant,
    R.PARAMETER_MISSING: lambda facts: [("Missing", facts.get("name", ""))],
    R.TOKEN_MISSING: _of_missing_token,
    R.GRANT_NOT_REGISTERED: lambda facts: (
        [("Asked for", facts["grant"])] if "grant" in facts else []
    ),
}


#: Reasons of which nothing else is to be told as a rule; others have lost their facts.
_ALSO_WITHOUT = frozenset({R.TOKEN_MISSING, R.GRANT_NOT_REGISTERED})
