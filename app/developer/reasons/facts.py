"""What came and what was expected, of one refused request, in words."""

from collections.abc import Mapping
from typing import Any

from app.clients.models import BASIC, POST
from app.tokens import endings
from app.tokens.refusals import UNKNOWN

#: What is kept of a request, by name.
Facts = Mapping[str, Any]
#: Each a label and what stands behind it.
Lines = list[tuple[str, str]]

_WAYS = {BASIC: "by HTTP Basic", POST: "in the form", None: "either way"}
ENDED: Mapping[str, str] = {
    endings.DEACTIVATED: "The person's account was deactivated.",
    endings.WITHDRAWN: "The person withdrew their consent.",
    endings.CONSENT_EXPIRED: "The person's consent had expired.",
    endings.REVOKED: "It was revoked.",
    endings.SIGNED_OUT: "The person signed out everywhere.",
    endings.CLIENT_RENEWED: "All tokens of the app were revoked.",
    endings.DISABLED: "The app was disabled.",
    endings.DELETED: "The app is in the trash.",
    endings.EXPIRED: "It had expired.",
    UNKNOWN: "It ended so long ago that its record is gone.",
}


def of_client(facts: Facts) -> Lines:
    """Return what came instead of a client ID."""
    if "came" in facts:
        return [("Received", facts["came"])]
    return [
        (
            "Received",
            f"{facts.get('length', 0)} characters that are not a client ID. They were "
            "not kept because they could be a secret.",
        )
    ]


def of_method(facts: Facts) -> Lines:
    """Return the ways in which the secret was sent and is expected."""
    return [
        ("Received", _WAYS[facts.get("came")]),
        ("Expected", _WAYS[facts.get("expected")]),
    ]


def of_secret(facts: Facts) -> Lines:
    """Return what came in place of a secret that works."""
    if facts.get("share"):
        return [("Received", "Several different secrets")]
    if facts.get("is_well_formed"):
        return []
    return [("Received", "Not a secret of this server")]


def of_uri(facts: Facts) -> Lines:
    """Return what is known of a redirect URI, beside what came."""
    if facts.get("share"):
        return [("Received", "Many addresses on hosts not registered for the app")]
    came = [] if facts.get("came") else [("Received", "none")]
    expected = [("Expected", facts["expected"])] if came and "expected" in facts else []
    return came + expected


def of_verifier(facts: Facts) -> Lines:
    """Return whether a verifier came, and whether one is expected."""
    came = "a code_verifier" if facts.get("is_sent") else "no code_verifier"
    expected = "the matching code_verifier" if facts.get("is_expected") else "none"
    return [("Received", came), ("Expected", expected)]


def of_ending(facts: Facts) -> Lines:
    """Return what ended a code or refresh token."""
    return [("Reason", ENDED.get(facts.get("ended", ""), "It is no longer valid."))]


def of_missing_token(facts: Facts) -> Lines:
    """Return where the token was looked for."""
    if facts.get("sent_elsewhere"):
        return [("Received", "a token in the address or a form")]
    return [("Received", "an Authorization header without a bearer token")]


def of_permission(facts: Facts) -> Lines:
    """Return what token came, and why it may not."""
    token = "A person's token" if facts.get("is_for_user") else "The app's own token"
    if not facts.get("is_asked_for"):
        return [("Received", f"{token}, without the permission in its scope")]
    whose = "the person or the app" if facts.get("is_for_user") else "the app"
    return [("Received", f"{token}, but {whose} does not have the permission now")]


def of_grant(facts: Facts) -> Lines:
    """Return which grant was asked for."""
    return [("Grant", facts["grant"])]


def of_registered_grant(facts: Facts) -> Lines:
    """Return which grant was asked for."""
    return [("Grant", facts["grant"])] if "grant" in facts else []


def of_parameter(facts: Facts) -> Lines:
    """Return which parameter is missing."""
    return [("Missing", facts.get("name", ""))]
