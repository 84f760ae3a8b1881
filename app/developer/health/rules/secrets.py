"""Secrets that are missing, end soon or are perhaps lost."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, or_, select

from app.clients.models import Client, ClientSecret
from app.clients.secret_advice import (
    BUSY,
    ENDS_SOON,
    ends_all_soon,
    ends_in_use,
    is_lost,
)
from app.clients.secret_lists import is_working
from app.clock import utcnow
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule, apps_where
from app.web.times import moment


class NoLastingSecret(Rule):
    """No secret of a confidential app works, or none does for much longer."""

    def find(self, client: Client, facts: Facts, now: datetime) -> Iterator[Hint]:
        """Say that there is none, or when the last one ends."""
        if not client.is_confidential:
            return
        if not facts.secrets:
            sentence = "It has no active secret, so it cannot get tokens."
            yield _hint("danger", sentence)
        last = ends_all_soon(facts.secrets, now)
        if last is not None:
            sentence = f"Its last secret expires on {moment(last)}."
            yield _hint("warning", sentence)

    def candidates(self) -> Ids:
        """Find confidential apps without a secret that works for a while yet."""
        end = ClientSecret.expires_at
        lasting = select(ClientSecret.id).where(
            ClientSecret.client_id == Client.id,
            is_working(),
            or_(end.is_(None), end > utcnow() + ENDS_SOON),
        )
        return apps_where(Client.is_confidential.is_(True), ~lasting.exists())


class SecretInDoubt(Rule):
    """A secret ends soon though it is in use, or was perhaps never stored."""

    def find(self, client: Client, facts: Facts, now: datetime) -> Iterator[Hint]:
        """Say it of each secret; where all of them end, that is said already."""
        if not client.is_confidential:
            return
        do_all_end = ends_all_soon(facts.secrets, now) is not None
        for secret in facts.secrets:
            end = ends_in_use(secret, now)
            if end is not None and not do_all_end:
                sentence = (
                    f"Secret …{secret.hint} expires on {moment(end)} and is still in "
                    "use. Give the app another one before then."
                )
                yield _hint("warning", sentence)
            if is_lost(secret):
                sentence = (
                    f"Nobody confirmed that secret …{secret.hint} was saved, and it "
                    "has never been used. If it is lost, create a new one."
                )
                yield _hint("warning", sentence, secret)

    def candidates(self) -> Ids:
        """Find the apps of such secrets; those of apps in the trash are revoked."""
        now, secret = utcnow(), ClientSecret
        is_lost = and_(
            secret.shown_at.is_not(None),
            secret.stored_at.is_(None),
            secret.last_used_at.is_(None),
        )
        is_ending = and_(
            secret.expires_at <= now + ENDS_SOON, secret.last_used_at > now - BUSY
        )
        return select(secret.client_id.label("id")).where(
            is_working(), or_(is_lost, is_ending)
        )


def _hint(kind: str, sentence: str, secret: ClientSecret | None = None) -> Hint:
    return Hint(
        kind=kind,
        sentence=sentence,
        fix="Create a new secret",
        tab="settings",
        anchor="secrets",
        secret=secret,
    )
