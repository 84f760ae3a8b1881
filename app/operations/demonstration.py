"""Example people and apps for trying the product out; never in production."""

from dataclasses import dataclass, replace

from app.access import catalogue
from app.access import services as access
from app.access.escalation import UNLIMITED
from app.accounts import services as accounts
from app.audit.actor import Actor
from app.builtin import VIEW_USERS
from app.clients.details import ClientDetails
from app.clients.holders import client_holder
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS
from app.clients.registration import register_client
from app.operations.installing import NewPerson, create_person

PEOPLE = (("grace@example.com", "Grace Hopper"), ("alan@example.com", "Alan Turing"))
CALLBACK = "http://127.0.0.1:8765/callback"
#: Each app under the key by which a second run finds it again.
APPS = {
    "demonstration-invoice-sync": ClientDetails(
        name="Invoice Sync (example)",
        description="A service that acts on its own and for people.",
        grant_types=(CLIENT_CREDENTIALS, AUTHORIZATION_CODE),
        redirect_uris=(CALLBACK, "https://invoices.example.com/callback"),
    ),
    "demonstration-pocket-portal": ClientDetails(
        name="Pocket Portal (example)",
        description="A mobile app, which cannot keep a secret.",
        grant_types=(AUTHORIZATION_CODE,),
        redirect_uris=(CALLBACK, "com.example.portal:/callback"),
        is_confidential=False,
    ),
}


@dataclass(frozen=True, kw_only=True)
class NewApp:
    """An app that was registered; `client_secret` is readable here and never again."""

    name: str
    client_id: str
    client_secret: str | None


def add_people(*, actor: Actor) -> list[NewPerson]:
    """Make the example people who are not there yet. Flushes."""
    return [
        create_person(actor=actor, email=email, name=name)
        for email, name in PEOPLE
        if not accounts.find_user_by_email(email)
    ]


def add_apps(*, actor: Actor) -> list[NewApp]:
    """Register the example apps that are not there yet. Flushes.

    One of the example people answers for them. The confidential one may see the
    organisation's people on its own behalf.
    """
    added = []
    owner = accounts.find_user_by_email(PEOPLE[-1][0])
    view_users = catalogue.find_permission(VIEW_USERS)
    for key, details in APPS.items():
        owned = replace(details, owner_id=owner.id if owner else None)
        done = register_client(actor=actor, details=owned, idempotency_key=key)
        if done.is_repeat:
            continue
        if done.secret and view_users:
            access.give_permission(
                actor=actor,
                powers=UNLIMITED,
                holder=client_holder(done.client),
                permission=view_users,
            )
        added.append(
            NewApp(
                name=done.client.name,
                client_id=str(done.client.id),
                client_secret=done.secret,
            )
        )
    return added
