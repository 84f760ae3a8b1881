"""One refused request explained: its text, what came, what is known, what to do."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.clients.models import Client
from app.developer.reasons.advice import Sentence
from app.developer.reasons.facts import ENDED, Lines
from app.developer.reasons.known import Known
from app.developer.reasons.texts import TEXTS, ReasonText
from app.traffic.findings import Finding, Found, found_about
from app.traffic.models import RefusedRequest
from app.traffic.reasons import Endpoint, RefusalReason

ENDPOINTS: Mapping[str, str] = {
    Endpoint.AUTHORIZE: "Authorization",
    Endpoint.TOKEN: "Token",
    Endpoint.REVOKE: "Revocation",
    Endpoint.INTROSPECT: "Introspection",
    Endpoint.USERINFO: "User info",
    Endpoint.GATEWAY: "Gateway",
    Endpoint.API: "API",
}
#: Of a reason of another version.
_UNKNOWN = ReasonText("The request was refused.", "")


class _ClientText(NamedTuple):
    """What is told of a client ID that no enabled app has, once it is known why."""

    what: str
    finding: str = ""


_CLIENTS: Mapping[str, _ClientText] = {
    Found.DISABLED: _ClientText(
        "The app was disabled.",
    ),
    Found.DELETED: _ClientText(
        "The app was in the trash.",
    ),
    # The finding itself says what to send instead.
    Found.MISSPELT: _ClientText(
        "No app here has this client ID.",
        finding="It is this app's client ID, spelled differently: use lower case and "
        "no braces.",
    ),
    Found.NAME: _ClientText(
        "No app here has this client ID.",
        finding="It is the name of this app. Send its client ID instead.",
    ),
}


def doing(row: RefusedRequest) -> str:
    """Return the endpoint that refused it."""
    return ENDPOINTS.get(row.endpoint, row.endpoint)


def text_of(row: RefusedRequest) -> ReasonText:
    """Return the text of a row's reason, with what was found out last."""
    usual = TEXTS.get(row.reason, _UNKNOWN)
    if row.reason == RefusalReason.CLIENT_UNKNOWN and row.findings:
        client = _CLIENTS.get(found_about(row)[0].what)
        return ReasonText(client.what, "") if client else usual
    return usual


def details_of(row: RefusedRequest) -> Lines:
    """Return what came and what was expected."""
    text, facts = TEXTS.get(row.reason, _UNKNOWN), row.facts
    lines = text.details(facts) if text.details and facts else []
    if text.details and not facts and not text.may_lack_facts:
        lines = [("Received", "Too many different values to list.")]
    if "named" in facts:
        lines.append(("Client ID", facts["named"]))
    if "said" in facts:
        lines.append(("Error description", facts["said"]))
    return lines


def findings_of(row: RefusedRequest) -> list[Sentence]:
    """Return what was found out, in words, with the moment that they lead up to."""
    told = (_told(row, finding) for finding in found_about(row))
    return [(words, at) for words, at in told if words]


def advice_on(
    row: RefusedRequest, client: Client | None, known: Known
) -> Sequence[Sentence]:
    """Return what to do."""
    if client is not None and _was_off(row):
        return [(_how_to_switch_on(client), None)]
    advise = TEXTS.get(row.reason, _UNKNOWN).advise
    if client is not None and advise is not None:
        better = advise(row, client, known)
        if better is not None:
            return better
    usual = text_of(row).advice
    return [(usual, None)] if usual else []


def _was_off(row: RefusedRequest) -> bool:
    """Tell whether the app was disabled or in the trash when it was refused."""
    if row.reason != RefusalReason.CLIENT_UNKNOWN or not row.findings:
        return False
    return found_about(row)[0].what in {Found.DISABLED, Found.DELETED}


def _how_to_switch_on(client: Client) -> str:
    """Return what to do about an app as it is now."""
    if client.deleted_at is not None:
        return "To use the app again, restore it. It then needs a new secret."
    if client.disabled_at is not None:
        return "To use the app again, enable it in its Danger zone."
    return "Nothing left to fix: the app is enabled now."


def _told(row: RefusedRequest, finding: Finding) -> Sentence:
    if row.reason == RefusalReason.CLIENT_UNKNOWN:
        client = _CLIENTS.get(finding.what)
        return client.finding if client else "", None
    if row.reason != RefusalReason.SECRET_WRONG:
        return ENDED.get(finding.what, ""), None
    # Where secrets are not told apart, another one may have come too.
    who = "The request" if row.facts.get("is_well_formed") else "One request"
    came = f"{who} used the secret ending in …{finding.hint}, which"
    if finding.what == Found.OF_ANOTHER:
        return f"{came} belongs to {finding.app}.", None
    how = "was revoked" if finding.what == Found.REVOKED else "expired"
    return f"{came} {how}", finding.ended_at
