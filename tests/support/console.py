"""The console as an administrator uses it, with htmx and without."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.parties import Parties

#: The page's head has a form of its own, for signing out.
NOT_THE_HEAD = r"^(?!/logout)"
HX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Console:
    """A browser at which somebody is signed in."""

    browser: Browser
    person: MadeUser

    @classmethod
    def of_administrator(cls, app: Flask, make: Factory) -> "Console":
        """Sign a new administrator in."""
        return cls.of(make.user(name="Ada", administrator=True), app, make)

    @classmethod
    def of(cls, person: MadeUser, app: Flask, make: Factory) -> "Console":
        """Sign somebody in, without the slow hash that the form costs."""
        return cls(Parties(app, make).browser_of(person), person)

    def get(self, address: str, *, hx: bool = False) -> TestResponse:
        """Open an address, or let htmx fetch it."""
        return self.browser.get(address, headers=HX if hx else {})

    def send(
        self,
        page: str,
        values: dict[str, Any] | None = None,
        *,
        action: str | None = None,
        hx: bool = False,
    ) -> TestResponse:
        """Open `page` and send its form whose action matches, with htmx or without.

        Redirects are not followed.
        """
        assert self.get(page).status_code == 200
        return self.send_again(self.filled(values, action=action), hx=hx)

    def filled(
        self, values: dict[str, Any] | None = None, *, action: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Return the open page's form as it would be sent: its address and fields."""
        form = self.browser.form(action or NOT_THE_HEAD)
        data = form["fields"] | (values or {})
        return form["action"], {n: v for n, v in data.items() if v is not None}

    def send_again(
        self, filled: tuple[str, dict[str, Any]], *, hx: bool = False
    ) -> TestResponse:
        """Send a form as it was filled in before."""
        address, data = filled
        headers = HX if hx else {}
        return self.browser.client.post(address, data=data, headers=headers)
