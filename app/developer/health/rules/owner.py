"""Who answers for an app."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import User
from app.clients.models import Client
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule, apps_where


class NoOwner(Rule):
    """Nobody answers for the app: a remark."""

    def find(self, client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say so."""
        if client.owner is None:
            yield Hint(
                kind="info",
                sentence="It has no owner.",
                fix="Set an owner",
                tab="danger",
            )


class OwnerDeactivated(Rule):
    """Whoever answers for the app cannot sign in any more."""

    def find(self, client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Name them."""
        if client.owner is not None and not client.owner.is_active:
            yield Hint(
                kind="warning",
                sentence=f"Its owner, {client.owner.label}, is deactivated.",
                fix="Transfer ownership",
                tab="danger",
            )

    def candidates(self) -> Ids:
        """Find the apps of people who are deactivated."""
        gone = select(User.id).where(User.deactivated_at.is_not(None))
        return apps_where(Client.owner_id.in_(gone))
