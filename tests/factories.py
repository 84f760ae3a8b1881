"""People, apps and roles for tests, made through the services of the product."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from flask import Flask

from app.access import catalogue
from app.access import services as access
from app.access.escalation import UNLIMITED
from app.access.holders import Holder, user_holder
from app.access.models import Permission
from app.accounts import services as accounts
from app.accounts.passwords import hash_password
from app.audit.actor import SERVER
from app.clients.details import ClientDetails
from app.clients.holders import client_holder
from app.clients.registration import register_client
from app.extensions import db

PASSWORD = "correct horse battery staple"
REDIRECT_URI = "https://app.example.com/callback"
_numbers = count(1)


@lru_cache
def _hash_of(password: str) -> str:
    # Hashing is slow by design: each password of the tests is hashed once a worker.
    return hash_password(password)


@dataclass(frozen=True)
class MadeUser:
    """A person, and the password to sign in with."""

    id: uuid.UUID
    email: str
    password: str
    name: str


@dataclass(frozen=True)
class MadeRole:
    """A role and the permissions in it."""

    id: uuid.UUID
    name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True)
class MadeClient:
    """An app by its id, and its first secret if it is confidential."""

    id: str
    secret: str
    name: str


@dataclass(frozen=True)
class Factory:
    """Makes rows in a context of its own and returns plain facts about them.

    What it returns is detached from any session, so that a test sees what a request
    really committed and not what it remembers itself.
    """

    app: Flask

    @contextmanager
    def _committed(self) -> Iterator[None]:
        with self.app.app_context():
            yield
            db.session.commit()

    def user(
        self,
        email: str | None = None,
        *,
        name: str = "",
        password: str = PASSWORD,
        permissions: Iterable[str] = (),
        roles: Iterable[str] = (),
        administrator: bool = False,
    ) -> MadeUser:
        """Make a person; permissions and roles that are missing are made too."""
        email = email or f"person{next(_numbers)}@example.com"
        with self._committed():
            user = accounts.create_user(
                actor=SERVER, email=email, name=name, password=None
            )
            user.password_hash = _hash_of(password)
            db.session.flush()
            held = [*roles, "Administrator"] if administrator else roles
            give(user_holder(user), roles=held, permissions=permissions)
            return MadeUser(user.id, user.email, password, user.name)

    def role(self, name: str, permissions: Iterable[str] = ()) -> MadeRole:
        """Make a role with these permissions."""
        names = tuple(sorted(permissions))
        with self._committed():
            role = catalogue.create_role(
                actor=SERVER,
                powers=UNLIMITED,
                name=name,
                permissions=[_permission(name) for name in names],
            )
            return MadeRole(role.id, role.name, names)

    def permission(
        self,
        name: str,
        *,
        description: str = "",
        group: str = "",
        is_delegable: bool = False,
    ) -> uuid.UUID:
        """Make a permission and return its id."""
        with self._committed():
            return catalogue.create_permission(
                actor=SERVER,
                name=name,
                description=description,
                group=group,
                is_delegable=is_delegable,
            ).id

    def client(
        self,
        name: str = "Invoice Sync",
        *,
        grant_types: Iterable[str] = ("client_credentials",),
        redirect_uris: Iterable[str] | None = None,
        permissions: Iterable[str] = (),
        roles: Iterable[str] = (),
        owner: MadeUser | None = None,
        **details: Any,
    ) -> MadeClient:
        """Register an app; `details` are other fields of ClientDetails.

        With the code grant it has `https://app.example.com/callback` unless told.
        """
        grants = tuple(grant_types)
        if redirect_uris is None:
            is_redirected = "authorization_code" in grants
            redirect_uris = [REDIRECT_URI] if is_redirected else []
        if details.get("scopes") is not None:
            details["scopes"] = tuple(details["scopes"])
        with self._committed():
            registration = register_client(
                actor=SERVER,
                details=ClientDetails(
                    name=name,
                    grant_types=grants,
                    redirect_uris=tuple(redirect_uris),
                    owner_id=owner.id if owner else None,
                    **details,
                ),
            )
            client = registration.client
            give(client_holder(client), roles=roles, permissions=permissions)
            return MadeClient(str(client.id), registration.secret or "", client.name)


def give(
    holder: Holder, *, roles: Iterable[str] = (), permissions: Iterable[str] = ()
) -> None:
    """Give a user or client roles and permissions by name, in the open context."""
    for name in roles:
        role = catalogue.find_role(name) or catalogue.create_role(
            actor=SERVER, powers=UNLIMITED, name=name
        )
        access.assign_role(actor=SERVER, powers=UNLIMITED, holder=holder, role=role)
    for name in permissions:
        access.give_permission(
            actor=SERVER,
            powers=UNLIMITED,
            holder=holder,
            permission=_permission(name),
        )


def _permission(name: str) -> Permission:
    return catalogue.find_permission(name) or catalogue.create_permission(
        actor=SERVER, name=name
    )
