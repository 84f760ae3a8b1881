"""Apps that may act for a person: listed, counted and ended by packages that know."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.accounts.models import User
from app.audit.actor import Actor
from app.web.counting import Count


class ConnectedApp(Protocol):
    """An app, what it may do, since when and how lately; pages show the rest of it."""

    @property
    def client_id(self) -> uuid.UUID:
        """Which app it is."""

    @property
    def name(self) -> str:
        """What the app is called."""


@dataclass(frozen=True, kw_only=True)
class AppsOfPeople:
    """What this package has to be told to show apps of a person, and to end them."""

    list_for: Callable[[User], Sequence[ConnectedApp]]
    count_live_tokens: Callable[[uuid.UUID, uuid.UUID], Count]
    #: Takes actor, user_id and client_id by name, and returns what stood.
    end: Callable[..., Sequence[object]]


_told: list[AppsOfPeople] = []


def register_apps(apps: AppsOfPeople) -> None:
    """Let pages of people show their apps, as `apps` finds them."""
    _told[:] = [apps]


def connected_apps(user: User) -> Sequence[ConnectedApp]:
    """Return the apps that a person allows something now, the newest first."""
    return _told[0].list_for(user)


def find_connected_app(user: User, client_id: uuid.UUID) -> ConnectedApp | None:
    """Return an app, if the person allows it something now."""
    found = (app for app in connected_apps(user) if app.client_id == client_id)
    return next(found, None)


def live_tokens(user: User, app: ConnectedApp) -> Count:
    """Return how many live access tokens an app has for a person."""
    return _told[0].count_live_tokens(user.id, app.client_id)


def end_connected_app(*, actor: Actor, user: User, app: ConnectedApp) -> bool:
    """End all that an app may do for a person; tell whether anything stood. Flushes."""
    return bool(_told[0].end(actor=actor, user_id=user.id, client_id=app.client_id))
