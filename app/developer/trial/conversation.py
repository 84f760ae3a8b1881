"""The flows of a trial, request by request, as the app itself would send them.

Tokens, codes and secrets are known here while a flow runs and nowhere afterwards: what
is kept for people to read has them cut down to a hint.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import digests
from app.clients.models import CLIENT_CREDENTIALS
from app.clients.trials import callback_address
from app.developer.trial.plan import Plan
from app.developer.trial.wire import Answer, Send
from app.developer.trial.words import explain_refusal
from app.extensions import settings
from app.tokens.jwts import parts_of

#: Headers of answers that say something about the protocol.
_TELLING = (
    "Content-Type",
    "Cache-Control",
    "Location",
    "WWW-Authenticate",
    "Retry-After",
    "X-Reference-Id",
)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and its answer as people read them, without anything secret."""

    title: str
    request: str
    answer: str
    is_good: bool


@dataclass(frozen=True, kw_only=True)
class ShownToken:
    """A signed token, read: nothing of its signature is kept."""

    title: str
    header: dict[str, Any]
    claims: dict[str, Any]


@dataclass(kw_only=True)
class Conversation:
    """What an app and the server say to each other in one trial."""

    plan: Plan
    send: Send
    exchanges: list[Exchange] = field(default_factory=list)
    tokens: list[ShownToken] = field(default_factory=list)
    token_ids: list[uuid.UUID] = field(default_factory=list)
    #: The last answer of /api/v1/me.
    me: Mapping[str, Any] = field(default_factory=dict)
    #: Why the flow ended early, in words.
    refusal: str = ""
    _masks: dict[str, str] = field(default_factory=dict, repr=False)

    def act_as_itself(self) -> None:
        """Run the client credentials grant."""
        got = self._ask(
            "Request a token",
            {"grant_type": CLIENT_CREDENTIALS, **self.plan.named_scope},
        )
        if got:
            self._call_api(got["access_token"])
            self._revoke(got["access_token"])

    def redeem(self, code: str, *, is_refreshed: bool) -> None:
        """Exchange a code, and use the refresh token once."""
        got = self._ask(
            "Exchange the code",
            {
                "grant_type": "authorization_code",
                "code": self._hide(code),
                "redirect_uri": callback_address(),
                "code_verifier": self._hide(self.plan.code_verifier),
            },
        )
        if not got:
            return
        self._call_api(got["access_token"])
        refresh_token = got["refresh_token"]
        if is_refreshed:
            renewed = self._ask(
                "Use the refresh token",
                {"grant_type": "refresh_token", "refresh_token": refresh_token},
            )
            if renewed:
                self._call_api(renewed["access_token"])
                refresh_token = renewed["refresh_token"]
        self._revoke(refresh_token)

    def came_back(self, code: str) -> None:
        """Note what the browser carried: the request, the person's answer, the code."""
        asked = self.plan.authorization_parameters()
        back = {
            "code": self._hide(code),
            "state": self._hide(asked["state"]),
            "iss": settings.issuer,
        }
        self._note(
            "Send the person to the authorization endpoint",
            request=f"GET {settings.issuer}/oauth/authorize\n{_lines('?', asked)}",
            answer="200 OK\n\nThe consent screen",
            is_good=True,
        )
        self._note(
            "The person answers on the consent screen",
            request=f"POST {settings.issuer}/oauth/consent\n\ndecision=allow",
            answer=(
                f"303 SEE OTHER\nLocation: {callback_address()}\n{_lines('?', back)}"
            ),
            is_good=True,
        )

    def _ask(self, title: str, form: dict[str, str]) -> dict[str, Any]:
        """Send a token request; return its answer, or nothing if it was refused."""
        answer = self._send_as_client(title, "/oauth/token", form)
        if not answer.is_good:
            self.refusal = explain_refusal(answer.values)
            return {}
        values = dict(answer.values)
        self.tokens = [_read("Access token", values["access_token"])]
        self.token_ids.append(uuid.UUID(self.tokens[0].claims["jti"]))
        if "id_token" in values:
            self.tokens.append(_read("ID token", values["id_token"]))
        return values

    def _call_api(self, access_token: str) -> None:
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = self._say("Call the API", "GET", "/api/v1/me", headers, None)
        self.me = answer.values if answer.is_good else {}
        if not answer.is_good:
            self.refusal = explain_refusal(answer.values)

    def _revoke(self, token: str) -> None:
        """End the token and, if it has a family, all of that."""
        self._send_as_client("Revoke the token", "/oauth/revoke", {"token": token})

    def _send_as_client(self, title: str, path: str, form: dict[str, str]) -> Answer:
        headers, fields = self.plan.credentials()
        if "client_secret" in fields:
            self._hide(fields["client_secret"])
        if "Authorization" in headers:
            hint = digests.hint(self.plan.client_secret)
            shown = f"Basic <{self.plan.client_id}:…{hint}>"
            self._masks[headers["Authorization"]] = shown
        return self._say(title, "POST", path, headers, form | fields)

    def _say(
        self,
        title: str,
        method: str,
        path: str,
        headers: dict[str, str],
        form: dict[str, str] | None,
    ) -> Answer:
        answer = self.send(method, path, headers, form)
        for name in ("access_token", "id_token", "refresh_token"):
            if name in answer.values:
                self._hide(answer.values[name])
        if form is not None:
            headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        told = {
            name: answer.headers[name] for name in _TELLING if name in answer.headers
        }
        body = json.dumps(answer.values, indent=2) if answer.values else answer.body
        address = f"{method} {settings.issuer}{path}"
        self._note(
            title,
            request="\n".join(
                [address, *_headers(headers), "", _lines("", form or {})]
            ),
            answer="\n".join([answer.status, *_headers(told), "", body]),
            is_good=answer.is_good,
        )
        return answer

    def _hide(self, secret: str) -> str:
        """Let exchanges show only the hint of a secret; return the secret itself."""
        self._masks[secret] = _cut(secret)
        return secret

    def _note(self, title: str, *, request: str, answer: str, is_good: bool) -> None:
        self.exchanges.append(
            Exchange(
                title=title,
                request=self._masked(request).strip(),
                answer=self._masked(answer).strip(),
                is_good=is_good,
            )
        )

    def _masked(self, text: str) -> str:
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, self._masks[secret])
        return text


def _read(title: str, token: str) -> ShownToken:
    header, claims = parts_of(token)
    return ShownToken(title=title, header=header, claims=claims)


def _cut(secret: str) -> str:
    if secret.count(".") == 2:
        # Without its signature a token opens nothing; its claims are shown decoded.
        return f"{secret[:10]}….(signature cut)"
    return f"…{digests.hint(secret)}"


def _headers(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def _lines(first: str, parameters: Mapping[str, str]) -> str:
    """Return parameters one a line, as they stand in a query or a form."""
    pairs = [f"{name}={value}" for name, value in parameters.items()]
    return first + "\n&".join(pairs) if pairs else ""
