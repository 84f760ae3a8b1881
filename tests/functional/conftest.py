"""What tests through HTTP and commands share: parties, a clock, other settings."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.clock import MovableClock, install_clock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


@pytest.fixture
def parties(app: Flask, make: Factory) -> Parties:
    """Registers apps and signs people in at browsers."""
    return Parties(app, make)


@pytest.fixture
def party(parties: Parties) -> RelyingParty:
    """An app with both grants, and the browser of a person who may view users."""
    return parties.confidential()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """The product's time, to be moved."""
    return install_clock(monkeypatch)


@pytest.fixture
def configure(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of the running application for one test."""

    def change(**settings: object) -> None:
        current = app.extensions["gatepass_settings"]
        changed = current.model_copy(update=settings)
        monkeypatch.setitem(app.extensions, "gatepass_settings", changed)

    return change
