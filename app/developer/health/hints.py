"""What is odd about apps, by all rules: of one app, or over all of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, select, union_all

from app.clients.models import Client
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Rule
from app.developer.health.rules.cases import Disputed
from app.developer.health.rules.owner import NoOwner, OwnerDeactivated
from app.developer.health.rules.permissions import (
    HoldsNothing,
    MayAskForNothing,
    NobodyHoldsIt,
)
from app.developer.health.rules.redirects import OnlyDevices, PkceLifted
from app.developer.health.rules.refusals import RefusedOften
from app.developer.health.rules.secrets import NoLastingSecret, SecretInDoubt
from app.developer.health.rules.use import Disabled, NeverUsed

#: In this order hints of one kind are shown.
RULES: tuple[Rule, ...] = (
    Disputed(),
    NoLastingSecret(),
    SecretInDoubt(),
    Disabled(),
    NeverUsed(),
    OnlyDevices(),
    PkceLifted(),
    NoOwner(),
    OwnerDeactivated(),
    HoldsNothing(),
    MayAskForNothing(),
    NobodyHoldsIt(),
    RefusedOften(),
)
#: What a hint can be, the worst first.
KINDS = ("danger", "warning", "info")


def hints_for(client: Client, facts: Facts, now: datetime) -> list[Hint]:
    """Return what is odd about `client`, the worst first."""
    found = [hint for rule in RULES for hint in rule.find(client, facts, now)]
    return sorted(found, key=lambda hint: KINDS.index(hint.kind))


def hints_that_matter(client: Client, facts: Facts, now: datetime) -> list[Hint]:
    """Return the hints that are more than a piece of information, the worst first."""
    return [hint for hint in hints_for(client, facts, now) if hint.kind != "info"]


def candidates(most: int) -> CompoundSelect[Any]:
    """Return the select of ids of apps that may have hints that matter.

    By each rule there are at most `most`; an app may come several times. What exactly
    is odd about these is for `hints_that_matter` to say.
    """
    by_rule = [found for rule in RULES if (found := rule.candidates()) is not None]
    some = (found.limit(most).subquery() for found in by_rule)
    return union_all(*(select(ids.c.id) for ids in some))
