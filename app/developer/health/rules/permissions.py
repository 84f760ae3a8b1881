"""Apps that are allowed nothing, as themselves or for people."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from app.access.holdings import holds_any
from app.access.models import Permission
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client
from app.database import json_list_holds
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule, apps_where


class HoldsNothing(Rule):
    """An app that acts as itself holds no permission."""

    def find(self, client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say so."""
        if client.uses(CLIENT_CREDENTIALS) and not facts.holds_any:
            yield _hint("It can act as itself but has no permissions.")

    def candidates(self) -> Ids:
        """Find these apps."""
        return apps_where(_uses(CLIENT_CREDENTIALS), ~holds_any(Client.id))


class MayAskForNothing(Rule):
    """An app that acts for people may ask them for no permission."""

    def find(self, client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say so."""
        if client.uses(AUTHORIZATION_CODE) and not facts.may_ask_for:
            yield _hint(
                "It cannot ask people for any permission, only for who they are."
            )

    def candidates(self) -> Ids:
        """Find these apps."""
        return apps_where(_uses(AUTHORIZATION_CODE), ~_may_ask_for_any())


class NobodyHoldsIt(Rule):
    """Nobody holds what an app may ask people for; looked for on its own page only."""

    def find(self, client: Client, facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say what follows."""
        is_asked = client.uses(AUTHORIZATION_CODE) and facts.may_ask_for
        if is_asked and not facts.is_askable:
            yield _hint(
                "Nobody holds a permission that it may ask for, so nobody can give it "
                "one."
            )


def _hint(sentence: str) -> Hint:
    return Hint(
        kind="warning",
        sentence=sentence,
        fix="Choose what it may do",
        tab="permissions",
    )


def _may_ask_for_any() -> ColumnElement[bool]:
    delegable = select(Permission.id).where(Permission.is_delegable)
    named = delegable.where(json_list_holds(Client.scopes, Permission.name))
    return or_(
        and_(Client.scopes.is_(None), delegable.exists()),
        and_(Client.scopes.is_not(None), named.exists()),
    )


def _uses(grant_type: str) -> ColumnElement[bool]:
    return json_list_holds(Client.grant_types, grant_type)
