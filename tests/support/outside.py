"""A person and an app outside the product, over real HTTP."""

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from app.tokens.pkce import challenge_for
from tests.support.pages import form_in
from tests.support.racing import Answer, send_at_once
from tests.support.serving import Served

REDIRECT_URI = "https://app.example.com/callback"
TIMEOUT = 30


@dataclass
class Person:
    """Somebody at a browser without scripts, who fills in the forms that they see."""

    served: Served
    browser: requests.Session = field(default_factory=requests.Session)
    page: requests.Response = field(init=False)
    email: str = ""
    #: Whether the last authorization request showed the consent screen.
    was_asked: bool = False

    def open(self, address: str) -> requests.Response:
        """Open a page and follow it wherever it leads inside the product."""
        return self._show(
            self.browser.get(
                self._absolute(address), allow_redirects=False, timeout=TIMEOUT
            )
        )

    def submit(
        self, values: dict[str, str | list[str] | None], *, action: str
    ) -> requests.Response:
        """Send the page's form whose action matches, and follow where it leads."""
        form = form_in(self.page.text, action)
        address = urljoin(self.page.url, form.action or self.page.url)
        return self._show(
            self.browser.post(
                address,
                data=form.filled_in(values),
                allow_redirects=False,
                timeout=TIMEOUT,
            )
        )

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form."""
        self.email = email
        self.open("/login")
        self.submit({"email": email, "password": password}, action="/login")
        assert self.page.status_code == 200, self.page.text
        assert "/login" not in self.page.url

    def answer(self, address: str, decision: str = "allow") -> str:
        """Open an app's authorization request, decide if asked; return the way back."""
        page = self.open(address)
        self.was_asked = page.status_code == 200
        if self.was_asked:
            page = self.submit({"decision": decision}, action="/oauth/consent")
        assert page.status_code in {302, 303}, page.text
        return page.headers["Location"]

    def _show(self, page: requests.Response) -> requests.Response:
        for _ in range(10):
            address = urljoin(page.url, page.headers.get("Location", ""))
            is_inside = address.startswith(f"{self.served.address}/")
            if page.status_code not in {302, 303} or not is_inside:
                self.page = page
                return page
            page = self.browser.get(address, allow_redirects=False, timeout=TIMEOUT)
        raise AssertionError(f"too many redirects, last to {page.url}")

    def _absolute(self, address: str) -> str:
        return urljoin(self.served.address, address)


@dataclass
class OutsideApp:
    """An app registered at a served product, with a signed-in person's browser."""

    served: Served
    client_id: str
    client_secret: str
    redirect_uri: str
    person: Person
    wire: requests.Session = field(default_factory=requests.Session)

    def sign_in(self, email: str, password: str) -> None:
        """Sign the browser in as a person would, through the form."""
        self.person.sign_in(email, password)

    def authorization_code(self, **more: str) -> tuple[str, str]:
        """Return a fresh code with its verifier, allowing the app where it is asked."""
        verifier = secrets.token_urlsafe(48)
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": challenge_for(verifier),
            "code_challenge_method": "S256",
        } | more
        request = requests.Request(
            "GET", f"{self.served.address}/oauth/authorize", params=query
        )
        location = self.person.answer(str(request.prepare().url))
        assert location.startswith(self.redirect_uri), location
        answers = dict(parse_qsl(urlsplit(location).query))
        return answers["code"], verifier

    def token(self, **form: str) -> requests.Response:
        """Send a token request on a connection of its own."""
        return requests.post(
            f"{self.served.address}/oauth/token",
            data=form,
            auth=(self.client_id, self.client_secret),
            timeout=TIMEOUT,
        )

    def tokens_at_once(self, times: int, **form: str) -> list[Answer]:
        """Send one token request on so many connections at the same moment."""
        request = requests.Request(
            "POST",
            f"{self.served.address}/oauth/token",
            data=form,
            auth=(self.client_id, self.client_secret),
        )
        return send_at_once(request.prepare(), times=times)

    def redemption(self, code: str, verifier: str) -> dict[str, str]:
        """Return the form that exchanges a code."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self.redirect_uri,
        }

    def redeem(self, code: str, verifier: str) -> requests.Response:
        """Exchange a code."""
        return self.token(**self.redemption(code, verifier))

    def refresh(self, refresh_token: str) -> requests.Response:
        """Use a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def act_as_itself(self, **form: str) -> requests.Response:
        """Ask for a token by client credentials."""
        return self.token(grant_type="client_credentials", **form)

    def call(self, access_token: str, address: str = "/api/v1/me") -> requests.Response:
        """Call the protected API."""
        return self.wire.get(
            f"{self.served.address}{address}",
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=TIMEOUT,
        )

    def is_active(self, token: str) -> bool:
        """Ask the product whether a token is active."""
        answer = self.wire.post(
            f"{self.served.address}/oauth/introspect",
            data={"token": token},
            auth=(self.client_id, self.client_secret),
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        active: bool = answer.json()["active"]
        return active


def register_app(served: Served, name: str = "Racer", *options: str) -> OutsideApp:
    """Register a confidential app with both grants by command."""
    made = served.json(
        "passport:client", name,
        "--grant", "authorization_code", "--grant", "client_credentials",
        "--redirect-uri", REDIRECT_URI, *options,
    )  # fmt: skip
    return OutsideApp(
        served,
        made["client_id"],
        made["client_secret"],
        REDIRECT_URI,
        Person(served),
    )
