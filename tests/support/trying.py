"""Trying an app as an administrator does, page by page."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from tests.support.console import Console

#: The issuer at which the test client's cookies are good.
ISSUER = "http://localhost"
CALLBACK = f"{ISSUER}/developer/try/callback"


@dataclass
class Trying:
    """The Try it tab of one app, at somebody's browser."""

    console: Console
    client_id: str

    @property
    def page(self) -> str:
        """The address of the tab."""
        return f"/developer/apps/{self.client_id}/try"

    def act_as_itself(self, *, hx: bool = False, **values: Any) -> TestResponse:
        """Run the client credentials grant."""
        values = {f"own-{name}": value for name, value in values.items()}
        return self.console.send(self.page, values, action="/as-itself$", hx=hx)

    def prepare(self, **values: Any) -> TestResponse:
        """Open a trial of the code flow."""
        values = {f"people-{name}": value for name, value in values.items()}
        return self.console.send(self.page, values, action="/for-a-person$")

    def link(self) -> str:
        """Return the way to the consent screen that the tab shows."""
        text = self.console.get(self.page).text
        found = re.search(rf'href="({ISSUER}/oauth/authorize\?[^"]*)"', text)
        assert found, text
        return unescape(found[1])

    def decide(self, decision: str = "allow", *, link: str | None = None) -> str:
        """Follow the link, answer the screen, and return where that leads."""
        browser = self.console.browser
        page = browser.get(link or self.link())
        assert page.status_code == 200, page.text
        page = browser.submit(
            {"decision": decision}, action="/oauth/consent", follow=False
        )
        assert page.status_code == 303, page.text
        return page.headers["Location"]

    def exchange(
        self, back: str, *, hx: bool = False, **values: str | None
    ) -> TestResponse:
        """Open the callback and press its button."""
        assert self.console.get(back).status_code == 200
        filled = self.console.filled(values, action="/exchange$")
        return self.console.send_again(filled, hx=hx)


def parameters(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return dict(parse_qsl(urlsplit(address).query))
