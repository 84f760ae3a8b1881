"""Requests that are refused, one for each reason there is."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from app.audit.actor import SERVER
from app.clients.lifecycle import (
    delete_client,
    disable_client,
    enable_client,
    restore_client,
)
from app.clients.models import Client
from app.clients.secret_lists import live_secrets
from app.clients.secrets import add_secret, revoke_secret
from app.clients.statements import parse_client_id
from app.clock import utcnow
from app.extensions import db
from app.tokens.revocation import revoke_client_tokens
from app.traffic.reasons import RefusalReason
from tests.support.clock import MovableClock
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

R = RefusalReason
UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"
_REFERENCE = re.compile(r"(.*\.) Reference: ([0-9a-f]{12}-[0-9a-f]{12})")


def told(answer: TestResponse) -> tuple[dict[str, str], str]:
    """Return what a JSON answer or a redirect says, and the reference it ends in.

    As a library reads it: from the description, without any header but Location.
    """
    said = answer.get_json(silent=True)
    if said is None:
        said = dict(parse_qsl(urlsplit(answer.location).query))
    found = _REFERENCE.fullmatch(said["error_description"])
    assert found, said
    return said | {"error_description": found[1]}, found[2]


@dataclass(frozen=True)
class Scene:
    """What a refused request needs: parties and a clock."""

    parties: Parties
    clock: MovableClock

    def party(self, **details: Any) -> RelyingParty:
        """Register an app with both grants before whose browser a person sits."""
        return self.parties.confidential(**details)

    def token(self, **headers: str) -> TestResponse:
        """Ask for a token with nothing but `headers`."""
        client = self.parties.app.test_client()
        form = {"grant_type": "client_credentials"}
        return client.post("/oauth/token", data=form, headers=headers)

    def change(self, party: RelyingParty, act: Callable[[Client], Any]) -> None:
        """Do something to the party's app and commit it."""
        with self.parties.app.app_context():
            act(db.session.get_one(Client, _id(party)))
            db.session.commit()


def _id(party: RelyingParty) -> Any:
    return parse_client_id(party.client_id)


def basic(name: str, secret: str) -> str:
    """Return an Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def retire(scene: Scene, party: RelyingParty) -> None:
    """Replace the party's secret; the party goes on with the old one."""

    def act(client: Client) -> None:
        (old,) = live_secrets(client)
        add_secret(actor=SERVER, client=client)
        revoke_secret(actor=SERVER, secret=old)

    scene.change(party, act)


def _unknown_client(scene: Scene) -> TestResponse:
    party = scene.party()
    party.client_id = UNKNOWN_ID
    return party.act_as_itself()


def _wrong_secret(scene: Scene) -> TestResponse:
    party = scene.party()
    retire(scene, party)
    return party.act_as_itself()


def _missing_secret(scene: Scene) -> TestResponse:
    party = scene.party()
    party.client_secret = None
    return party.act_as_itself()


def _unexpected_secret(scene: Scene) -> TestResponse:
    party = scene.parties.public()
    party.client_secret = "x"
    return party.redeem("x")


def _wrong_method(scene: Scene) -> TestResponse:
    party = scene.party(token_endpoint_auth_method="client_secret_post")
    return party.act_as_itself()


def _public_client(scene: Scene) -> TestResponse:
    return scene.parties.public().post("/oauth/introspect", token="x")


def _code_after(
    change: Callable[[Scene, RelyingParty], Any], **form: str | None
) -> Callable[[Scene], TestResponse]:
    def act(scene: Scene) -> TestResponse:
        party = scene.party()
        code = party.allow()["code"]
        change(scene, party)
        return party.redeem(code, **form)

    return act


def _replayed_code(scene: Scene) -> TestResponse:
    party = scene.party()
    code = party.allow()["code"]
    party.redeem(code)
    return party.redeem(code)


def _code_of_another(scene: Scene) -> TestResponse:
    return scene.party().redeem(scene.party().allow()["code"])


def _refresh_of_another(scene: Scene) -> TestResponse:
    return scene.party().refresh(scene.party().tokens()["refresh_token"])


def _reused_refresh_token(scene: Scene) -> TestResponse:
    party = scene.party()
    token = party.tokens()["refresh_token"]
    party.refresh(token)
    scene.clock.forward(seconds=60)
    return party.refresh(token)


def _ended_refresh_token(scene: Scene) -> TestResponse:
    party = scene.party()
    token = party.tokens()["refresh_token"]
    _revoke_all(scene, party)
    return party.refresh(token)


def _exceeded_scope(scene: Scene) -> TestResponse:
    party = scene.party()
    token = party.tokens(scope="openid")["refresh_token"]
    return party.refresh(token, scope="view_users")


def _revoke_all(scene: Scene, party: RelyingParty) -> None:
    scene.change(party, lambda c: revoke_client_tokens(actor=SERVER, client=c))


def _silently(scene: Scene, *, is_signed_in: bool) -> TestResponse:
    party = scene.party()
    if not is_signed_in:
        party.browser = type(party.browser)(scene.parties.app)
    return party.ask(prompt="none")


def _expired_token(scene: Scene) -> TestResponse:
    party = scene.party()
    token = party.tokens()["access_token"]
    scene.clock.forward(hours=2)
    return party.call(token)


def _ended_token(
    end: Callable[[Client], Any],
) -> Callable[[Scene], TestResponse]:
    def act(scene: Scene) -> TestResponse:
        party = scene.party()
        token = party.act_as_itself().get_json()["access_token"]
        scene.change(party, end)
        return party.call(token)

    return act


