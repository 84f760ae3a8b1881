"""What to do about a refused request, as far as the server knows better than its words.

The words of a reason fit all that is refused for it (`app.traffic.words`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.access.scopes import OPENID_SCOPES
from app.clients.models import Client, ClientSecret
from app.developer.refused.known import Known
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason
from app.traffic.words import words_of

R = RefusalReason
#: A sentence, and the moment that it leads up to, if any.
Sentence = tuple[str, datetime | None]
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


def advice_on(
    row: RefusedRequest, client: Client | None, known: Known
) -> Sequence[Sentence]:
    """Return what to do."""
    advise = _ADVICE.get(row.reason)
    if client is not None and advise is not None:
        return advise(row, client, known)
    return _usual(row)


def _usual(row: RefusedRequest) -> Sequence[Sentence]:
    advice = words_of(row.reason, row.findings).advice
    return [(advice, None)] if advice else []


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


def _on_secret(row: RefusedRequest, client: Client, known: Known) -> Sequence[Sentence]:
    working = known.secrets.get(client.id, ())
    if not working:
        return [("None works now: make a new one and put it in place.", None)]
    kind = row.findings[0]["is"] if row.findings else ""
    if kind in {"revoked", "expired"}:
        newest = working[-1]
        words = f"Put the one that ends in {newest.hint} in place: it was made"
        return [(words, newest.created_at)]
    own = f"Those that work end in {_hints(working)}."
    if len(working) == 1:
        own = f"The one that works ends in {_hints(working)}."
    if kind == "of_another":
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


def _on_scope_for_people(
    row: RefusedRequest, client: Client, known: Known
) -> Sequence[Sentence]:
    missing = missing_of(row, client, known)
    if not missing:
        return _usual(row)
    if any(one.is_giveable for one in missing):
        return [("Let it ask on its Permissions tab, or ask for less.", None)]
    never = [one.name for one in missing if one.name in known.permissions]
    if not never:
        return [("Ask for what there is.", None)]
    words = f"Apps may not ask people for {' or '.join(never)}. Ask for less."
    return [(words, None)]


def _on_permission(
    row: RefusedRequest, client: Client, known: Known
) -> Sequence[Sentence]:
    facts, missing = row.facts, missing_of(row, client, known)
    if facts.get("is_for_user") and any(m.note == _NEVER_FOR_PEOPLE for m in missing):
        return [("Let an app that holds it call as itself.", None)]
    if not missing or facts.get("is_for_user"):
        return _usual(row)
    if any(one.is_giveable for one in missing):
        words = "Give the app the permission or a role that has it."
        if not facts.get("is_asked_for"):
            words += " Tokens that it gets from then on carry it."
        return [(words, None)]
    if all(one.name in OPENID_SCOPES for one in missing):
        return [("The app's own tokens stand for nobody: send a person's.", None)]
    return [("Let the app get a new token and name it in scope, or name none.", None)]


_ADVICE: Mapping[str, Callable[[RefusedRequest, Client, Known], Sequence[Sentence]]] = {
    R.SECRET_WRONG: _on_secret,
    R.SCOPE_NOT_ALLOWED: _on_scope_for_people,
    R.PERMISSION_MISSING: _on_permission,
}
