"""What a resource owner is asked, and whether asking is needed at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select

from app.access.effective import permission_names
from app.access.models import Permission
from app.access.scopes import OPENID_SCOPES, OPENID_SENTENCES, join_scope
from app.accounts.models import User
from app.audit.actor import Actor
from app.clients.models import Client
from app.clients.statements import ClientRecord
from app.clients.uris import parse_uri
from app.clock import utcnow
from app.consents.durations import ONCE, end_of
from app.consents.models import Consent
from app.consents.services import allow, standing_consent
from app.extensions import db, settings
from app.oauth.adapters import ProtocolRequest
from app.oauth.consent_answer import Answer
from app.oauth.resources import granted_audience
from app.oauth.trial_requests import find_trial
from app.tokens.codes import CodeRequest

_DELETING = ("delete_", "remove_", "purge_")
_WRITING = (
    "manage_", "create_", "add_", "edit_", "update_", "change_", "write_", "send_",
    "approve_", "upload_", "import_", "invite_",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a user can allow a client: of what was asked, only what the user holds."""

    client: ClientRecord
    user: User
    redirect_uri: str
    scopes: frozenset[str]
    consent: Consent | None
    #: The end of the trial that asks; null where an app asks.
    trial_ends_at: datetime | None = None

    @property
    def granted_before(self) -> frozenset[str]:
        """The scopes that the user has allowed this client already."""
        return frozenset(self.consent.scopes if self.consent else ())

    @property
    def optional(self) -> frozenset[str]:
        """The scopes that the user may leave out."""
        return self.scopes & self.client.optional_scopes

    @property
    def declined(self) -> frozenset[str]:
        """The optional scopes that the user left out the last time."""
        return self.optional.intersection(
            self.consent.declined_scopes if self.consent else ()
        )

    @property
    def expected(self) -> frozenset[str]:
        """What the user allows unless they decide anew."""
        return self.scopes - self.declined

    @property
    def is_remembered(self) -> bool:
        """Whether the answer is known, so that nobody needs to be asked.

        An app that asks for nothing but what was left out means it: that is asked. On
        loopback and custom schemes a public client could be anybody (RFC 8252 §8.6):
        there the screen is always shown.
        """
        if self.consent is None or not self.expected <= self.granted_before:
            return False
        if self.declined and not self.expected:
            return False
        return self.client.is_confidential or self.redirect_uri.startswith("https://")


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A scope in plain words; `effect` is `see`, `change` or `delete`."""

    name: str
    sentence: str
    group: str
    effect: str
    is_new: bool


def make_offer(
    request: ProtocolRequest,
    *,
    user: User,
    redirect_uri: str,
    within: frozenset[str] | None = None,
) -> Offer:
    """Return what `user` is asked to allow, or has allowed already.

    `within` is what they were shown: nothing joins it while they read.
    """
    client: ClientRecord = request.client.record
    asked: frozenset[str] = request.scope
    if within is not None:
        asked &= within
    trial = find_trial(client, request.payload.data, user_id=user.id)
    return Offer(
        client=client,
        user=user,
        redirect_uri=redirect_uri,
        scopes=asked & (permission_names(user.id) | OPENID_SCOPES),
        consent=standing_consent(user_id=user.id, client_id=client.id),
        trial_ends_at=trial.expires_at if trial else None,
    )


def consent_to(offer: Offer, answer: Answer, *, actor: Actor) -> Consent:
    """Keep what the user has allowed: the offer without what they left out.

    In a trial it ends with the trial, whatever else was chosen.
    """
    left_out = offer.scopes & answer.left_out
    is_trial = offer.trial_ends_at is not None
    return allow(
        actor=actor,
        user_id=offer.user.id,
        client_id=offer.client.id,
        client_name=offer.client.name,
        scopes=offer.scopes - left_out,
        left_out=left_out,
        expires_at=offer.trial_ends_at or end_if(answer.duration, offer.client),
        is_remembered=answer.duration != ONCE and not is_trial,
        is_for_trial=is_trial,
    )


def end_if(duration: str, client: ClientRecord) -> datetime | None:
    """Return when a consent ends that is given now for this long; null is never."""
    return end_of(
        duration,
        now=utcnow(),
        code_ttl=settings.authorization_code_ttl,
        access_token_ttl=client.access_token_ttl or settings.access_token_ttl,
    )


def code_request(
    offer: Offer,
    consent: Consent,
    request: ProtocolRequest,
    *,
    scopes: frozenset[str],
    authenticated_at: datetime,
) -> CodeRequest:
    """Return what the code that `consent` allows shall be bound to."""
    parameters = request.payload.data
    return CodeRequest(
        client=offer.client,
        user=offer.user,
        consent=consent,
        scope=join_scope(scopes),
        redirect_uri=offer.redirect_uri,
        is_redirect_uri_named="redirect_uri" in parameters,
        code_challenge=parameters.get("code_challenge"),
        audience=granted_audience(parameters),
        nonce=parameters.get("nonce"),
        authenticated_at=authenticated_at,
    )


def scope_groups(offer: Offer) -> list[tuple[str, list[ScopeLine]]]:
    """Return the offered scopes that are to be read now, by group.

    What was granted before is left to `known_scopes`.
    """
    lines = [line for line in _lines(offer) if line.is_new]
    return [(group, list(some)) for group, some in groupby(lines, _group)]


def known_scopes(offer: Offer) -> list[ScopeLine]:
    """Return the offered scopes that were granted before, for a fold."""
    return [line for line in _lines(offer) if not line.is_new]


def describe_scopes(names: Iterable[str], *, new: Iterable[str]) -> list[ScopeLine]:
    """Return `names` in plain words, by group and name, in one query."""
    wanted, fresh = set(names), set(new)
    lines = [
        ScopeLine(name, OPENID_SENTENCES[name], "Your account", "see", name in fresh)
        for name in sorted(wanted & OPENID_SENTENCES.keys())
    ]
    permissions = db.session.scalars(
        select(Permission).where(Permission.name.in_(wanted))
    ).all()
    lines += [
        ScopeLine(
            permission.name,
            permission.description or permission.name,
            permission.group or "Other",
            effect_of(permission.name),
            permission.name in fresh,
        )
        for permission in permissions
    ]
    return sorted(lines, key=lambda line: (line.group, line.name))


def effect_of(permission: str) -> str:
    """Return whether a permission lets an app `see`, `change` or `delete`."""
    if permission.startswith(_DELETING):
        return "delete"
    return "change" if permission.startswith(_WRITING) else "see"


def destination(redirect_uri: str) -> str | None:
    """Return the host that the browser goes to; null for an app on this device."""
    parsed = parse_uri(redirect_uri)
    if not parsed.is_web or parsed.is_loopback:
        return None
    return parsed.host.lower().strip("[]")


def find_client_of(offer: Offer) -> Client:
    """Return the client's row, for its owner and whether it is verified."""
    return db.session.get_one(Client, offer.client.id)


def _lines(offer: Offer) -> list[ScopeLine]:
    return describe_scopes(offer.scopes, new=offer.scopes - offer.granted_before)


def _group(line: ScopeLine) -> str:
    return line.group
