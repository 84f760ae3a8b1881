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
    Endpoint.AUTHORIZE: "sending a person here",
    Endpoint.TOKEN: "asking for a token",
    Endpoint.REVOKE: "revoking a token",
    Endpoint.INTROSPECT: "asking about a token",
    Endpoint.USERINFO: "asking who the person is",
    Endpoint.GATEWAY: "calling an API behind a gateway",
    Endpoint.API: "calling the API",
}
#: Of a reason of another version.
_UNKNOWN = ReasonText("It was refused.", "")


class _ClientText(NamedTuple):
    """What is told of a client ID that no enabled app has, once it is known why."""

    what: str
    advice: str = ""
    finding: str = ""


_CLIENTS: Mapping[str, _ClientText] = {
    Found.DISABLED: _ClientText(
        "The app is disabled.",
        "Enable it in its Danger zone if it is to be used again.",
    ),
    Found.DELETED: _ClientText(
        "The app is in the trash.",
        "Restore it if it is to be used again; it then needs a new secret.",
    ),
    # The finding itself says what to send instead.
    Found.MISSPELT: _ClientText(
        "No app here has this client ID.",
        finding="It is this app's client ID in another spelling: use lower case and "
        "no braces.",
    ),
    Found.NAME: _ClientText(
        "No app here has this client ID.",
        finding="It is the name of this app; send its client ID instead.",
    ),
}


def doing(row: RefusedRequest) -> str:
    """Return what was being done when it was refused."""
    return ENDPOINTS.get(row.endpoint, row.endpoint)


def text_of(row: RefusedRequest) -> ReasonText:
    """Return the text of a row's reason, with what was found out last."""
    usual = TEXTS.get(row.reason, _UNKNOWN)
    if row.reason == RefusalReason.CLIENT_UNKNOWN and row.findings:
        client = _CLIENTS.get(found_about(row)[0].what)
        return ReasonText(client.what, client.advice) if client else usual
    return usual


def details_of(row: RefusedRequest) -> Lines:
    """Return what came and what was expected."""
    text, facts = TEXTS.get(row.reason, _UNKNOWN), row.facts
    lines = text.details(facts) if text.details and facts else []
    if text.details and not facts and not text.may_lack_facts:
        lines = [("What came", "Too many different things to keep them apart.")]
    if "said" in facts:
        lines.append(("What the app was told", facts["said"]))
    return lines


def findings_of(row: RefusedRequest) -> list[Sentence]:
    """Return what was found out, in words, with the moment that they lead up to."""
    told = (_told(row.reason, finding) for finding in found_about(row))
    return [(words, at) for words, at in told if words]


def advice_on(
    row: RefusedRequest, client: Client | None, known: Known
) -> Sequence[Sentence]:
    """Return what to do."""
    advise = TEXTS.get(row.reason, _UNKNOWN).advise
    if client is not None and advise is not None:
        better = advise(row, client, known)
        if better is not None:
            return better
    usual = text_of(row).advice
    return [(usual, None)] if usual else []


def _told(reason: str, finding: Finding) -> Sentence:
    if reason == RefusalReason.CLIENT_UNKNOWN:
        client = _CLIENTS.get(finding.what)
        return client.finding if client else "", None
    if reason != RefusalReason.SECRET_WRONG:
        return ENDED.get(finding.what, ""), None
    came = f"The secret that ends in {finding.hint} came"
    if finding.what == Found.OF_ANOTHER:
        return f"{came}; it is the one of {finding.app}.", None
    how = "was revoked" if finding.what == Found.REVOKED else "expired"
    return f"{came}, which {how}", finding.ended_at
