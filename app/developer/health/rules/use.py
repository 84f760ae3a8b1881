"""Apps that cannot be used, or never were."""

from collections.abc import Iterator
from datetime import datetime

from app.clients.models import Client
from app.clock import DAY
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule, apps_where
from app.web.times import moment

#: A new app is given so long before somebody asks why it is not used.
SETTLING_IN = DAY


class Disabled(Rule):
    """Whatever the app asks for is refused."""

    def find(self, client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say since when."""
        if client.disabled_at is not None:
            yield Hint(
                kind="warning",
                sentence=(
                    f"It has been disabled since {moment(client.disabled_at)}: all its "
                    "requests are refused."
                ),
                fix="Enable it",
                tab="danger",
            )

    def candidates(self) -> Ids:
        """Find disabled apps, the latest first."""
        disabled = apps_where(Client.disabled_at.is_not(None))
        return disabled.order_by(Client.disabled_at.desc())


class NeverUsed(Rule):
    """Nobody has used the app since it was registered: a remark."""

    def find(self, client: Client, _facts: Facts, now: datetime) -> Iterator[Hint]:
        """Say it of an app that could be used and is not new."""
        is_new = now - client.created_at <= SETTLING_IN
        if client.disabled_at is None and client.last_used_at is None and not is_new:
            yield Hint(
                kind="info",
                sentence="It has never been used.",
                fix="Copy sample code",
                tab="overview",
                anchor="snippets",
            )
