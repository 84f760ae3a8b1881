"""A relying party of our own: drives the flows over the test client, step by step."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.test import TestResponse

from tests.support.browsing import Browser


@dataclass
class RelyingParty:
    """An app with its credentials and the browser of the person in front of it."""

    browser: Browser
    client_id: str
    client_secret: str | None = None
    redirect_uri: str = "https://app.example.com/callback"
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    code_verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def code_challenge(self) -> str:
        """The S256 challenge of the verifier."""
        digest = hashlib.sha256(self.code_verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def authorization_parameters(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of a good request, with `changes` (null removes)."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "S256",
        }
        parameters |= changes
        return {name: value for name, value in parameters.items() if value is not None}

    def ask(self, **changes: str | None) -> TestResponse:
        """Lead the browser to the authorization endpoint."""
        query = urlencode(self.authorization_parameters(**changes))
        return self.browser.get(f"/oauth/authorize?{query}")

    def allow(self, **changes: str | None) -> dict[str, str]:
        """Ask, press Allow if the screen is shown, and return what comes back."""
        return self.decide("allow", **changes)

    def decide(self, decision: str, **changes: str | None) -> dict[str, str]:
        """Ask, answer the screen if it is shown, and return what comes back."""
        page = self.ask(**changes)
        if page.status_code == 200:
            page = self.browser.submit(
                {"decision": decision}, action="/oauth/consent", follow=False
            )
        return self.answer(page)

    def answer(self, page: TestResponse) -> dict[str, str]:
        """Return the parameters of the redirect to the app."""
        location = page.headers.get("Location", "")
        expected = self.redirect_uri.partition("?")[0]
        assert location.startswith(expected), (page.status_code, location, page.text)
        return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))

    def token(self, **form: str | None) -> TestResponse:
        """Send a token request by `client_secret_basic`, or as a public client."""
        return self.post("/oauth/token", **form)

    def post(self, address: str, **form: str | None) -> TestResponse:
        """Send a form to a protocol endpoint, authenticated as this app."""
        headers = {}
        if self.client_secret is None:
            form.setdefault("client_id", self.client_id)
        else:
            pair = f"{self.client_id}:{self.client_secret}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        data = {name: value for name, value in form.items() if value is not None}
        client = self.browser.app.test_client()
        return client.post(address, data=data, headers=headers)

    def redeem(self, code: str, **changes: str | None) -> TestResponse:
        """Exchange an authorization code."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.code_verifier,
        }
        return self.token(**(form | changes))

    def refresh(self, refresh_token: str, **changes: str | None) -> TestResponse:
        """Use a refresh token."""
        form: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        return self.token(**(form | changes))

    def act_as_itself(self, **changes: str | None) -> TestResponse:
        """Ask for a token by client credentials."""
        form: dict[str, str | None] = {"grant_type": "client_credentials"}
        return self.token(**(form | changes))

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        """Go all the way through the code grant and return the token response."""
        response = self.redeem(self.allow(**changes)["code"])
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.get_json()
        return found

    def call(self, access_token: str, address: str = "/api/v1/me") -> TestResponse:
        """Call the protected API."""
        client = self.browser.app.test_client()
        headers = {"Authorization": f"Bearer {access_token}"}
        return client.get(address, headers=headers)

    def introspect(self, token: str) -> dict[str, Any]:
        """Ask whether a token is active."""
        response = self.post("/oauth/introspect", token=token)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.get_json()
        return found
