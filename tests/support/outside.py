"""A person and an app outside the product, over real HTTP."""

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from app.tokens.pkce import challenge_for
from tests.support.serving import Served

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_REQUEST_ID = re.compile(r'name="request_id"[^>]*value="([^"]+)"')
TIMEOUT = 30


@dataclass
class OutsideApp:
    """An app registered at a served product, with a signed-in person's browser."""

    served: Served
    client_id: str
    client_secret: str
    redirect_uri: str
    browser: requests.Session = field(default_factory=requests.Session)
    wire: requests.Session = field(default_factory=requests.Session)

    def sign_in(self, email: str, password: str) -> None:
        """Sign the browser in as a person would, through the form."""
        address = f"{self.served.address}/login"
        page = self.browser.get(address, timeout=TIMEOUT)
        form = {
            "email": email,
            "password": password,
            "csrf_token": _found(_CSRF, page.text),
        }
        answer = self.browser.post(
            address, data=form, allow_redirects=False, timeout=TIMEOUT
        )
        assert answer.status_code == 303, answer.text

    def authorization_code(self) -> tuple[str, str]:
        """Return a fresh code with its verifier, allowing the app where it is asked."""
        verifier = secrets.token_urlsafe(48)
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": challenge_for(verifier),
            "code_challenge_method": "S256",
        }
        answer = self.browser.get(
            f"{self.served.address}/oauth/authorize",
            params=query,
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        location = answer.headers.get("Location", "")
        if not location.startswith(self.redirect_uri):
            location = self._allow(urljoin(answer.url, location))
        answers = dict(parse_qsl(urlsplit(location).query))
        return answers["code"], verifier

    def _allow(self, address: str) -> str:
        page = self.browser.get(address, timeout=TIMEOUT)
        form = {
            "csrf_token": _found(_CSRF, page.text),
            "request_id": _found(_REQUEST_ID, page.text),
            "decision": "allow",
        }
        answer = self.browser.post(
            f"{self.served.address}/oauth/consent",
            data=form,
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def token(self, **form: str) -> requests.Response:
        """Send a token request on a connection of its own."""
        return requests.post(
            f"{self.served.address}/oauth/token",
            data=form,
            auth=(self.client_id, self.client_secret),
            timeout=TIMEOUT,
        )

    def redeem(self, code: str, verifier: str) -> requests.Response:
        """Exchange a code."""
        return self.token(
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=self.redirect_uri,
        )

    def refresh(self, refresh_token: str) -> requests.Response:
        """Use a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

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


def register_app(served: Served, name: str = "Racer") -> OutsideApp:
    """Register a confidential app with both grants by command."""
    redirect_uri = "https://app.example.com/callback"
    made = served.json(
        "passport:client", name,
        "--grant", "authorization_code", "--grant", "client_credentials",
        "--redirect-uri", redirect_uri,
    )  # fmt: skip
    return OutsideApp(served, made["client_id"], made["client_secret"], redirect_uri)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match is not None, text
    return match.group(1)
