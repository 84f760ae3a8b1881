"""Something for every page to show, in the database of a served product."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from app import create_app
from app.accounts.models import User, UserSession
from app.audit.actor import SERVER, Actor
from app.audit.models import AuditEvent
from app.clients.lifecycle import delete_client
from app.clients.models import ClientSecret
from app.clients.queries import find_client
from app.config import Settings
from app.consents.models import Consent
from app.extensions import db
from app.portal.disputes import dispute
from app.tokens.models import AccessToken
from app.tokens.pkce import challenge_for
from app.traffic.models import RefusedRequest
from app.traffic.reasons import Endpoint, RefusalReason
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.outside import OutsideApp, Person
from tests.support.seeds import CASE
from tests.support.serving import Served

BOTH = ("authorization_code", "client_credentials")
#: Long and without a blank, as what comes from outside may be.
LONG = "Rechnungsabgleich" * 4
URI = "https://integrations.invoice-sync.example.com/customers/acme/oauth2/callback"
SCOPES = ("view_users", "manage_invoices", "delete_invoices", LONG[:60].lower())


@dataclass(frozen=True)
class Places:
    """Who may open every page, and what stands for the parameters of addresses."""

    administrator: MadeUser
    values: dict[str, str]


def page_map() -> Flask:
    """Return an application for its URL map alone; it has no database."""
    return create_app(
        Settings.model_validate(
            {
                "app_env": "testing",
                "secret_key": "x" * 40,
                "database_url": "sqlite:////no/where",
            }
        )
    )


def make_places(served: Served, make: Factory) -> Places:
    """Make an administrator, apps, and everything that a page can show of them."""
    user = make.user(
        f"ada.{LONG[:40]}@example.com".lower(), name=LONG, administrator=True
    )
    for scope in SCOPES[1:]:
        make.permission(scope, description=LONG, group="Invoices", is_delegable=True)
    permission = make.permission("archive_invoices", group="Invoices")
    role = make.role(LONG[:64], SCOPES[:2])
    made = _new_client(make, LONG, owner=user, permissions=SCOPES, roles=[role.name])
    trashed = _new_client(make, f"Old {LONG}")
    with make.app.app_context():
        delete_client(actor=SERVER, client=_found(trashed))
        db.session.commit()
    other = _new_client(make, f"Other {LONG}")
    for client in (made, other):
        _use(served, client, user)
    _dispute(make, other, user)
    stranger = _new_client(make, f"New {LONG}", owner=user)
    values = {
        "client_id": made.id,
        "trashed": trashed.id,
        "user_id": str(user.id),
        "role_id": str(role.id),
        "permission_id": str(permission),
        "question": _question_of(stranger),
        "number": CASE,
        "refused_id": _refuse(make, made),
    }
    return Places(user, values | _ids_of(make, user, made))


def _new_client(make: Factory, name: str, **details: Any) -> MadeClient:
    return make.client(
        name,
        description=LONG * 2,
        grant_types=BOTH,
        redirect_uris=[URI, f"{URI}/2"],
        **details,
    )


def _found(made: MadeClient) -> Any:
    return find_client(made.id)


def _use(served: Served, made: MadeClient, user: MadeUser) -> None:
    """Let the app get tokens of both kinds."""
    person = Person(served)
    person.sign_in(user.email, user.password)
    app = OutsideApp(served, made.id, made.secret, URI, person)
    assert app.redeem(*app.authorization_code()).status_code == 200
    assert app.act_as_itself().status_code == 200


def _dispute(make: Factory, made: MadeClient, user: MadeUser) -> None:
    """Let the administrator say that it was not they who allowed the app."""
    actor = Actor(kind="user", id=user.id, label=user.name, reference_id=CASE)
    with make.app.app_context():
        row = db.session.get_one(User, user.id)
        here = db.session.scalars(
            select(UserSession).where(UserSession.user_id == user.id)
        ).first()
        assert here is not None
        dispute(actor=actor, user=row, here=here, client=_found(made))
        db.session.commit()


def _refuse(make: Factory, made: MadeClient) -> str:
    """Refuse a redirect URI that leads to another place; return the row's id."""
    with make.app.app_context():
        row = RefusedRequest(
            fold_key="0" * 12,
            endpoint=Endpoint.AUTHORIZE,
            reason=RefusalReason.REDIRECT_URI_UNKNOWN,
            client_id=uuid.UUID(made.id),
            facts={"came": f"https://{LONG[:60].lower()}.example/", "is_whole": True},
        )
        db.session.add(row)
        db.session.commit()
        return str(row.id)


def _question_of(client: MadeClient) -> str:
    """Return an authorization request that the consent screen answers."""
    parameters = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": URI,
        "scope": " ".join(SCOPES),
        "code_challenge": challenge_for("v" * 43),
        "code_challenge_method": "S256",
    }
    return urlencode(parameters)


def _ids_of(make: Factory, user: MadeUser, client: MadeClient) -> dict[str, str]:
    """Return the ids of what came into being by the way."""
    its = uuid.UUID(client.id)
    queries = {
        "secret_id": select(ClientSecret.id).where(ClientSecret.client_id == its),
        "token_id": select(AccessToken.id).where(AccessToken.client_id == its),
        "consent_id": select(Consent.id).where(
            Consent.user_id == user.id, Consent.client_id == its
        ),
        "session_id": select(UserSession.id).where(UserSession.user_id == user.id),
        "event_id": select(AuditEvent.id).where(AuditEvent.subject_id == its),
    }
    with make.app.app_context():
        found = {name: db.session.scalar(query) for name, query in queries.items()}
        return {name: str(value) for name, value in found.items()}
