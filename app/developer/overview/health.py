"""What is odd about an app, each with the way to mend it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.audit.models import AuditEvent
from app.clients.models import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    Client,
    ClientSecret,
)
from app.clients.secret_advice import ends_all_soon, ends_in_use, is_lost
from app.clients.uris import parse_uri
from app.web.counting import in_number
from app.web.times import moment

#: A new app is given so long before somebody asks why it is not used.
SETTLING_IN = timedelta(days=1)
#: So many refusals a day, and so large a part of all requests, are more than a slip.
MANY_REFUSALS = 20
LARGE_PART = 0.2


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What must be known of a client beside its row.

    `may_ask_for` are the permissions that it may ask people for now; `is_askable` says
    whether anybody holds one of them. Requests and refusals are of the last day.
    """

    secrets: Sequence[ClientSecret]
    holds_any: bool
    may_ask_for: frozenset[str]
    is_askable: bool = True
    #: People who said lately that it was not them who allowed it, the latest first.
    cases: Sequence[AuditEvent] = ()
    requests: int = 0
    refusals: int = 0


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Something odd. `kind` is danger, warning or info; `tab` is where it is mended."""

    kind: str
    sentence: str
    fix: str
    tab: str
    anchor: str = ""
    #: The secret of which somebody can say that it is stored.
    secret: ClientSecret | None = None
    #: Cases by which it is found in the audit log, for those who may open that.
    cases: Sequence[AuditEvent] = ()


Rule = Callable[[Client, Facts, datetime], Iterator[Hint]]


def hints_for(client: Client, facts: Facts, now: datetime) -> list[Hint]:
    """Return what is odd about `client`, the worst first."""
    found = [hint for rule in RULES for hint in rule(client, facts, now)]
    return sorted(
        found, key=lambda hint: ("danger", "warning", "info").index(hint.kind)
    )


def hints_that_matter(client: Client, facts: Facts, now: datetime) -> list[Hint]:
    """Return the hints that are more than a piece of information, the worst first."""
    return [hint for hint in hints_for(client, facts, now) if hint.kind != "info"]


def _on_cases(_client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
    if not facts.cases:
        return
    last = facts.cases[0]
    who, others = last.actor_label, len({case.actor_id for case in facts.cases}) - 1
    if others:
        who += f" and {in_number(others, 'other person', 'other people')}"
    yield Hint(
        kind="danger",
        sentence=(
            f"{who} {'say' if others else 'says'} that it was not them who allowed "
            f"this app ({moment(last.happened_at)})."
        ),
        fix="See the case" if len(facts.cases) == 1 else "See the cases",
        tab="activity",
        cases=facts.cases,
    )


def _on_secrets(client: Client, facts: Facts, now: datetime) -> Iterator[Hint]:
    if not client.is_confidential:
        return
    if not facts.secrets:
        sentence = "It has no secret that works, so it gets no tokens."
        yield _about_secrets("danger", sentence)
    last = ends_all_soon(facts.secrets, now)
    if last is not None:
        sentence = f"Its last secret ends on {moment(last)}, and no other follows."
        yield _about_secrets("warning", sentence)
    for secret in facts.secrets:
        end = ends_in_use(secret, now)
        if end is not None and last is None:
            sentence = (
                f"The secret …{secret.hint} ends on {moment(end)} and is still in use: "
                "see that the app has another by then."
            )
            yield _about_secrets("warning", sentence)
        if is_lost(secret):
            sentence = (
                f"Nobody said that the secret …{secret.hint} was stored, and it was "
                "never used: make a new one if it is lost."
            )
            yield _about_secrets("warning", sentence, secret)


def _about_secrets(
    kind: str, sentence: str, secret: ClientSecret | None = None
) -> Hint:
    return Hint(
        kind=kind,
        sentence=sentence,
        fix="Make a new secret",
        tab="settings",
        anchor="secrets",
        secret=secret,
    )


def _on_use(client: Client, _facts: Facts, now: datetime) -> Iterator[Hint]:
    if client.disabled_at is not None:
        yield Hint(
            kind="warning",
            sentence=(
                f"It is disabled since {moment(client.disabled_at)}: whatever it asks "
                "for is refused."
            ),
            fix="Enable it",
            tab="danger",
        )
    elif client.last_used_at is None and now - client.created_at > SETTLING_IN:
        yield Hint(
            kind="info",
            sentence="It was never used so far.",
            fix="Copy code that runs",
            tab="overview",
            anchor="snippets",
        )


def _on_redirects(client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
    uris = client.redirect_uris
    if (
        client.is_confidential
        and client.uses(AUTHORIZATION_CODE)
        and all(_is_plain_loopback(uri) for uri in uris)
    ):
        yield Hint(
            kind="warning",
            sentence=(
                "Every redirect URI of it leads to the device of the person itself: "
                "good for trying things out, not for customers."
            ),
            fix="Add an https address",
            tab="settings",
            anchor="redirect_uris",
        )
    if not client.is_pkce_required:
        yield Hint(
            kind="danger",
            sentence=(
                "PKCE is lifted: a code that somebody intercepts is worth a token to "
                "them."
            ),
            fix="Require PKCE again",
            tab="settings",
            anchor="is_pkce_required",
        )


def _on_owner(client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
    if client.owner is None:
        yield Hint(
            kind="info",
            sentence="Nobody answers for it.",
            fix="Give it an owner",
            tab="danger",
        )
    elif not client.owner.is_active:
        yield Hint(
            kind="warning",
            sentence=f"{client.owner.label} answers for it and is deactivated.",
            fix="Hand it over",
            tab="danger",
        )


def _on_rights(client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
    if client.uses(CLIENT_CREDENTIALS) and not facts.holds_any:
        yield _about_rights("It acts as itself, but nothing is allowed to it.")
    if not client.uses(AUTHORIZATION_CODE):
        return
    if not facts.may_ask_for:
        yield _about_rights("It may ask people for nothing but who they are.")
    elif not facts.is_askable:
        yield _about_rights(
            "Nobody holds what it may ask people for, so they can give it nothing."
        )


def _about_rights(sentence: str) -> Hint:
    return Hint(
        kind="warning",
        sentence=sentence,
        fix="Choose what it may do",
        tab="permissions",
    )


def _on_refusals(_client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
    every = facts.requests + facts.refusals
    if facts.refusals >= MANY_REFUSALS and facts.refusals >= LARGE_PART * every:
        yield Hint(
            kind="warning",
            sentence=(
                f"{facts.refusals:,} of its {every:,} requests of the last 24 hours "
                "were refused."
            ),
            fix="See why",
            tab="activity",
        )


RULES: tuple[Rule, ...] = (
    _on_cases,
    _on_secrets,
    _on_use,
    _on_redirects,
    _on_owner,
    _on_rights,
    _on_refusals,
)


def _is_plain_loopback(uri: str) -> bool:
    parsed = parse_uri(uri)
    return parsed.scheme == "http" and parsed.is_loopback
