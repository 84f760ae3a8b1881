"""What endangers codes on their way back to an app."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import String, cast

from app.clients.models import AUTHORIZATION_CODE, Client
from app.clients.uris import parse_uri
from app.database import json_list_holds
from app.developer.health.facts import Facts
from app.developer.health.rule import Hint, Ids, Rule, apps_where


class OnlyDevices(Rule):
    """A confidential app sends people nowhere but to their own device."""

    def find(self, client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say it where every redirect URI is a loopback address."""
        if (
            client.is_confidential
            and client.uses(AUTHORIZATION_CODE)
            and all(_is_plain_loopback(uri) for uri in client.redirect_uris)
        ):
            yield Hint(
                kind="warning",
                sentence=(
                    "All its redirect URIs point to the user's own device: fine for "
                    "testing, not for customers."
                ),
                fix="Add an https URI",
                tab="settings",
                anchor="redirect_uris",
            )

    def candidates(self) -> Ids:
        """Find those without an https address: they can have no others."""
        # A JSON list is text in both databases, with each address in double quotes.
        uris = cast(Client.redirect_uris, String)
        return apps_where(
            Client.is_confidential.is_(True),
            json_list_holds(Client.grant_types, AUTHORIZATION_CODE),
            ~uris.contains('"https:'),
        )


class PkceLifted(Rule):
    """Nothing ties a code to the browser that asked for it."""

    def find(self, client: Client, _facts: Facts, _now: datetime) -> Iterator[Hint]:
        """Say what a code is worth."""
        if not client.is_pkce_required:
            yield Hint(
                kind="danger",
                sentence="PKCE is off: anyone who intercepts a code can use it.",
                fix="Require PKCE",
                tab="settings",
                anchor="is_pkce_required",
            )

    def candidates(self) -> Ids:
        """Find these apps."""
        return apps_where(~Client.is_pkce_required)


def _is_plain_loopback(uri: str) -> bool:
    parsed = parse_uri(uri)
    return parsed.scheme == "http" and parsed.is_loopback
