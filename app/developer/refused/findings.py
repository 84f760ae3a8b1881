"""Refused requests as people read them: what came, what was expected, what to do."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.clients.models import Client, ClientSecret
from app.clients.redirect_differences import (
    Difference,
    explain_difference,
    is_other_origin,
)
from app.clients.redirect_uris import explain_problem, matches_any
from app.developer.reasons.advice import Missing, Sentence, missing_of
from app.developer.reasons.explanations import (
    advice_on,
    details_of,
    doing,
    findings_of,
    text_of,
)
from app.developer.reasons.known import Known, look_up
from app.extensions import db
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason

R = RefusalReason
#: Of a redirect URI that somebody has registered since.
_MENDED = "This redirect URI is registered now."
_NOTHING_LEFT = "Nothing is left to mend."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row as the page shows it."""

    row: RefusedRequest
    client: Client | None
    what: str
    endpoint: str
    details: Sequence[tuple[str, str]] = ()
    findings: Sequence[Sentence] = ()
    missing: Sequence[Missing] = ()
    advice: Sequence[Sentence] = ()
    #: Those of the app that work, where its secret is what is wrong.
    secrets: Sequence[ClientSecret] = ()
    difference: Difference | None = None
    #: Whether what came can be registered as a redirect URI, whether it then leads to
    #: another place than what is registered, or the reason why it cannot.
    is_addable: bool = False
    is_foreign: bool = False
    why_not: str = ""
    #: Whether it is a redirect URI that is registered by now.
    is_mended: bool = False

    @property
    def is_about_a_secret(self) -> bool:
        """Whether a new secret would mend it."""
        return self.client is not None and self.row.reason == R.SECRET_WRONG

    @property
    def is_about_holdings(self) -> bool:
        """Whether giving the app a permission or a role could mend it."""
        return self.client is not None and any(one.is_giveable for one in self.missing)


def shown(rows: Iterable[tuple[RefusedRequest, Client | None]]) -> list[Shown]:
    """Return rows in words; whatever they need is looked up once for all."""
    pairs = list(rows)
    known = look_up(pairs)
    return [_shown(row, client, known) for row, client in pairs]


def addable_uri(row: RefusedRequest, client: Client) -> str | None:
    """Return the redirect URI that came, if it is known whole and could be registered.

    Null also where it is registered meanwhile.
    """
    uri = _whole_uri(row)
    if uri is None or is_mended(row, client) or _why_not_addable(uri, client):
        return None
    return uri


def is_mended(row: RefusedRequest, client: Client) -> bool:
    """Tell whether the redirect URI that came has been registered since."""
    uri = _whole_uri(row)
    return uri is not None and matches_any(client.redirect_uris, uri)


def _whole_uri(row: RefusedRequest) -> str | None:
    if row.reason != R.REDIRECT_URI_UNKNOWN or not row.facts.get("is_whole"):
        return None
    return str(row.facts["came"])


def _shown(row: RefusedRequest, client: Client | None, known: Known) -> Shown:
    if client is not None and client.deleted_at is None and is_mended(row, client):
        return _shown_mended(row, client)
    uri = addable_uri(row, client) if client else None
    return Shown(
        row=row,
        client=client,
        what=text_of(row).what,
        endpoint=doing(row),
        details=details_of(row),
        findings=findings_of(row),
        missing=missing_of(row, client, known),
        advice=advice_on(row, client, known),
        secrets=known.secrets.get(client.id, ()) if client else (),
        difference=_difference(row, client),
        is_addable=uri is not None,
        is_foreign=bool(client and uri and is_other_origin(uri, client.redirect_uris)),
        why_not=_why_not(row, client),
    )


def _shown_mended(row: RefusedRequest, client: Client) -> Shown:
    return Shown(
        row=row,
        client=client,
        what=_MENDED,
        advice=[(_NOTHING_LEFT, None)],
        endpoint=doing(row),
        is_mended=True,
    )


def _why_not(row: RefusedRequest, client: Client | None) -> str:
    if row.reason != R.REDIRECT_URI_UNKNOWN or not client or not row.facts.get("came"):
        return ""
    if not row.facts.get("is_whole"):
        return (
            "Parts of it are not kept, since they could be secret. "
            "If it is yours, add it on the app's page by hand."
        )
    return _why_not_addable(row.facts["came"], client)


def _why_not_addable(uri: str, client: Client) -> str:
    if client.deleted_at is not None:
        return "The app is in the trash."
    problem = explain_problem(uri, is_confidential=client.is_confidential)
    return f"It cannot be registered. {problem}" if problem else ""


def _difference(row: RefusedRequest, client: Client | None) -> Difference | None:
    came = row.facts.get("came")
    if not came:
        return None
    if row.reason == R.REDIRECT_URI_UNKNOWN:
        return explain_difference(came, client.redirect_uris) if client else None
    if row.reason == R.CODE_REDIRECT_URI:
        return explain_difference(came, [row.facts["expected"]])
    return None


def find_refused(refused_id: uuid.UUID) -> RefusedRequest | None:
    """Return the row with this id, or null."""
    return db.session.get(RefusedRequest, refused_id)
