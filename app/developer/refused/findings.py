"""Refused requests as people read them: what came, what was expected, what to do."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.clients.models import Client, ClientSecret
from app.clients.redirect_differences import (
    Difference,
    explain_difference,
    is_other_origin,
    place_of,
)
from app.developer.reasons.advice import Missing, Sentence, missing_of
from app.developer.reasons.explanations import (
    advice_on,
    details_of,
    doing,
    findings_of,
    text_of,
)
from app.developer.reasons.known import Known, look_up
from app.developer.reasons.redirect_uris import (
    addable_uri,
    is_mended,
    why_not_addable,
)
from app.extensions import db
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason

R = RefusalReason
#: Of a redirect URI that somebody has registered since.
_MENDED = "This redirect URI is now registered."
_NOTHING_LEFT = "Nothing left to fix."
#: Mended in the app's settings, if not on the row itself.
_IN_SETTINGS = {
    R.METHOD_WRONG,
    R.GRANT_NOT_REGISTERED,
    R.REDIRECT_URI_UNKNOWN,
    R.REDIRECT_URI_MISSING,
    R.CHALLENGE_MISSING,
    R.CODE_VERIFIER,
}
#: Refused also while an app is disabled.
_WHILE_DISABLED = {R.CLIENT_UNKNOWN, R.CODE_ENDED, R.REFRESH_ENDED, R.TOKEN_ENDED}


class Place(NamedTuple):
    """A tab of an app where a refusal is mended, and the words of the link there."""

    label: str
    tab: str


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
    place_of_uri: str = ""
    why_not: str = ""
    #: Whether it is a redirect URI that is registered by now.
    is_mended: bool = False

    @property
    def is_about_a_secret(self) -> bool:
        """Whether a new secret would mend it."""
        return self._is_kept and self.row.reason == R.SECRET_WRONG

    @property
    def is_about_holdings(self) -> bool:
        """Whether giving the app a permission or a role could mend it."""
        return self._is_kept and any(one.is_giveable for one in self.missing)

    @property
    def place(self) -> Place | None:
        """Where the app is mended, if that is not on the row itself."""
        client, reason = self.client, self.row.reason
        if client is None:
            return None
        if client.deleted_at is not None:
            return Place("Open trash", "danger")
        if client.disabled_at is not None and reason in _WHILE_DISABLED:
            return Place("Open Danger zone", "danger")
        return Place("Open settings", "settings") if reason in _IN_SETTINGS else None

    @property
    def _is_kept(self) -> bool:
        return self.client is not None and self.client.deleted_at is None


def shown(rows: Iterable[tuple[RefusedRequest, Client | None]]) -> list[Shown]:
    """Return rows in words; whatever they need is looked up once for all."""
    pairs = list(rows)
    known = look_up(pairs)
    return [_shown(row, client, known) for row, client in pairs]


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
        place_of_uri=place_of(uri) if uri else "",
        why_not=why_not_addable(row, client),
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
