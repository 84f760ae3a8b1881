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
from app.traffic.redaction import LEFT_OUT

R = RefusalReason
#: A sentence, and the moment that it leads up to, if any.
Sentence = tuple[str, datetime | None]
#: Null where the server knows no better than the text of the reason.
Advice = Sequence[Sentence] | None
_OF_OPENID = "describes a person, so an app gets it only when a person signs in"
_NEVER_FOR_PEOPLE = "apps may not ask people for it; only an app's own token carries it"
_MAY_NOT_ASK = "apps may ask people for it, but this app may not"
_NO_PERMISSION = "there is no permission with this name"
_HELD_NOW = "the app has it now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A permission or scope that was lacking: what is to be said of it, or `roles`.

    Where none has this name, `meant` is the one that is most like it.
    """

    name: str
    note: str = ""
    meant: str = ""
    roles: Sequence[str] = ()

    @property
    def is_giveable(self) -> bool:
        """Whether an administrator could mend it on the Permissions tab."""
        return self.note in {"", _MAY_NOT_ASK}

    @property
    def is_unknown(self) -> bool:
        """Whether no permission has this name."""
        return self.note == _NO_PERMISSION


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
        meant = known.meant.get(name, "")
        return Missing(name=name, note=_NO_PERMISSION, meant=meant)
    if row.reason == R.SCOPE_NOT_ALLOWED:
        note = _MAY_NOT_ASK if found.is_delegable else "apps may not ask people for it"
        return Missing(name=name, note=note)
    if row.facts.get("is_for_user"):
        note = "" if found.is_delegable else _NEVER_FOR_PEOPLE
        return Missing(name=name, note=note, roles=found.roles)
    if client and (client.id, name) in known.held:
        return Missing(name=name, note=_HELD_NOW)
    return Missing(name=name, roles=found.roles)


def on_secret(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return which secret to put in place, by its end."""
    working = known.secrets.get(client.id, ())
    if not working:
        words = "No secret of this app works now: create a new one and use it."
        return [(words, None)]
    is_one = row.facts.get("is_well_formed")
    kind = found_about(row)[0].what if is_one and row.findings else ""
    if kind in {Found.REVOKED, Found.EXPIRED}:
        newest = working[-1]
        words = f"Use the secret ending in …{newest.hint} instead. It was created"
        return [(words, newest.created_at)]
    own = f"The secrets that work end in {_hints(working)}."
    if len(working) == 1:
        own = f"The secret that works ends in {_hints(working)}."
    if kind == Found.OF_ANOTHER:
        return [(f"Use this app's own secret. {own}", None)]
    came = "That is not a secret of this app. " if is_one else ""
    lost = "If you don't have it, create a new one, use it, then end the old one."
    return [(f"{came}{own} {lost}", None)]


def _hints(secrets: Sequence[ClientSecret]) -> str:
    return ", ".join(f"…{secret.hint}" for secret in secrets[-5:])


def on_scope_for_people(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return what to ask for, where apps may not ask people for everything."""
    missing = missing_of(row, client, known)
    if not missing:
        return None
    advice = _on_names(missing)
    never = [m.name for m in missing if not m.is_unknown and not m.is_giveable]
    if never:
        named = " or ".join(f"`{name}`" for name in never)
        advice.append(f"Apps may not ask people for {named}: leave it out of scope.")
    if any(one.is_giveable for one in missing):
        advice.append(
            "Allow it on the app's Permissions tab, or change the app to leave it out."
        )
    return [(words, None) for words in advice]


def on_scope_of_app(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return what to give an app, or what it should ask for instead."""
    missing = missing_of(row, client, known)
    if not missing:
        return None
    advice = _on_names(missing)
    if any(one.note == _OF_OPENID for one in missing):
        advice.append("Leave out what describes a person: the app acts as itself here.")
    if any(one.is_giveable for one in missing):
        advice.append(
            "Give the app the permission or a role that has it, or change the app to "
            "leave it out."
        )
    if not advice:
        advice = ["Nothing to fix: the app may try again."]
    return [(words, None) for words in advice]


def _on_names(missing: Sequence[Missing]) -> list[str]:
    """Return what to do about names that no permission has."""
    joined = next((m.name for m in missing if m.is_unknown and "," in m.name), None)
    if joined is None:
        is_any = any(one.is_unknown for one in missing)
        return ["Change the app to send existing names in scope."] if is_any else []
    advice = "Separate scopes with spaces, not commas"
    apart = " ".join(part for part in joined.split(",") if part)
    is_whole = apart and LEFT_OUT not in apart
    return [f"{advice}: `{apart}`." if is_whole else f"{advice}."]


def on_permission(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return how to come by the permission, where it is lacking."""
    facts, missing = row.facts, missing_of(row, client, known)
    if missing and all(one.is_unknown for one in missing):
        words = "Change the call to ask for an existing permission, or create this one."
        return [(words, None)]
    if facts.get("is_for_user") and any(m.note == _NEVER_FOR_PEOPLE for m in missing):
        return [("Use an app that has the permission and calls as itself.", None)]
    if not missing or facts.get("is_for_user"):
        return None
    if any(one.is_giveable for one in missing):
        words = "Give the app the permission or a role that has it."
        if not facts.get("is_asked_for"):
            words += " Tokens issued after that carry it."
        return [(words, None)]
    if all(one.name in OPENID_SCOPES for one in missing):
        return [("An app's own token has no person: send a person's token.", None)]
    words = "Get a new token, with the permission in scope or without any scope."
    return [(words, None)]
