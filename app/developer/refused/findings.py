"""Refused requests as people read them: what came, what was expected, what to do."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.access.models import Permission, Role, RolePermission
from app.clients.models import BASIC, POST, Client
from app.clients.redirect_differences import Difference, explain_difference
from app.clients.redirect_uris import explain_problem, find_match
from app.extensions import db
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason
from app.traffic.words import ENDPOINTS, WORDS, Words

R = RefusalReason
_WAYS = {BASIC: "by HTTP Basic", POST: "in the form", None: "either way"}
_ENDED = {
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
_CLIENTS = {
    "disabled": "It is the client ID of this app, which is disabled.",
    "deleted": "It is the client ID of this app, which is in the trash.",
    "misspelt": "It is this app's client ID in another spelling: use lower case and "
    "no braces.",
    "name": "It is the name of this app; send its client ID instead.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A permission or scope that was lacking, and which roles would give it."""

    name: str
    is_known: bool
    roles: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row as the page shows it."""

    row: RefusedRequest
    client: Client | None
    words: Words
    endpoint: str
    details: Sequence[tuple[str, str]]
    findings: Sequence[tuple[str, datetime | None]]
    missing: Sequence[Missing]
    difference: Difference | None
    #: Whether what came can be registered as a redirect URI, or the reason why not.
    is_addable: bool
    why_not: str

    @property
    def is_about_a_secret(self) -> bool:
        """Whether a new secret would mend it."""
        return self.client is not None and self.row.reason == R.SECRET_WRONG

    @property
    def is_about_holdings(self) -> bool:
        """Whether giving the app a permission or a role could mend it."""
        return self.client is not None and bool(self.missing)


def shown(rows: Iterable[tuple[RefusedRequest, Client | None]]) -> list[Shown]:
    """Return rows in words; whatever they need is looked up once for all."""
    pairs = list(rows)
    names = {name for row, _ in pairs for name in row.facts.get("missing", ())}
    roles = _roles_that_give(names)
    return [_shown(row, client, roles) for row, client in pairs]


def addable_uri(row: RefusedRequest, client: Client) -> str | None:
    """Return the redirect URI that came, if it is known whole and could be registered.

    Null also where it is registered meanwhile.
    """
    uri = row.facts.get("came", "")
    if row.reason != R.REDIRECT_URI_UNKNOWN or not row.facts.get("is_whole"):
        return None
    return None if _why_not_addable(uri, client) else uri


def _shown(
    row: RefusedRequest,
    client: Client | None,
    roles: Mapping[str, Sequence[str]],
) -> Shown:
    is_uri = row.reason == R.REDIRECT_URI_UNKNOWN
    why_not = ""
    if is_uri and client and row.facts.get("came"):
        why_not = _why_not(row, client)
    return Shown(
        row=row,
        client=client,
        words=WORDS.get(row.reason, Words("It was refused.", "")),
        endpoint=ENDPOINTS.get(row.endpoint, row.endpoint),
        details=_details(row),
        findings=_findings(row),
        missing=[
            Missing(name=name, is_known=name in roles, roles=roles.get(name, ()))
            for name in row.facts.get("missing", ())
        ],
        difference=_difference(row, client),
        is_addable=client is not None and addable_uri(row, client) is not None,
        why_not=why_not,
    )


def _why_not(row: RefusedRequest, client: Client) -> str:
    if not row.facts.get("is_whole"):
        return (
            "Parts of it are not kept, since they could be secret. "
            "If it is yours, add it on the app's page by hand."
        )
    return _why_not_addable(row.facts["came"], client)


def _why_not_addable(uri: str, client: Client) -> str:
    if client.deleted_at is not None:
        return "The app is in the trash."
    if find_match(client.redirect_uris, uri):
        return "It is registered now."
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


def _details(row: RefusedRequest) -> list[tuple[str, str]]:
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
    return [("What ended it", _ENDED.get(facts.get("ended", ""), "It had ended."))]


def _of_missing_token(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if facts.get("sent_elsewhere"):
        return [("What came", "a token in the address or in a form")]
    return [("What came", "an Authorization header of another kind")]


def _of_permission(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if facts.get("is_asked_for"):
        whose = "the person or the app" if facts.get("is_for_user") else "the app"
        return [("Why", f"The token asked for it, but {whose} does not hold it now.")]
    return [("Why", "It is not in the token's scope.")]


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], list[tuple[str, str]]]] = {
    R.CLIENT_UNKNOWN: _of_client,
    R.METHOD_WRONG: _of_method,
    R.REDIRECT_URI_UNKNOWN: _of_uri,
    R.CODE_REDIRECT_URI: _of_uri,
    R.CODE_VERIFIER: _of_verifier,
    R.CODE_ENDED: _of_ending,
    R.REFRESH_ENDED: _of_ending,
    R.PERMISSION_MISSING: _of_permission,
    R.PARAMETER_MISSING: lambda facts: [("Missing", facts.get("name", ""))],
    R.TOKEN_MISSING: _of_missing_token,
    R.GRANT_NOT_REGISTERED: lambda facts: (
        [("Asked for", facts["grant"])] if "grant" in facts else []
    ),
}


#: Reasons of which nothing else is to be told as a rule; others have lost their facts.
_ALSO_WITHOUT = frozenset({R.TOKEN_MISSING, R.GRANT_NOT_REGISTERED})


def _findings(row: RefusedRequest) -> list[tuple[str, datetime | None]]:
    """Return what was found out, in words, with the moment that they lead up to."""
    told = (_finding(row.reason, finding) for finding in row.findings)
    return [(words, at) for words, at in told if words]


def _finding(reason: str, finding: Mapping[str, Any]) -> tuple[str, datetime | None]:
    what = finding["is"]
    if reason == R.CLIENT_UNKNOWN:
        return _CLIENTS.get(what, ""), None
    if reason != R.SECRET_WRONG:
        return _ENDED.get(what, ""), None
    hint = finding.get("hint", "")
    if what == "of_another":
        app = finding.get("app", "")
        return f"The secret that ends in {hint} came; it is the one of {app}.", None
    ended_at = datetime.fromisoformat(finding["ended_at"])
    how = "was revoked" if what == "revoked" else "expired"
    return f"The secret that ends in {hint} came, which {how}", ended_at


def _roles_that_give(names: Iterable[str]) -> dict[str, list[str]]:
    """Return for each permission that exists the roles that hold it."""
    wanted = sorted(names)
    if not wanted:
        return {}
    holds = aliased(RolePermission)
    rows = db.session.execute(
        select(Permission.name, Role.name.label("role"))
        .outerjoin(holds, holds.permission_id == Permission.id)
        .outerjoin(Role, Role.id == holds.role_id)
        .where(Permission.name.in_(wanted))
        .order_by(Permission.name, Role.name)
    )
    roles: dict[str, list[str]] = {}
    for name, role in rows:
        roles.setdefault(name, []).extend([role] if role else [])
    return roles


def find_refused(refused_id: uuid.UUID) -> RefusedRequest | None:
    """Return the row with this id, or null."""
    return db.session.get(RefusedRequest, refused_id)