def _foreign_audience(scene: Scene) -> TestResponse:
    party = scene.party()
    token = party.act_as_itself().get_json()["access_token"]
    client = scene.parties.app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    return client.get("/oauth/verify?audience=https://other.example", headers=headers)


def _verify(scene: Scene, query: str = "") -> TestResponse:
    token = scene.party().act_as_itself().get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return scene.parties.app.test_client().get(f"/oauth/verify{query}", headers=headers)


def _call_with(authorization: str) -> Callable[[Scene], TestResponse]:
    def act(scene: Scene) -> TestResponse:
        client = scene.parties.app.test_client()
        return client.get("/api/v1/me", headers={"Authorization": authorization})

    return act


def disable(client: Client) -> None:
    """Switch the app off."""
    disable_client(actor=SERVER, client=client)


def enable(client: Client) -> None:
    """Switch the app on."""
    enable_client(actor=SERVER, client=client)


def delete(client: Client) -> None:
    """Move the app to the trash."""
    delete_client(actor=SERVER, client=client)


def restore(client: Client) -> None:
    """Take the app out of the trash."""
    restore_client(actor=SERVER, client=client)


def _ask(**changes: str | None) -> Callable[[Scene], TestResponse]:
    return lambda scene: scene.party().ask(**changes)


def _too_many_scopes(scene: Scene) -> TestResponse:
    names = [f"{'x' * 50}{number:04}" for number in range(90)]
    return scene.party(permissions=names).act_as_itself()


Act = Callable[[Scene], TestResponse]
REFUSED: Mapping[RefusalReason, Act] = {
    R.CLIENT_MISSING: lambda scene: scene.token(),
    R.CLIENT_UNKNOWN: _unknown_client,
    R.CREDENTIALS_UNREADABLE: lambda scene: scene.token(Authorization="Basic %%%"),
    R.CREDENTIALS_TWICE: lambda scene: scene.party().act_as_itself(client_secret="x"),
    R.SECRET_MISSING: _missing_secret,
    R.SECRET_WRONG: _wrong_secret,
    R.SECRET_UNEXPECTED: _unexpected_secret,
    R.METHOD_WRONG: _wrong_method,
    R.CLIENT_PUBLIC: _public_client,
    R.GRANT_NOT_REGISTERED: lambda scene: scene.parties.service().redeem("x"),
    R.GRANT_UNSUPPORTED: lambda scene: scene.party().token(grant_type="password"),
    R.REDIRECT_URI_UNKNOWN: _ask(redirect_uri="https://app.example.com/callback/"),
    R.REDIRECT_URI_MISSING: lambda scene: scene.party(
        redirect_uris=["https://a.example/", "https://b.example/"]
    ).ask(redirect_uri=None),
    R.CODE_UNKNOWN: lambda scene: scene.party().redeem("x"),
    R.CODE_OF_ANOTHER: _code_of_another,
    R.CODE_EXPIRED: _code_after(lambda scene, _party: scene.clock.forward(minutes=2)),
    R.CODE_REPLAYED: _replayed_code,
    R.CODE_REDIRECT_URI: _code_after(
        lambda *_: None, redirect_uri="https://app.example.com/Callback"
    ),
    R.CODE_VERIFIER: _code_after(lambda *_: None, code_verifier="w" * 43),
    R.CODE_ENDED: _code_after(_revoke_all),
    R.REFRESH_UNKNOWN: lambda scene: scene.party().refresh("x"),
    R.REFRESH_OF_ANOTHER: _refresh_of_another,
    R.REFRESH_REUSED: _reused_refresh_token,
    R.REFRESH_ENDED: _ended_refresh_token,
    R.SCOPE_MALFORMED: _ask(scope='a  "b"'),
    R.SCOPE_NOT_HELD: lambda scene: scene.party().act_as_itself(scope="manage_users"),
    R.SCOPE_NOT_ALLOWED: _ask(scope="manage_system"),
    R.SCOPE_EXCEEDED: _exceeded_scope,
    R.SCOPE_TOO_LONG: _too_many_scopes,
    R.RESOURCE_UNKNOWN: _ask(resource="https://other.example"),
    R.PERMISSION_MISSING: lambda scene: _verify(scene, "?permission=manage_users"),
    R.REQUEST_UNREADABLE: lambda scene: scene.parties.app.test_client().post(
        "/oauth/token", json={}
    ),
    R.PARAMETER_MISSING: lambda scene: scene.party().post("/oauth/revoke", x="y"),
    R.PARAMETER_WRONG: _ask(max_age="soon"),
    R.PARAMETER_NOT_OFFERED: _ask(request="x"),
    R.RESPONSE_TYPE_WRONG: _ask(response_type="token"),
    R.CHALLENGE_MISSING: _ask(code_challenge=None, code_challenge_method=None),
    R.SIGN_IN_NEEDED: lambda scene: _silently(scene, is_signed_in=False),
    R.CONSENT_NEEDED: lambda scene: _silently(scene, is_signed_in=True),
    R.TOKEN_MISSING: lambda scene: scene.parties.app.test_client().get("/api/v1/me"),
    R.TOKEN_MALFORMED: _call_with("Bearer a b"),
    R.TOKEN_FOREIGN: _call_with("Bearer a.b.c"),
    R.TOKEN_EXPIRED: _expired_token,
    R.TOKEN_ENDED: _ended_token(disable),
    R.TOKEN_AUDIENCE: _foreign_audience,
}


def expire(client: Client) -> None:
    """Let the app's secrets end now."""
    for secret in live_secrets(client):
        secret.expires_at = utcnow() - timedelta(minutes=1)
