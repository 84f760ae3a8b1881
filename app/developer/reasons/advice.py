"""What to do about a refused request, as far as the server knows better than its words.

The text of a reason fits all that is refused for it (`app.developer.reasons.texts`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.access.scopes import OPENID_SCOPES
from app.clients.models import Client, ClientSecret
from app.developer.reasons.known import Known
from app.traffic.findings import Found, found_about
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason

R = RefusalReason
#: A sentence, and the moment that it leads up to, if any.
Sentence = tuple[str, datetime | None]
#: Null where the server knows no better than the text of the reason.
Advice = Sequence[Sentence] | None
_OF_OPENID = "a scope that tells of a person; the app asks people for it"
_NEVER_FOR_PEOPLE = "apps may not ask people for it; it takes an app's own token"
_MAY_NOT_ASK = "apps may ask people for it, but this one may not"
_NO_PERMISSION = "there is no such permission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A permission or scope that was lacking: what is to be said of it, or `roles`."""

    name: str
    note: str = ""
    roles: Sequence[str] = ()

    @property
    def is_giveable(self) -> bool:
        """Whether an administrator could mend it on the Permissions tab."""
        return self.note in {"", _MAY_NOT_ASK}


def missing_of(
    row: RefusedRequest, client: Client | None, known: Known
) -> list[Missing]:
    """Return what was lacking, each with what would give it."""
    return [_missing(row, client, known, name) for name in row.facts.get("missing", ())]


def _missing(
    row: RefusedRequest, client: Client | None, known: Known, name: str
) -> Missing:
    found = known.permissions.get(name)
    if name in OPENID_SCOPES:
        return Missing(name=name, note=_OF_OPENID)
    if found is None:
        return Missing(name=name, note=_NO_PERMISSION)
    if row.reason == R.SCOPE_NOT_ALLOWED:
        note = _MAY_NOT_ASK if found.is_delegable else "apps may not ask people for it"
        return Missing(name=name, note=note)
    if row.facts.get("is_for_user"):
        note = "" if found.is_delegable else _NEVER_FOR_PEOPLE
        return Missing(name=name, note=note, roles=found.roles)
    if client and (client.id, name) in known.held:
        return Missing(name=name, note="the app holds it now")
    return Missing(name=name, roles=found.roles)


def on_secret(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return which secret to put in place, by its end."""
    working = known.secrets.get(client.id, ())
    if not working:
        return [("None works now: make a new one and put it in place.", None)]
    kind = found_about(row)[0].what if row.findings else ""
    if kind in {Found.REVOKED, Found.EXPIRED}:
        newest = working[-1]
        words = f"Put the one that ends in {newest.hint} in place: it was made"
        return [(words, newest.created_at)]
    own = f"Those that work end in {_hints(working)}."
    if len(working) == 1:
        own = f"The one that works ends in {_hints(working)}."
    if kind == Found.OF_ANOTHER:
        return [(f"Put the app's own in place. {own}", None)]
    return [
        (
            f"What came is no secret of this app. {own} If it is not at hand, make a "
            "new one, put it in place, and end the old one afterwards.",
            None,
        )
    ]


def _hints(secrets: Sequence[ClientSecret]) -> str:
    return ", ".join(f"…{secret.hint}" for secret in secrets[-5:])


def on_scope_for_people(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return what to ask for, where apps may not ask people for everything."""
    missing = missing_of(row, client, known)
    if not missing:
        return None
    if any(one.is_giveable for one in missing):
        return [("Let it ask on its Permissions tab, or ask for less.", None)]
    never = [one.name for one in missing if one.name in known.permissions]
    if not never:
        return [("Ask for what there is.", None)]
    words = f"Apps may not ask people for {' or '.join(never)}. Ask for less."
    return [(words, None)]


def on_permission(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return how to come by the permission, where it is lacking."""
    facts, missing = row.facts, missing_of(row, client, known)
    if facts.get("is_for_user") and any(m.note == _NEVER_FOR_PEOPLE for m in missing):
        return [("Let an app that holds it call as itself.", None)]
    if not missing or facts.get("is_for_user"):
        return None
    if any(one.is_giveable for one in missing):
        words = "Give the app the permission or a role that has it."
        if not facts.get("is_asked_for"):
            words += " Tokens that it gets from then on carry it."
        return [(words, None)]
    if all(one.name in OPENID_SCOPES for one in missing):
        return [("The app's own tokens stand for nobody: send a person's.", None)]
    return [("Let the app get a new token and name it in scope, or name none.", None)]
